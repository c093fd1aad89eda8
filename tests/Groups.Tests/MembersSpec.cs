using System.Diagnostics;
using Actors.Client;
using Actors.Node.Tests;
using Xunit;
using Xunit.Abstractions;

namespace Actors.Groups.Tests;

/// <summary>One to six members of each client over twelve partitions: they join, leave, crash and come back, and the partitions are always soon where they belong.</summary>
public sealed class MembersSpec : IClassFixture<NodeWithTopic>, IDisposable
{
    private const int Partitions = NodeWithTopic.Partitions;
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("ACTORS_LONG") == "1";

    /// <summary>With clients' own default it takes three seconds until a new member's first heartbeat: too long for every run.</summary>
    private static readonly int HeartbeatMs = IsLong ? 3000 : 500;

    private static readonly TimeSpan Goal = TimeSpan.FromMilliseconds(200);

    private readonly ITestOutputHelper _output;
    private readonly NodeUnderTest _node;
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly List<Member> _members = [];
    private readonly LiveEvents _events;
    private readonly string _group = $"group-{Guid.NewGuid():N}";
    private int _told;

    public MembersSpec(NodeWithTopic fixture, ITestOutputHelper output)
    {
        (_node, _output) = (fixture.Node, output);
        _events = new LiveEvents(_node.Http);
    }

    public void Dispose()
    {
        foreach (var member in _members)
            member.Dispose();
        _events.Dispose();
    }

    [ClientFact("librdkafka")]
    public void Librdkafka_with_range_settles_at_once()
    {
        var (joins, leaves) = ComeAndGo("librdkafka", "range", 6);
        Assert.True(Median(joins) <= Goal, $"joins: {Shown(joins)}");
        Assert.True(Median(leaves) <= Goal, $"leaves: {Shown(leaves)}");
    }

    [ClientFact("librdkafka")]
    public async Task Librdkafka_with_cooperative_sticky_stops_no_partition_that_stays()
    {
        using var producing = new CancellationTokenSource();
        var producer = ProduceAsync(producing.Token);
        var first = Start("librdkafka", "cooperative-sticky");
        Settled("the first member");
        Thread.Sleep(HeartbeatMs + 100);
        Start("librdkafka", "cooperative-sticky");
        var second = SettledWithoutStops("the second member");
        Thread.Sleep(HeartbeatMs + 100);
        var third = Start("librdkafka", "cooperative-sticky");
        var joined = SettledWithoutStops("the third member");
        Thread.Sleep(HeartbeatMs + 100);
        third.Leave();
        _members.Remove(third);
        var left = SettledWithoutStops("the third member's leaving");
        _output.WriteLine($"librdkafka, cooperative-sticky: joins {Shown([second, joined])}, two rebalances each, of which a new member joins the second only a second after the first; leave {Shown([left])}");
        var pauses = first.LeaveAndTellPauses();
        producing.Cancel();
        _output.WriteLine($"longest pauses of partitions that stayed with the first member: {string.Join(", ", pauses.Select(p => $"{p.Key}: {p.Value.TotalMilliseconds} ms"))}");
        Assert.NotEmpty(pauses);
        var longest = await producer.WaitAsync(TimeSpan.FromSeconds(10));
        _output.WriteLine($"longest wait of the producer: {longest.TotalMilliseconds} ms");
        // Where there was nothing to read for a while the machine stood still, not the partition.
        Assert.All(pauses, pause => Assert.True(pause.Value < TimeSpan.FromSeconds(1) + longest, $"partition {pause.Key} stood still for {pause.Value}, the producer for {longest}"));
        third.Dispose();
    }

    [ClientFact("librdkafka")]
    public void Librdkafka_with_cooperative_sticky_settles() => ComeAndGo("librdkafka", "cooperative-sticky", 6);

    [ClientFact("kafka-python")]
    public void Kafka_python_with_range_settles() => ComeAndGo("kafka-python", "range", 3);

    [ClientFact("kafkajs")]
    public void KafkaJS_with_round_robin_settles() => ComeAndGo("kafkajs", "roundrobin", 6);

    [ClientFact("librdkafka")]
    public void A_member_that_crashes_is_replaced_when_its_session_ends()
    {
        for (var i = 0; i < 2; i++)
        {
            Start("librdkafka", "range");
            Settled($"member {i}");
        }
        _members[0].Crash();
        _members.RemoveAt(0);
        var crashed = Stopwatch.StartNew();
        Settled("the crash");
        Assert.InRange(crashed.Elapsed, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(9));
    }

    [ClientFact("librdkafka")]
    public async Task A_static_member_that_restarts_changes_nothing_for_the_others()
    {
        for (var i = 0; i < 3; i++)
            Start("librdkafka", "range", $"instance-{i}");
        Settled("three static members");
        Thread.Sleep(HeartbeatMs + 100);
        var generation = await GenerationAsync();
        var (restarted, other) = (_members[1].Owned, _members[0].History.Count);
        _members[1].Crash();
        _members[1] = new Member(_watch, "librdkafka", _node.Kafka, "work", _group, "again", "range", HeartbeatMs, "instance-1");
        Settled("the restart");
        Assert.Equal(restarted, _members[1].Owned);
        Assert.Equal(other, _members[0].History.Count);
        Assert.Equal(generation, await GenerationAsync());
    }

    [ClientFact("librdkafka")]
    public void Of_two_members_with_one_instance_id_the_older_is_fenced()
    {
        var first = Start("librdkafka", "range", "one");
        Settled("the first");
        Start("librdkafka", "range", "one");
        Polling.Until(() => first.Lines, lines => lines.Any(line => line.Contains("_FATAL") || line.Contains("FENCED_INSTANCE_ID")), 15, "the first to be fenced");
        _members.Remove(first);
        Settled("the second");
        first.Dispose();
    }

    [ClientFact("librdkafka")]
    public void A_member_with_no_strategy_in_common_is_refused()
    {
        Start("librdkafka", "range");
        Settled("the first");
        using var second = new Member(_watch, "librdkafka", _node.Kafka, "work", _group, "other", "roundrobin", HeartbeatMs);
        Polling.Until(() => second.Lines, lines => lines.Any(line => line.Contains("INCONSISTENT_GROUP_PROTOCOL")), 15, "the second to be refused");
        Assert.Equal(Partitions, _members[0].Owned.Count);
    }

    [ClientFact("librdkafka")]
    public void Fifty_members_that_join_at_once_settle()
    {
        var took = Tool.Run("/usr/bin/python3", [Path.Combine(Clients.Folder, "crowd.py"), _node.Kafka, "work", $"{Partitions}", _group, "50", "40"], seconds: 60).Succeeded();
        _output.WriteLine($"50 members settled within {took.Text.Trim()} ms");
        Assert.DoesNotContain("error", took.Error);
    }

    [ClientFact("kafka-python")]
    public void Offsets_and_their_metadata_survive_a_kill()
    {
        using var fixture = new NodeWithTopic();
        var node = fixture.Node;
        var script = Path.Combine(Clients.Folder, "commits.py");
        Tool.Run("/usr/bin/python3", [script, "write", node.Kafka, "work", _group]).Succeeded();
        node.Kill();
        node.StartAgain();
        var read = Tool.Run("/usr/bin/python3", [script, "read", node.Kafka, "work", _group]).Succeeded().Lines;
        Assert.Equal(Enumerable.Range(0, Partitions).Select(p => $"{p} {100 + p} position {p} ☂"), read);
    }

    private (List<TimeSpan> Joins, List<TimeSpan> Leaves) ComeAndGo(string client, string strategy, int most)
    {
        var (joins, leaves) = (new List<TimeSpan>(), new List<TimeSpan>());
        for (var i = 0; i < most; i++)
        {
            Start(client, strategy);
            var took = Settled($"join {i + 1}");
            // The first one has no peers to wait for.
            if (i > 0)
                joins.Add(took);
            Thread.Sleep(HeartbeatMs + 100);
        }
        while (_members.Count > 1)
        {
            var leaving = _members[0];
            _members.RemoveAt(0);
            leaving.Leave();
            leaves.Add(Settled($"leave to {_members.Count}"));
            leaving.Dispose();
            Thread.Sleep(HeartbeatMs + 100);
        }
        _output.WriteLine($"{client}, {strategy}, heartbeats every {HeartbeatMs} ms: joins {Shown(joins)}; leaves {Shown(leaves)}");
        return (joins, leaves);
    }

    private Member Start(string client, string strategy, string? instance = null)
    {
        var member = new Member(_watch, client, _node.Kafka, "work", _group, $"{client}-{_members.Count}", strategy, HeartbeatMs, instance);
        _members.Add(member);
        return member;
    }

    /// <summary>Waits until each partition has one owner and all members have their share; how long the group took: from who came or went first to the last assignment.</summary>
    private TimeSpan Settled(string what)
    {
        Polling.Until(() => string.Join("  ", _members), _ => IsSettled(), 20, what);
        var happened = Polling.Until(() => _events.All.Where(e => e.IsOf(_group)).Skip(_told).ToList(), told => Moved(told) >= 0 && Assigned(told) > Moved(told), 5, $"{what}, in /events");
        _told += happened.Count;
        return happened[Assigned(happened)].At - happened[Moved(happened)].At;

        static int Moved(List<LiveEvent> told) => told.FindIndex(e => e.Name is "member-joined" or "member-left");

        static int Assigned(List<LiveEvent> told) => told.FindLastIndex(e => e.Name == "assignment");
    }

    private bool IsSettled()
    {
        var owned = _members.ConvertAll(member => member.Owned);
        return owned.Sum(partitions => partitions.Count) == Partitions && owned.SelectMany(partitions => partitions).Distinct().Count() == Partitions
            && owned.Max(partitions => partitions.Count) - owned.Min(partitions => partitions.Count) <= 1;
    }

    /// <summary>A cooperative member has at every moment of a rebalance what it had before and has again after.</summary>
    private TimeSpan SettledWithoutStops(string what)
    {
        var before = _members.ToDictionary(member => member, member => Math.Max(0, member.History.Count - 1));
        var took = Settled(what);
        foreach (var member in _members)
        {
            var history = member.History.Skip(before[member]).Select(owned => owned.Partitions).ToList();
            var kept = history[0].Intersect(history[^1]);
            Assert.All(history, owned => Assert.True(owned.IsSupersetOf(kept), $"{what}: {member.Name} had {string.Join(" | ", history.Select(p => string.Join(',', p)))}"));
        }
        return took;
    }

    private async Task<int> GenerationAsync()
    {
        using var http = new HttpClient { BaseAddress = _node.Http };
        using var group = System.Text.Json.JsonDocument.Parse(await http.GetStringAsync($"groups/{_group}"));
        return group.RootElement.GetProperty("generation").GetInt32();
    }

    /// <returns>The longest time between two rounds of all partitions.</returns>
    private async Task<TimeSpan> ProduceAsync(CancellationToken cancellation)
    {
        TimeSpan longest = TimeSpan.Zero, last = TimeSpan.MaxValue;
        await using var client = new ClusterClient(new ClusterOptions { BootstrapServers = _node.Kafka });
        await using var producer = new Producer(client, new ProducerOptions());
        while (!cancellation.IsCancellationRequested)
        {
            for (var partition = 0; partition < Partitions; partition++)
                await producer.SendAsync(new ProducerRecord("work", null, "x"u8.ToArray(), partition), CancellationToken.None);
            await Task.Delay(20, CancellationToken.None);
            var now = _watch.Elapsed;
            (longest, last) = (now - last > longest ? now - last : longest, now);
        }
        return longest;
    }

    private static TimeSpan Median(List<TimeSpan> times) => times.Order().ElementAt(times.Count / 2);

    private static string Shown(IEnumerable<TimeSpan> times) => string.Join(", ", times.Select(time => $"{time.TotalMilliseconds:0}")) + " ms";
}

/// <summary>A node with a topic of twelve partitions.</summary>
public sealed class NodeWithTopic : IDisposable
{
    public const int Partitions = 12;

    public NodeWithTopic() => Tool.Run("dotnet", [
        NodeUnderTest.Find("src/Cli", "Actors.Cli.dll"), "topics", "create", "--topic", "work", "--partitions", $"{Partitions}", "--bootstrap-server", Node.Kafka,
    ]).Succeeded();

    public NodeUnderTest Node { get; } = NodeUnderTest.Start();

    public void Dispose() => Node.Dispose();
}
