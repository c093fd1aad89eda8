using System.Collections.Immutable;
using Xunit;

namespace Actors.Machines.Tests;

public class ClusterImageSpec
{
    private static readonly Guid Topic = new("11111111-1111-1111-1111-111111111111");

    [Fact]
    public void The_greater_leader_epoch_is_right_in_whatever_order_two_nodes_are_heard()
    {
        var (old, taken) = (Led(1, 5), Led(2, 6));
        var one = ClusterImage.Empty.With(Node(1)).With(Node(2)).After(old)!.After(taken)!;
        var other = ClusterImage.Empty.With(Node(1)).With(Node(2)).After(taken)!.After(old)!;
        Assert.Equal(new PartitionLeader(2, 6), one.Leader(P(0)));
        Assert.Equal(new PartitionLeader(2, 6), other.Leader(P(0)));
    }

    [Fact]
    public void What_a_node_led_is_nobodys_once_it_is_gone_or_lets_go_unless_another_took_it()
    {
        var image = ClusterImage.Empty.With(Node(1)).With(Node(2)).After(Led(1, 5))!.After(Led(2, 6))!;
        Assert.Equal(new PartitionLeader(2, 6), image.Without(1).Leader(P(0)));
        Assert.Equal(new PartitionLeader(1, 5), image.Without(2).Leader(P(0)));
        Assert.Null(image.Without(2).After(new NodeChange(1, 1, 2, NodeDescription.Unknown, [], [P(0)]))!.Leader(P(0)));
        Assert.Empty(image.Without(1).Without(2).Leaders);
    }

    [Fact]
    public void A_change_after_a_gap_or_of_another_incarnation_is_not_taken()
    {
        var image = ClusterImage.Empty.With(Node(1));
        Assert.Null(image.After(new NodeChange(1, 1, 2, NodeDescription.Unknown, [], [])));
        Assert.Null(image.After(new NodeChange(1, 2, 1, NodeDescription.Unknown, [], [])));
        Assert.Null(image.After(new NodeChange(3, 1, 1, NodeDescription.Unknown, [], [])));
    }

    [Fact]
    public void A_copy_replaces_what_is_older_and_nothing_newer()
    {
        var image = ClusterImage.Empty.With(Node(1)).After(Led(1, 5))!;
        Assert.Same(image, image.With(Node(1)));
        var restarted = image.With(NodeImage.Started(1, 2));
        Assert.Null(restarted.Leader(P(0)));
        Assert.Same(restarted, restarted.With(Node(1) with { Version = 99 }));
    }

    [Fact]
    public void Of_two_controllers_the_later_epoch_is_the_one()
    {
        var image = ClusterImage.Empty.With(Node(1) with { Description = new() { ControllerEpoch = 3 } });
        Assert.Equal(-1, ClusterImage.Empty.Controller);
        Assert.Equal(1, image.Controller);
        Assert.Equal(2, image.With(Node(2) with { Description = new() { ControllerEpoch = 4 } }).Controller);
    }

    /// <summary>Java: Math.abs("name".hashCode()) % 50, as Kafka's GroupMetadataManager has it.</summary>
    [Theory]
    [InlineData("", 0)]
    [InlineData("a", 47)]
    [InlineData("test", 48)]
    [InlineData("my-group", 12)]
    [InlineData("polygenelubricants", 0)]
    public void A_groups_partition_is_the_one_that_Kafka_takes(string group, int partition) => Assert.Equal(partition, InternalTopics.PartitionFor(group, 50));

    private static PartitionId P(int index) => new(Topic, index);

    private static NodeImage Node(int id) => NodeImage.Started(id, 1);

    private static NodeChange Led(int node, int epoch) => new(node, 1, 1, NodeDescription.Unknown, [new PartitionLed(P(0), epoch)], []);
}
