using Actors.Node.Testing;
using Akka.Configuration;
using Akka.MultiNode.TestAdapter;
using Akka.Remote.TestKit;
using Xunit;

namespace Actors.MultiNode.Tests;

public sealed class TopologySpecConfig : MultiNodeConfig
{
    public TopologySpecConfig()
    {
        (First, Second) = (Role("first"), Role("second"));
        CommonConfig = ConfigurationFactory.ParseString("akka.loglevel = WARNING");
    }

    public RoleName First { get; }

    public RoleName Second { get; }
}

/// <summary>Two nodes, one topology; one node is killed, and the count is right.</summary>
public class TopologySpec : MultiNodeSpec
{
    private const string Counting = """
        topology {
          name = counting
          commit-interval = 100ms
          sources { words { topic = words, key = string, value = string } }
          flows { counts { from = words, stages = [
            { group-by = value }
            { aggregate { cnt = "COUNT(*)" } }
            { to { topic = counts, key = string, value = json } } ] } }
        }
        """;

    private readonly TopologySpecConfig _roles;

    public TopologySpec() : this(new TopologySpecConfig()) { }

    protected TopologySpec(TopologySpecConfig roles) : base(roles, typeof(TopologySpec)) => _roles = roles;

    protected override int InitialParticipantsValueFactory => Roles.Count;

    [MultiNodeFact]
    public async Task A_count_is_right_although_a_node_exits()
    {
        var me = new TestNodeOptions { NodeId = IsNode(_roles.First) ? 1 : 2, Cluster = $"counting-{ServerPort}" };
        await using var node = await TestNode.StartAsync(me);
        await node.AwaitNodesAsync(2);
        EnterBarrier("both are up");
        await RunOnAsync(async () =>
        {
            await node.CreateTopicAsync("words", partitions: 6);
            await node.DeployAsync(Counting);
            await node.Producer.SendAllAsync("words", Enumerable.Range(0, 1000).Select(i => ((string?)$"{i}", (string?)"tick")));
            await node.AwaitProcessedAsync("counting");
            await TestConductor.Exit(_roles.Second, 0);
            await node.Producer.SendAllAsync("words", Enumerable.Range(0, 500).Select(i => ((string?)$"{i}", (string?)"tick")));
            await node.AwaitProcessedAsync("counting");
            var counts = await node.Consumer("counts").TableAsync(table => table.Count == 1 && (int)table["tick"].Json["cnt"]! >= 1500);
            Assert.Equal(1500, (int)counts["tick"].Json["cnt"]!);
        }, _roles.First);
        await RunOnAsync(async () =>
        {
            await Task.Delay(TimeSpan.FromMinutes(2));
            Assert.Fail("the conductor has not ended this process");
        }, _roles.Second);
    }
}
