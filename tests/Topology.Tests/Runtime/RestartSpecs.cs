using Actors.Client.Tests.Fakes;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Actors.Topology.Runtime;
using Akka.TestKit;

namespace Actors.Topology.Tests.Runtime;

/// <summary>What fails is tried again, ever more seldom, under a clock of the tests.</summary>
public sealed class RestartSpecs : IAsyncDisposable
{
    private const string Copy = "topology { name = t, sources { in { topic = in } }, flows { f { from = in, stages = [ { to { topic = out } } ] } } }";

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly RuntimeBed _bed = new();

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    private (Node Node, TestScheduler Clock) Start()
    {
        _bed.Cluster.AddTopic("in");
        return _bed.StartAtRest(s => s with { RestartPause = Second, GreatestRestartPause = 8 * Second });
    }

    /// <summary>Waits for what the topology fails with next, at this very time.</summary>
    private static async Task<TopologyFailure> UntilFailed(Node node, TestScheduler clock, int inARow)
    {
        await RuntimeBed.Until(() => node.Deployments.GetAsync("t").Result is { State: TopologyState.Failed, LastError: { } last } && last.InARow == inARow, () => node.Described());
        var failure = (await node.Deployments.GetAsync("t"))!.LastError!;
        Assert.Equal(clock.Now, failure.At);
        return failure;
    }

    /// <summary>The pauses between so many failures in a row, each waited for.</summary>
    private static async Task<List<double>> Pauses(Node node, TestScheduler clock, int failures)
    {
        var pauses = new List<double>();
        for (var inARow = 1; inARow <= failures; inARow++)
        {
            var failure = await UntilFailed(node, clock, inARow);
            pauses.Add((failure.RetryAt - failure.At).TotalSeconds);
            if (inARow == failures) break;
            // A try that came early would be seen to fail before its time.
            clock.Advance(failure.RetryAt - failure.At - TimeSpan.FromMilliseconds(1));
            Assert.Equal(failure, (await node.Deployments.GetAsync("t"))!.LastError);
            clock.Advance(TimeSpan.FromMilliseconds(1));
        }
        return pauses;
    }

    [Fact]
    public async Task A_record_that_cannot_be_read_is_tried_after_pauses_that_double_up_to_a_bound()
    {
        var (node, clock) = Start();
        await node.Deploy("t", Copy);
        await node.UntilState("t", TopologyState.Running);
        await _bed.Produce("in", ("a", "{broken", 1));
        Assert.Equal([1, 2, 4, 8, 8, 8], await Pauses(node, clock, 6));
        var task = Assert.Single((await node.Deployments.GetAsync("t"))!.Tasks);
        Assert.Equal(TopologyState.Failed, task.State);
        Assert.StartsWith("Exception caught during Deserialization, taskId: 0_0, topic: in, partition: 0, offset: 0: the value of 7 bytes is no json", task.LastError!.Message);
    }

    [Fact]
    public async Task A_topology_that_cannot_start_is_tried_after_pauses_that_double_up_to_a_bound()
    {
        _bed.Cluster.On<CreateTopicsRequest>((_, request) => request.Topics[0].Name == "out"
            ? (new CreateTopicsResponse { Topics = [new CreateTopicsResponse.CreatableTopicResult { Name = "out", ErrorCode = (short)ErrorCode.TopicAuthorizationFailed }] }, Fault.None)
            : null);
        var (node, clock) = Start();
        await node.Deploy("t", Copy);
        Assert.Equal([1, 2, 4, 8, 8], await Pauses(node, clock, 5));
        var status = (await node.Deployments.GetAsync("t"))!;
        Assert.Empty(status.Tasks);
        Assert.Contains("TOPIC_AUTHORIZATION_FAILED", status.LastError!.Message);
    }

    [Fact]
    public async Task A_membership_that_ends_time_and_again_leaves_no_connection_open()
    {
        _bed.Cluster.On<JoinGroupRequest>((_, _) => (new JoinGroupResponse { ErrorCode = (short)ErrorCode.GroupAuthorizationFailed, ProtocolName = "" }, Fault.None));
        var (node, clock) = Start();
        await node.Deploy("t", Copy);
        await Pauses(node, clock, 2);
        var before = _bed.Cluster.OpenConnections;
        for (var inARow = 3; inARow <= 12; inARow++)
        {
            clock.Advance(8 * Second);
            await UntilFailed(node, clock, inARow);
        }
        await RuntimeBed.Until(() => _bed.Cluster.OpenConnections <= before, () => $"there were {before} connections, there are {_bed.Cluster.OpenConnections}; {node.Described()}");
    }

    [Theory]
    [InlineData(7, 4)]
    [InlineData(8, 1)]
    public async Task What_ran_for_as_long_as_the_longest_pause_begins_with_the_shortest_again(int seconds, int inARow)
    {
        var refused = true;
        _bed.Cluster.On<OffsetFetchRequest>((_, _) => refused ? (new OffsetFetchResponse { Topics = [], ErrorCode = (short)ErrorCode.GroupAuthorizationFailed }, Fault.None) : null);
        var (node, clock) = Start();
        await node.Deploy("t", Copy);
        await Pauses(node, clock, 3);
        refused = false;
        clock.Advance(4 * Second);
        var running = await node.UntilState("t", TopologyState.Running);
        Assert.Null(running.Reason);
        Assert.Contains("GROUP_AUTHORIZATION_FAILED", running.LastError!.Message);
        clock.Advance(seconds * Second);
        await _bed.Produce("in", ("a", "{broken", 1));
        await UntilFailed(node, clock, inARow);
    }
}
