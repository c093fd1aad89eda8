using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Actors.Protocol.Records;
using Xunit;
using Xunit.Abstractions;

namespace Actors.Node.Tests;

/// <summary>
/// What no client should send, to a node as its user starts it: it does not end, its memory is what it was, and those who behave notice nothing.
/// 10,000 frames, a million under ACTORS_LONG=1; the seed is printed, ACTORS_SEED repeats it.
/// </summary>
public sealed class HostileFramesSpec(ITestOutputHelper output)
{
    private const int Senders = 4;
    private const int PerConnection = 25;
    private const double FramesPerMillisecond = 2.5;
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(60);

    private static int Frames => Environment.GetEnvironmentVariable("ACTORS_LONG") is not null ? 1_000_000 : 10_000;

    [Fact]
    public void Mutated_frames_of_every_API_hurt_nobody()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("ACTORS_SEED"), out var given) ? given : Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        using var node = NodeUnderTest.Start("--config", Config());
        using var bystander = new Bystander(node);
        var frames = Corpus(node);
        // Real frames and mutated ones in turn: what else the machine does slows those who look on in both alike.
        var rounds = Math.Max(4, Frames / 2_500);
        var warm = Math.Max(3, rounds / 4);
        var resident = 0.0;
        for (var round = 0; round < rounds; round++)
        {
            var chunk = Frames / rounds;
            bystander.During("real", () => Send(node, chunk, seed + (round * 2), frames.Real));
            bystander.During("mutated", () => Send(node, chunk, seed + (round * 2) + 1, frames.Mutated));
            DeleteTopics(node);
            if (round + 1 == warm)
                resident = Metric(node, "process_resident_memory_bytes");
        }
        Polling.Until(() => Metric(node, "actors_in_flight_bytes"), bytes => bytes < 10_000, 30, "no request is worked on");
        Healthy(node);
        bystander.NotSlowed("real", "mutated", output);
        var after = Metric(node, "process_resident_memory_bytes");
        output.WriteLine($"{Frames} mutated frames of {frames.Apis} APIs; resident {resident / 1e6:F0} MB after {100 * warm / rounds}% of them, {after / 1e6:F0} MB after all");
        Assert.True(after < resident * 1.1, $"resident memory was {resident / 1e6:F0} MB after {100 * warm / rounds}% of the frames and is {after / 1e6:F0} MB after all of them");
        Assert.Equal(0, node.Terminate());
    }

    [Fact]
    public void A_length_that_cannot_be_closes_the_connection_at_once()
    {
        using var node = NodeUnderTest.Start();
        foreach (var hex in (string[])["7FFFFFFF", "7FFFFFFF0003000C00000001", "FFFFFFFF", "80000000", "00000000", "0000000100"])
        {
            using var client = new WireClient(node.Kafka);
            client.Socket.Send(Convert.FromHexString(hex));
            Assert.True(client.ReadFrame() is null, $"{hex} was answered");
        }
        Healthy(node);
    }

    [Fact]
    public void Slow_senders_slow_readers_and_2000_idle_connections_hurt_nobody()
    {
        using var node = NodeUnderTest.Start("--config", Config());
        using var bystander = new Bystander(node);
        var fetch = new FetchRequest { MaxBytes = 2 << 20, MaxWaitMs = 0 };
        fetch.Topics.Add(new FetchRequest.FetchTopic { Topic = HostileFrames.Topic, Partitions = [new() { Partition = 0, PartitionMaxBytes = 2 << 20 }] });
        using (var producer = new WireClient(node.Kafka))
        {
            producer.CreateTopic(HostileFrames.Topic);
            for (var i = 0; i < 20; i++)
                Assert.Equal(0, producer.Produce(HostileFrames.Topic, Batch(500_000)).ErrorCode);
        }
        // Some first, for the pools, the code and the heap to come into being: the collector keeps what was needed once, and reaches its level after three of them.
        for (var crowds = 0; crowds < 4; crowds++)
        {
            Crowd(node, fetch, () => { });
            Quiet(node);
        }
        var before = Metric(node, "process_resident_memory_bytes");
        bystander.During("calm", () => Thread.Sleep(2_000));
        Crowd(node, fetch, () => bystander.During("crowd", () => Thread.Sleep(2_000)));
        Quiet(node);
        var after = Metric(node, "process_resident_memory_bytes");
        output.WriteLine($"resident {before / 1e6:F0} MB before, {after / 1e6:F0} MB after");
        Assert.True(after < before * 1.1, $"resident memory was {before / 1e6:F0} MB before and is {after / 1e6:F0} MB after");
        bystander.NotSlowed("calm", "crowd", output);
        Healthy(node);
        Assert.Equal(0, node.Terminate());
    }

    /// <summary>2,000 connections that say nothing, 50 that send a request a byte at a time, 20 that ask for two megabytes five times and read none of it.</summary>
    private static void Crowd(NodeUnderTest node, FetchRequest fetch, Action meanwhile)
    {
        var connections = new ConcurrentBag<WireClient>();
        using var stop = new CancellationTokenSource();
        try
        {
            for (var i = 0; i < 2_000; i++)
                connections.Add(new WireClient(node.Kafka));
            var dripping = Enumerable.Range(0, 50).Select(_ => new WireClient(node.Kafka)).ToList();
            dripping.ForEach(connections.Add);
            for (var i = 0; i < 20; i++)
            {
                var deaf = new WireClient(node.Kafka, receiveBuffer: 4096);
                connections.Add(deaf);
                for (var requests = 0; requests < 5; requests++)
                    deaf.Socket.Send(WireClient.Frame(fetch, 11));
            }
            var drip = Task.Run(() =>
            {
                var frame = WireClient.Frame(new MetadataRequest { Topics = [] }, 9);
                for (var at = 0; at < frame.Length && !stop.IsCancellationRequested; at++, Thread.Sleep(50))
                    foreach (var client in dripping)
                        client.Socket.Send(frame.AsSpan(at, 1));
            });
            Polling.Until(() => Metric(node, "actors_connections"), open => open >= 2_070, 30, "all connections are open");
            meanwhile();
            stop.Cancel();
            drip.Wait();
        }
        finally
        {
            foreach (var client in connections)
                client.Dispose();
        }
    }

    /// <summary>Only those who look on and the node's own clients are connected, and nothing is worked on.</summary>
    private static void Quiet(NodeUnderTest node)
    {
        Polling.Until(() => Metric(node, "actors_connections"), open => open < 30, 30, "the connections are gone");
        Polling.Until(() => Metric(node, "actors_in_flight_bytes"), bytes => bytes < 10_000, 30, "no request is worked on");
    }

    private HostileFrames Corpus(NodeUnderTest node)
    {
        using var client = new WireClient(node.Kafka);
        client.CreateTopic(HostileFrames.Topic);
        Assert.Equal(0, client.Produce(HostileFrames.Topic, Batch(100)).ErrorCode);
        var served = client.Ask<ApiVersionsResponse>(new ApiVersionsRequest { ClientSoftwareName = "wire", ClientSoftwareVersion = "1" }, 3).ApiKeys;
        var frames = new HostileFrames(served);
        Assert.Equal(served.Count, frames.Apis);
        return frames;
    }

    /// <summary>At a steady pace that leaves the node time: how a busy one treats others is not the question here.</summary>
    private static void Send(NodeUnderTest node, int count, int seed, Func<Random, byte[]> next)
    {
        var senders = Enumerable.Range(0, Senders).Select(sender => Task.Factory.StartNew(() =>
        {
            var random = new Random((seed * 31) + sender);
            var watch = Stopwatch.StartNew();
            for (var sent = 0; sent < count / Senders; sent += PerConnection)
            {
                if (sent / FramesPerMillisecond * Senders - watch.ElapsedMilliseconds is > 0 and var early)
                    Thread.Sleep((int)early);
                SendOnOne(node, PerConnection, () => next(random));
            }
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        Task.WaitAll(senders);
    }

    /// <summary>All frames, then no more; what is answered is read until the node closes the connection, as it does at the first frame that is none.</summary>
    private static void SendOnOne(NodeUnderTest node, int count, Func<byte[]> next)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = (int)AnswersWithin.TotalMilliseconds };
        socket.Connect(IPEndPoint.Parse(node.Kafka));
        try
        {
            for (var i = 0; i < count; i++)
                socket.Send(next());
            socket.Shutdown(SocketShutdown.Send);
            var buffer = new byte[64 * 1024];
            while (socket.Receive(buffer) > 0)
            {
            }
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown or SocketError.ConnectionAborted or SocketError.NotConnected)
        {
            // Closed while frames were still on their way.
        }
    }

    /// <summary>Those that a mutated frame made by chance.</summary>
    private static void DeleteTopics(NodeUnderTest node)
    {
        using var client = new WireClient(node.Kafka);
        var made = client.Ask<MetadataResponse>(new MetadataRequest { Topics = null }, 9).Topics
            .Where(topic => topic.Name is not (HostileFrames.Topic or Bystander.Topic) && !topic.IsInternal).Select(topic => topic.Name!).ToList();
        if (made.Count > 0)
            client.Ask<DeleteTopicsResponse>(new DeleteTopicsRequest { TopicNames = made, TimeoutMs = 10_000 }, 5);
    }

    private static void Healthy(NodeUnderTest node)
    {
        Assert.False(node.Process.HasExited, node.Output);
        using var http = new HttpClient { BaseAddress = node.Http };
        Assert.Contains("\"up\"", http.GetStringAsync("health").Result, StringComparison.Ordinal);
        var errors = node.Output.Split('\n').Where(line => line.Contains("[ERROR]", StringComparison.Ordinal) || line.Contains("   at ", StringComparison.Ordinal)).Take(20).ToList();
        Assert.True(errors.Count == 0, string.Join('\n', errors));
    }

    private static double Metric(NodeUnderTest node, string name)
    {
        using var http = new HttpClient { BaseAddress = node.Http };
        var line = http.GetStringAsync("metrics").Result.Split('\n').First(line => line.StartsWith(name + " ", StringComparison.Ordinal));
        return double.Parse(line[(name.Length + 1)..], CultureInfo.InvariantCulture);
    }

    private static string Config()
    {
        var file = Path.Combine(AppContext.BaseDirectory, "hostile.conf");
        File.WriteAllText(file, "actors.groups.offsets-topic-partitions = 2\n");
        return file;
    }

    private static byte[] Batch(int valueBytes)
    {
        using var builder = new RecordBatchBuilder(Compression.None);
        builder.Append(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), (byte[]?)null, new byte[valueBytes]);
        return builder.Build();
    }

    /// <summary>Clients that fetch a record every few milliseconds, and how long each answer took.</summary>
    private sealed class Bystander : IDisposable
    {
        public const string Topic = "bystander";
        private const int Clients = 4;

        // Less than this is the machine's own doing: a collection, another process's turn.
        private const double UnnoticedMs = 50;
        private readonly List<WireClient> _clients;
        private readonly Dictionary<string, List<double>> _waits = [];

        public Bystander(NodeUnderTest node)
        {
            _clients = [.. Enumerable.Range(0, Clients).Select(_ => new WireClient(node.Kafka))];
            _clients[0].CreateTopic(Topic);
            Assert.Equal(0, _clients[0].Produce(Topic, Batch(100)).ErrorCode);
        }

        public void During(string what, Action action)
        {
            if (!_waits.TryGetValue(what, out var waits))
                _waits.Add(what, waits = []);
            var running = Start(action);
            var looking = _clients.Select(client => Start(() => LookOn(client, running, waits))).ToArray();
            Task.WaitAll([running, .. looking]);
        }

        private static Task Start(Action action) => Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        private static void LookOn(WireClient client, Task running, List<double> waits)
        {
            while (!running.IsCompleted)
            {
                var watch = Stopwatch.StartNew();
                var fetched = client.Fetch(Topic, 0);
                lock (waits)
                    waits.Add(watch.Elapsed.TotalMilliseconds);
                Assert.Equal((0, 1L), (fetched.ErrorCode, fetched.HighWatermark));
                Thread.Sleep(5);
            }
        }

        public void NotSlowed(string by, string than, ITestOutputHelper output)
        {
            var (usual, slowed) = (Percentile(_waits[by], 0.99), Percentile(_waits[than], 0.99));
            output.WriteLine($"a bystander's p99: {usual:F1} ms of {_waits[by].Count} during {by}, {slowed:F1} ms of {_waits[than].Count} during {than}");
            Assert.True(slowed <= Math.Max(usual * 2, UnnoticedMs), $"a bystander's p99 is {usual:F1} ms during {by} and {slowed:F1} ms during {than}");
        }

        public void Dispose() => _clients.ForEach(client => client.Dispose());

        private static double Percentile(List<double> values, double part) => values.Order().ElementAt((int)(values.Count * part));
    }
}
