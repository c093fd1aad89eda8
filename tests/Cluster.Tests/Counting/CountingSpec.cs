using Actors.Client;
using Actors.Node.Tests;
using Xunit;
using Xunit.Sdk;

namespace Actors.Cluster.Tests;

/// <summary>The counting that the cluster's specifications stand on, at a node alone: it agrees with a log that is right, and sees what is wrong.</summary>
public sealed class CountingSpec
{
    [ToolFact("/usr/bin/python3", "/usr/lib/python3/dist-packages/confluent_kafka", "kcat")]
    public async Task What_was_acknowledged_is_held_against_the_log()
    {
        using var node = NodeUnderTest.Start();
        await using var client = new ClusterClient(new ClusterOptions { BootstrapServers = node.Kafka });
        await using var admin = new Admin(client);
        await admin.CreateTopicAsync(new NewTopic(ThreeNodes.Topic, ThreeNodes.Partitions));
        using var producer = new CountingProducer(node.Kafka, ThreeNodes.Topic, ThreeNodes.Partitions, "alone", 4000);
        node.AwaitRecordsIn(ThreeNodes.Topic, 3_000);
        node.Kill();
        node.StartAgain();
        node.AwaitRecordsIn(ThreeNodes.Topic, 3_000);
        var (records, failures) = producer.Stop();
        Assert.Empty(failures);
        Assert.True(records.Count > 4000, $"only {records.Count} were acknowledged");
        Assert.Equal(ThreeNodes.Partitions, records.Select(record => record.Partition).Distinct().Count());
        Assert.All(records, record => Assert.InRange(record.AcknowledgedMs - record.CreatedMs, 0, 60_000));
        var acknowledged = new AcknowledgedRecords();
        acknowledged.Add(records);
        Assert.Throws<TrueException>(() => acknowledged.Add([records[^1]]));
        Assert.True(acknowledged.AssertAllIn(node.Kafka, ThreeNodes.Topic) >= records.Count);
        Assert.Equal(Enumerable.Repeat<int?>(1, ThreeNodes.Partitions), ThreeNodes.Leaders(node.Kafka)!.Values);

        var beyond = new AcknowledgedRecords();
        beyond.Add([records[^1] with { Offset = 1_000_000 }]);
        Assert.Contains("there is nothing", Assert.Throws<TrueException>(() => beyond.AssertAllIn(node.Kafka, ThreeNodes.Topic)).Message);
        await using var again = new Producer(client);
        await again.SendAsync(new ProducerRecord(ThreeNodes.Topic, null, System.Text.Encoding.ASCII.GetBytes(records[0].Value), Partition: 3));
        Assert.Contains("2 times", Assert.Throws<TrueException>(() => acknowledged.AssertAllIn(node.Kafka, ThreeNodes.Topic)).Message);
        await again.SendAsync(new ProducerRecord(ThreeNodes.Topic, null, System.Text.Encoding.ASCII.GetBytes(StaleClient.Value), Partition: 3));
        Assert.Contains("had been replaced", Assert.Throws<AllException>(() => acknowledged.AssertAllIn(node.Kafka, ThreeNodes.Topic)).Message);
    }

    [Fact]
    public async Task A_wire_is_cut_by_refusal_and_by_silence()
    {
        using var server = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        server.Start();
        using var wire = new TcpProxy { Target = (System.Net.IPEndPoint)server.LocalEndpoint };
        using var client = new System.Net.Sockets.TcpClient("127.0.0.1", wire.Port);
        using var accepted = await server.AcceptTcpClientAsync();
        var buffer = new byte[4];
        await client.GetStream().WriteAsync("one\n"u8.ToArray());
        await accepted.GetStream().ReadExactlyAsync(buffer);
        wire.Silence();
        await client.GetStream().WriteAsync("two\n"u8.ToArray());
        var late = accepted.GetStream().ReadExactlyAsync(buffer).AsTask();
        await Task.Delay(300);
        Assert.False(late.IsCompleted, "it passed a silent wire");
        wire.Mend();
        await late.WaitAsync(TimeSpan.FromSeconds(5));
        Assert.Equal("two\n"u8.ToArray(), buffer);
        wire.Refuse();
        Assert.Equal(0, await EndAsync(client.GetStream(), buffer));
        await Assert.ThrowsAsync<System.Net.Sockets.SocketException>(async () => await new System.Net.Sockets.TcpClient().ConnectAsync("127.0.0.1", wire.Port));
        wire.Mend();
        using var second = new System.Net.Sockets.TcpClient("127.0.0.1", wire.Port);
        using var acceptedToo = await server.AcceptTcpClientAsync().WaitAsync(TimeSpan.FromSeconds(5));
    }

    private static async Task<int> EndAsync(Stream stream, byte[] buffer)
    {
        try
        {
            return await stream.ReadAsync(buffer);
        }
        catch (IOException)
        {
            return 0; // Reset rather than closed.
        }
    }
}
