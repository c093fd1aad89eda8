using System.Diagnostics;
using Actors.Node.Tests;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Xunit;
using Xunit.Abstractions;

namespace Actors.Cluster.Tests;

/// <summary>
/// Two nodes do not reach each other, while both reach the database, the third node and the clients: nobody is put out, no partition has two leaders, what cannot be done
/// meanwhile is refused with a reason, and all of it can be done again soon after.
/// </summary>
public sealed class LinkCutSpec(CutNodes cut, ITestOutputHelper output) : IClassFixture<CutNodes>
{
    private static readonly bool IsLong = Seed.Rounds > 3;
    private static readonly TimeSpan Silent = TimeSpan.FromSeconds(15);

    /// <summary>A refusal is noticed at once: what comes of it comes sooner.</summary>
    private static readonly TimeSpan Refusing = TimeSpan.FromSeconds(IsLong ? 15 : 8);

    /// <summary>The leaders of partitions are where they were: what a record may wait has to do with the machine, not with the cut.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(3);

    /// <summary>A topic's creation has five seconds; the rest of it is the machine's.</summary>
    private static readonly TimeSpan AnsweredWithin = TimeSpan.FromSeconds(8);

    private const int TopicsPartitions = 6;
    private const int ServedAgainWithin = 10;
    private static int _topics;

    private ThreeNodes Nodes => cut.Nodes;

    [CutFact]
    public Task By_silence() => CutAsync(refusing: false);

    [CutFact]
    public Task By_refusal() => CutAsync(refusing: true);

    private async Task CutAsync(bool refusing)
    {
        await cut.CreateTopicOnceAsync();
        var acknowledged = new AcknowledgedRecords();
        // The oldest has the shards' coordinator, and the topics' controller.
        var oldest = Controller();
        var (second, third) = (1 + oldest % 3, 1 + (oldest + 1) % 3);
        foreach (var (one, other) in IsLong ? [(oldest, second), (third, oldest), (second, third)] : new[] { (oldest, second) })
        {
            using var producer = new CountingProducer(Nodes.Bootstrap, ThreeNodes.Topic, ThreeNodes.Partitions, $"{(refusing ? "refused" : "silent")}-{one}-{other}");
            using var watch = new LeaderWatch(Nodes);
            Polling.Until(() => watch.Records - acknowledged.Count, count => count > 2000, 20, "the producer at work");
            var before = ThreeNodes.Leaders(Nodes.Bootstrap);
            cut.Cut(one, other, refusing);
            var since = Stopwatch.StartNew();
            await AskMeanwhileAsync();
            var lasts = refusing ? Refusing : Silent;
            if (lasts > since.Elapsed)
                await Task.Delay(lasts - since.Elapsed);
            cut.Mend(one, other);
            since.Restart();
            foreach (var node in Nodes.Nodes)
                AwaitServed(node);
            output.WriteLine($"all is served at all nodes {since.ElapsedMilliseconds} ms after the cut");
            var (records, failures) = producer.Stop();
            Assert.Empty(failures);
            acknowledged.Add(records);
            output.WriteLine($"{one} and {other}: {watch.StopAndAssert()}; longest wait of a record {records.Max(record => record.AcknowledgedMs - record.CreatedMs)} ms");
            var late = records.Where(record => record.AcknowledgedMs - record.CreatedMs > LongestWait.TotalMilliseconds).ToList();
            Assert.True(late.Count == 0, $"{late.Count} records waited longer than {LongestWait}: {string.Join(", ", late.Take(10))}");
            Assert.Equal(before, ThreeNodes.Leaders(Nodes.Bootstrap));
        }
        output.WriteLine($"{acknowledged.Count} acknowledged records, {acknowledged.AssertAllIn(Nodes.Bootstrap, ThreeNodes.Topic)} in the log");
    }

    private int Controller()
    {
        using var connection = new RawConnection(Nodes.Nodes.First().Kafka);
        return connection.Ask<MetadataResponse>(new MetadataRequest { Topics = [] }, 12).ControllerId;
    }

    /// <summary>Each node is asked for what it can do only with the others: the answer comes in time, and says why it is no better.</summary>
    private async Task AskMeanwhileAsync()
    {
        (string What, Func<Container, Asked> Ask, ErrorCode[] Allowed)[] questions =
        [
            ("producer ids", TakeProducerId, [ErrorCode.None, ErrorCode.CoordinatorLoadInProgress]),
            ("topics", CreateTopic, [ErrorCode.None, ErrorCode.NotController, ErrorCode.RequestTimedOut]),
            ("groups' offsets", FindOffsets, [ErrorCode.None, ErrorCode.NotCoordinator, ErrorCode.CoordinatorNotAvailable, ErrorCode.CoordinatorLoadInProgress]),
        ];
        await Task.WhenAll(questions.Select(async question =>
        {
            var (what, ask, allowed) = question;
            var answers = await Task.WhenAll(Nodes.Nodes.Select(node => Task.Run(() => ask(node))));
            output.WriteLine($"{what} asked for meanwhile: {string.Join(", ", answers)}");
            Assert.All(answers, answer => Assert.Contains(answer.Error, allowed));
            Assert.All(answers, answer => Assert.InRange(answer.Took, TimeSpan.Zero, AnsweredWithin));
        }));
    }

    /// <summary>The same and more, after the cut.</summary>
    private void AwaitServed(Container node)
    {
        Polling.Until(() => TakeProducerId(node), id => id.Error == ErrorCode.None, ServedAgainWithin, $"a producer id from {node.Name}");
        Polling.Until(() => FindOffsets(node), group => group.Error == ErrorCode.None, ServedAgainWithin, $"a group's offsets, asked for at {node.Name}");
        var created = Polling.Until(() => CreateTopic(node), topic => topic.Error == ErrorCode.None, ServedAgainWithin, $"a topic created at {node.Name}");
        foreach (var each in Nodes.Nodes)
            Polling.Until(() => Leaders(each), led => led == TopicsPartitions, ServedAgainWithin, $"partitions of {created.Name} with a leader, as {each.Name} tells it");

        int Leaders(Container asked) => ThreeNodes.Leaders(asked.Kafka, created.Name)?.Values.Count(leader => leader is not null) ?? -1;
    }

    /// <summary>The node asks the controller, and that the coordinator of shards, for at most five seconds.</summary>
    private static Asked CreateTopic(Container node)
    {
        var (topic, watch) = ($"meanwhile-{Interlocked.Increment(ref _topics)}", Stopwatch.StartNew());
        using var connection = new RawConnection(node.Kafka);
        var request = new CreateTopicsRequest { timeoutMs = 5000, Topics = [new() { Name = topic, NumPartitions = TopicsPartitions, ReplicationFactor = 1 }] };
        return new Asked(node.Name, topic, (ErrorCode)connection.Ask<CreateTopicsResponse>(request, 7).Topics[0].ErrorCode, watch.Elapsed);
    }

    /// <summary>Groups that nobody has asked for before: wherever the node says that they are coordinated, what they have committed.</summary>
    private static Asked FindOffsets(Container node)
    {
        var (group, watch) = ($"meanwhile-{Interlocked.Increment(ref _topics)}", Stopwatch.StartNew());
        using var connection = new RawConnection(node.Kafka);
        var found = connection.Ask<FindCoordinatorResponse>(new FindCoordinatorRequest { CoordinatorKeys = [group] }, 4).Coordinators[0];
        if (found.ErrorCode != 0)
            return new Asked(node.Name, group, (ErrorCode)found.ErrorCode, watch.Elapsed);
        using var coordinator = new RawConnection($"{found.Host}:{found.Port}");
        return new Asked(node.Name, group, (ErrorCode)coordinator.Ask<OffsetFetchResponse>(new OffsetFetchRequest { GroupId = group }, 7).ErrorCode, watch.Elapsed);
    }

    /// <summary>As a new idempotent producer does.</summary>
    private static Asked TakeProducerId(Container node)
    {
        var watch = Stopwatch.StartNew();
        using var connection = new RawConnection(node.Kafka);
        var taken = connection.Ask<InitProducerIdResponse>(new InitProducerIdRequest { TransactionalId = null, TransactionTimeoutMs = 60_000, ProducerId = -1, ProducerEpoch = -1 }, 4);
        return new Asked(node.Name, $"{taken.ProducerId}", (ErrorCode)taken.ErrorCode, watch.Elapsed);
    }

    private sealed record Asked(string Node, string Name, ErrorCode Error, TimeSpan Took)
    {
        public override string ToString() => $"{Node} {Error} {Took.TotalMilliseconds:F0} ms";
    }
}
