using Actors.Groups.Tests;
using Actors.Node.Tests;
using Xunit;
using Xunit.Abstractions;

namespace Actors.Cluster.Tests;

/// <summary>A test with three nodes and members of Kafka's own clients.</summary>
public sealed class GroupsFactAttribute() : ClientsFactAttribute("/usr/lib/postgresql/15/bin/initdb", "curl", Path.Combine(Clients.Folder, "node_modules/kafkajs"));

/// <summary>
/// Groups whose members know different nodes of a cluster: they join one by one, their coordinator dies, they leave, crash and come back. The groups go on, no record is skipped and no
/// commit is lost.
/// </summary>
public sealed class CoordinatorSpec(ITestOutputHelper output)
{
    private const int RecordsPerSecond = 240;
    private const int Most = 6;

    /// <summary>For librdkafka. KafkaJS's members begin anew under other ids, and wait until the sessions of the former ones are over, 6 s.</summary>
    private static readonly TimeSpan GoesOnWithin = TimeSpan.FromSeconds(3);

    /// <summary>How often the coordinator is killed.</summary>
    private static readonly int Kills = Seed.Rounds > 3 ? 10 : 1;

    [GroupsFact]
    public async Task Groups_go_on_although_their_coordinator_dies()
    {
        using var nodes = new ThreeNodes("postgres");
        await nodes.CreateTopicAsync();
        using var producer = new CountingProducer(nodes.Bootstrap, ThreeNodes.Topic, ThreeNodes.Partitions, "counted", RecordsPerSecond);
        var first = Polling.Until(() => Crew.Coordinator(nodes, "range"), node => node is not null, 20, "a coordinator")!;
        using var range = new Crew(nodes, "range", "librdkafka", "range");
        using var sticky = new Crew(nodes, GroupAt(nodes, first, "sticky"), "librdkafka", "cooperative-sticky");
        using var kafkajs = new Crew(nodes, GroupAt(nodes, first, "kafkajs"), "kafkajs", "roundrobin");
        Crew[] crews = [range, sticky, kafkajs];
        JoinOneByOne(crews);
        for (var round = 0; round < Kills; round++)
            KillCoordinator(nodes, crews);
        ComeAndGo(range, sticky, kafkajs);

        var (records, failures) = producer.Stop();
        Assert.Empty(failures);
        var acknowledged = new AcknowledgedRecords();
        acknowledged.Add(records);
        acknowledged.AssertAllIn(nodes.Bootstrap, ThreeNodes.Topic);
        var ends = records.GroupBy(record => record.Partition).ToDictionary(partition => partition.Key, partition => partition.Max(record => record.Offset) + 1);
        foreach (var crew in crews)
        {
            crew.AwaitAllRead(ends);
            output.WriteLine(crew.AssertNothingIsLost(ends));
        }
        foreach (var crew in crews)
            crew.LeaveAll();
    }

    private static void JoinOneByOne(Crew[] crews)
    {
        for (var count = 1; count <= Most; count++)
        {
            // One of the first crew's is static throughout, while its coordinator dies.
            foreach (var crew in crews)
                crew.Join(count == Most && crew == crews[0] ? "static" : null);
            foreach (var crew in crews)
                crew.AwaitSettled($"member {count}'s join");
        }
    }

    /// <summary>The one that coordinates most of the groups; it comes back when they have gone on.</summary>
    private void KillCoordinator(ThreeNodes nodes, Crew[] crews)
    {
        var victim = crews.Select(crew => Polling.Until(() => Crew.Coordinator(nodes, crew.Group), node => node is not null, 20, $"{crew.Group}'s coordinator")!)
            .GroupBy(node => node.Name).OrderByDescending(coordinated => coordinated.Count()).First().First();
        var bereft = crews.Where(crew => Crew.Coordinator(nodes, crew.Group)?.Name == victim.Name).ToArray();
        Assert.NotEmpty(bereft);
        victim.Kill();
        var since = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var firsts = bereft.ToDictionary(crew => crew.Group, crew => crew.CommittedAgain(since, 20));
        foreach (var (group, members) in firsts)
            output.WriteLine($"{victim.Name} killed: {group}'s members commit again after {string.Join(", ", members)} ms");
        nodes.Compose.Start(victim.Name);
        nodes.AwaitSpread(20);
        foreach (var crew in crews)
            crew.AwaitSettled("the coordinator's death");
        Assert.All(firsts.Where(group => group.Key != crews[^1].Group), group => Assert.True(group.Value[0] <= GoesOnWithin.TotalMilliseconds, $"{group.Key} went on after {group.Value[0]} ms"));
    }

    private static void ComeAndGo(Crew range, Crew sticky, Crew kafkajs)
    {
        range.Leave(range.Members[0]);
        range.Join("restarted");
        range.AwaitSettled("a leave and a static member's join");
        var before = range.Members.ConvertAll(member => member.History.Count);
        var (restarted, others) = (range.Members[^1].Owned, range.Members[..^1]);
        range.Crash(range.Members[^1]);
        range.Join("restarted");
        range.AwaitSettled("the static member's restart");
        Assert.Equal(restarted, range.Members[^1].Owned);
        Assert.Equal(before[..^1], others.ConvertAll(member => member.History.Count));

        kafkajs.Leave(kafkajs.Members[0]);
        sticky.Crash(sticky.Members[0]);
        kafkajs.AwaitSettled("a leave");
        sticky.AwaitSettled("a crash");
    }

    /// <summary>A group's name that lets the node coordinate it.</summary>
    private static string GroupAt(ThreeNodes nodes, Container node, string prefix) =>
        Enumerable.Range(0, 100).Select(i => $"{prefix}-{i}").First(group => Crew.Coordinator(nodes, group)?.Name == node.Name);
}
