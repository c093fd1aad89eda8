using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Xunit;
using Xunit.Abstractions;

namespace Actors.Node.Tests;

/// <summary>
/// What no client should send, to a node as its user starts it: it does not end, its memory is what it was, and those who behave notice nothing: the p99 of their fetches is at
/// most twice what it is among real frames at the same pace, or below 50 ms, which is the machine's own doing. Memory is compared, to a tenth, with what it was once the caches
/// were full; what it was before the first frame, and the p99 while nothing else comes, are printed.
/// 10,000 frames, a million under ACTORS_LONG=1; the seed is printed, ACTORS_SEED repeats it.
/// </summary>
public sealed class HostileFramesSpec(ITestOutputHelper output)
{
    private const int Senders = 4;
    private const int PerConnection = 25;
    private const double FramesPerMillisecond = 5;

    // Full long before the first look at what is held.
    private const string SmallCaches = "actors.broker.fetch-session-slots = 50\nactors.broker.cache-bytes-per-partition = 16KiB\n";
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(60);

    private static int Frames => Environment.GetEnvironmentVariable("ACTORS_LONG") is not null ? 1_000_000 : 10_000;

    [Fact]
    public void Mutated_frames_of_every_API_hurt_nobody()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("ACTORS_SEED"), out var given) ? given : Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        using var node = NodeUnderTest.Start("--config", Config(SmallCaches));
        using var bystander = new Bystander(node);
        var frames = Corpus(node);
        var first = Held.By(node);
        bystander.During("calm", () => Thread.Sleep(2_000));
        // Real frames and mutated ones in turn: what else the machine does slows those who look on in both alike.
        var rounds = Math.Max(4, Frames / 2_500);
        var (mutated, real) = (Frames / rounds, Math.Max(Frames / rounds / 4, 10_000 / rounds));
        var warm = Math.Max(3, rounds / 4);
        var before = default(Held);
        for (var round = 0; round < rounds; round++)
        {
            bystander.During("real", () => Send(node, real, seed + (round * 2), frames.Real));
            bystander.During("mutated", () => Send(node, mutated, seed + (round * 2) + 1, frames.Mutated));
            RemoveWhatWasMade(node);
            if (round + 1 == warm)
                before = Held.By(node);
        }
        Healthy(node);
        output.WriteLine(bystander.P99("calm"));
        bystander.NotSlowed("real", "mutated", output);
        var after = Held.By(node);
        var story = $"{first} before the first frame, {before} after {100 * warm / rounds}% of {Frames} mutated frames, {after} after all of them";
        output.WriteLine($"{frames.Apis} APIs; {story}");
        Assert.True(after.Resident < before.Resident * 1.1, story);
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
                Assert.Equal(0, producer.Produce(HostileFrames.Topic, WireClient.Batch(500_000)).ErrorCode);
        }
        // Some first, for the pools, the code and the heap to come into being: the collector keeps what was needed once, and reaches its level after three of them.
        for (var crowds = 0; crowds < 4; crowds++)
        {
            Crowd(node, fetch, () => { });
            Quiet(node);
        }
        var before = node.Metric("process_resident_memory_bytes");
        bystander.During("calm", () => Thread.Sleep(2_000));
        Crowd(node, fetch, () => bystander.During("crowd", () => Thread.Sleep(2_000)));
        Quiet(node);
        var after = node.Metric("process_resident_memory_bytes");
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
            Polling.Until(() => node.Metric("actors_connections"), open => open >= 2_070, 30, "all connections are open");
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
        Polling.Until(() => node.Metric("actors_connections"), open => open < 30, 30, "the connections are gone");
        Polling.Until(() => node.Metric("actors_in_flight_bytes"), bytes => bytes < 10_000, 30, "no request is worked on");
    }

    private HostileFrames Corpus(NodeUnderTest node)
    {
        using var client = new WireClient(node.Kafka);
        client.CreateTopic(HostileFrames.Topic);
        Assert.Equal(0, client.Produce(HostileFrames.Topic, WireClient.Batch(100)).ErrorCode);
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

    /// <summary>Topics and groups that a mutated frame made by chance, and the records that real ones appended: a node may hold those as long as they are there.</summary>
    private static void RemoveWhatWasMade(NodeUnderTest node)
    {
        using var client = new WireClient(node.Kafka);
        var made = client.Ask<MetadataResponse>(new MetadataRequest { Topics = null }, 9).Topics
            .Where(topic => topic.Name is not (HostileFrames.Topic or Bystander.Topic) && !topic.IsInternal).Select(topic => topic.Name!).ToList();
        if (made.Count > 0)
            client.Ask<DeleteTopicsResponse>(new DeleteTopicsRequest { TopicNames = made, TimeoutMs = 10_000 }, 5);
        var groups = client.Ask<ListGroupsResponse>(new ListGroupsRequest { StatesFilter = ["Empty"] }, 4).Groups.Select(group => group.GroupId).ToList();
        if (groups.Count > 0)
            client.Ask<DeleteGroupsResponse>(new DeleteGroupsRequest { GroupsNames = groups }, 2);
        var delete = new DeleteRecordsRequest { TimeoutMs = 10_000 };
        delete.Topics.Add(new DeleteRecordsRequest.DeleteRecordsTopic { Name = HostileFrames.Topic, Partitions = [new() { PartitionIndex = 0, Offset = -1 }] });
        Assert.Equal(0, client.Ask<DeleteRecordsResponse>(delete, 2).Topics[0].Partitions[0].ErrorCode);
    }

    private static void Healthy(NodeUnderTest node)
    {
        Assert.False(node.Process.HasExited, node.Output);
        using var http = new HttpClient { BaseAddress = node.Http };
        Assert.Contains("\"up\"", http.GetStringAsync("health").Result, StringComparison.Ordinal);
        var errors = node.Output.Split('\n').Where(line => line.Contains("[ERROR]", StringComparison.Ordinal) || line.Contains("   at ", StringComparison.Ordinal)).Take(20).ToList();
        Assert.True(errors.Count == 0, string.Join('\n', errors));
    }

    private static string Config(string more = "")
    {
        var file = Path.Combine(AppContext.BaseDirectory, "hostile.conf");
        File.WriteAllText(file, "actors.groups.offsets-topic-partitions = 2\n" + more);
        return file;
    }

    /// <summary>What a node holds on to, in bytes, once nothing is worked on and the collector has done all it can: a single look sees a third more or less, by how long ago it last did.</summary>
    private readonly record struct Held(double Resident, double Heap)
    {
        public static Held By(NodeUnderTest node)
        {
            Polling.Until(() => node.Metric("actors_in_flight_bytes"), bytes => bytes < 10_000, 30, "no request is worked on");
            // The collector gives memory back in steps, one at each collection.
            for (var collections = 0; collections < 3; collections++)
                FullCollection.Of(node);
            return new Held(node.Metric("process_resident_memory_bytes"), node.Metric("dotnet_gc_last_collection_heap_size_bytes"));
        }

        public override string ToString() => $"{Resident / 1e6:F0} MB resident, {Heap / 1e6:F1} MB of it on the heap,";
    }
}
