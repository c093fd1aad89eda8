using System.Reflection;
using Actors.Client;
using Actors.Node.Logs;
using Actors.Protocol.Records;
using Actors.Topology.Runtime;
using Akka.Actor;

namespace Actors.Node.Demo;

/// <summary><c>--demo</c>: produces commercials, deploys the topology that counts them, shows its results.</summary>
internal static class CommercialsDemo
{
    private const string Topology = "commercials";

    /// <summary>Runs until cancelled. Where the broker refuses it says so on standard error; the node goes on without it.</summary>
    public static async Task RunAsync(ClusterClient cluster, TopologyDeployments deployments, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            await using var admin = new Admin(cluster);
            await admin.EnsureTopicAsync(new NewTopic(CommercialsProducer.Topic), stop.Token);
            var deployed = await deployments.PutAsync(Topology, Text(), $"hocon/topologies/{Topology}.conf", stop.Token);
            if (deployed.Outcome == PutOutcome.Invalid)
                throw new InvalidOperationException(string.Join('\n', deployed.Errors));
            if (deployed.Outcome == PutOutcome.Conflict)
                await NodeLog.WarningAsync($"another text is deployed as topology {Topology} and stays");
            var results = new CommercialsResults();
            Task[] parts =
            [
                CommercialsProducer.RunAsync(cluster, Random.Shared, stop.Token),
                ReadAsync(cluster, admin, results, stop.Token),
                Console.IsOutputRedirected ? PlainScreen.RunAsync(results, stop.Token) : TableScreen.RunAsync(results, stop.Token),
            ];
            // The first to end, by an error or because all shall, ends the others.
            await Task.WhenAny(parts);
            await stop.CancelAsync();
            await Task.WhenAll(parts);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The node stops.
        }
        catch (KafkaException e)
        {
            await NodeLog.WarningAsync($"the demo has ended: {e.Message}");
        }
        catch (AskTimeoutException)
        {
            await NodeLog.WarningAsync("the demo has ended: the topologies' actor did not answer in time");
        }
    }

    private static async Task ReadAsync(ClusterClient cluster, Admin admin, CommercialsResults results, CancellationToken stop)
    {
        await using var fetcher = new Fetcher(cluster);
        foreach (var topic in (string[])[CommercialsResults.PerBrand, CommercialsResults.PerBrandWindowed])
        {
            await admin.EnsureTopicAsync(new NewTopic(topic), stop);
            foreach (var partition in (await admin.DescribeTopicAsync(topic, stop)).Partitions)
                fetcher.Assign(new TopicPartition(topic, partition.Index), LogicalOffset.Earliest);
        }
        while (true)
        {
            var chunk = await fetcher.ReadAsync(stop);
            foreach (var batch in chunk.Batches)
                Take(batch.Bytes, chunk, results);
        }
    }

    private static void Take(ReadOnlyMemory<byte> batch, FetchedChunk chunk, CommercialsResults results)
    {
        using var records = new RecordBatchReader(batch);
        foreach (var record in records)
            if (record.Offset >= chunk.Offset && record.Value is { } value)
                results.Take(chunk.Partition.Topic, value);
    }

    private static string Text()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"hocon/topologies/{Topology}.conf")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
