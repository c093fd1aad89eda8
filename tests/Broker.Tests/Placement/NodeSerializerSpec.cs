using System.Collections.Immutable;
using Actors.Broker.Groups;
using Actors.Broker.Partitions;
using Actors.Broker.Placement;
using Actors.Broker.Topics;
using Actors.Machines;
using Actors.Protocol;
using Xunit;

namespace Actors.Broker.Tests.Placement;

/// <summary>What brokers tell each other is read as it was written.</summary>
public sealed class NodeSerializerSpec
{
    private static readonly NodeSerializer Serializer = new(null!);
    private static readonly Guid Id = Guid.NewGuid();

    [Fact]
    public void Commands_to_start_and_to_purge_a_partition()
    {
        Assert.Equal(new StartPartition(new PartitionId(Id, 7)), Copy(new StartPartition(new PartitionId(Id, 7))));
        Assert.Equal(new PurgePartition(new PartitionId(Id, 0)), Copy(new PurgePartition(new PartitionId(Id, 0))));
        Assert.Equal(new PartitionPurged(new PartitionId(Id, 3)), Copy(new PartitionPurged(new PartitionId(Id, 3))));
    }

    [Fact]
    public void Images_and_comparisons()
    {
        Assert.Equal(new CompareImages(2, 1_700_000_000_000, 5, 3, 77), Copy(new CompareImages(2, 1_700_000_000_000, 5, 3, 77)));
        Assert.Same(AskNode.Instance, Copy(AskNode.Instance));
        Assert.Same(AskTopics.Instance, Copy(AskTopics.Instance));
        var changed = Copy(new TopicsChangedBy(9, new TopicDeleted(Id)));
        Assert.Equal(new TopicsChangedBy(9, new TopicDeleted(Id)), changed);
        var node = Copy(new NodeChanged(new NodeChange(1, 2, 3, NodeDescription.Unknown, [new PartitionLed(new PartitionId(Id, 1), 4)], [])));
        Assert.Equal(4, node.Change.Leads.Single().Epoch);
    }

    [Fact]
    public void A_command_to_create_topics_with_assignments_and_configurations_null_included()
    {
        var topic = new NewTopic("orders", Id, 3, 2)
        {
            Assignments = [new PartitionAssignment(0, [1, 2]), new PartitionAssignment(1, [])],
            Configs = [new("retention.ms", "1000"), new("cleanup.policy", null)],
        };
        var copy = Copy(new TopicsRequest(11, new CreateTopics([topic], true, [])));
        var create = Assert.IsType<CreateTopics>(copy.Command);
        Assert.Equal((11L, true), (copy.Token, create.ValidateOnly));
        var read = Assert.Single(create.Topics);
        Assert.Equal((topic.Name, topic.Id, topic.Partitions, topic.ReplicationFactor), (read.Name, read.Id, read.Partitions, read.ReplicationFactor));
        Assert.Equal([1, 2], read.Assignments[0].Brokers);
        Assert.Empty(read.Assignments[1].Brokers);
        Assert.Equal(topic.Configs, read.Configs);
    }

    [Fact]
    public void The_controllers_answers()
    {
        var image = new TopicImage("orders", Id, 3, ImmutableSortedDictionary<string, string>.Empty.Add("retention.ms", "1"));
        var created = Assert.IsType<CreateTopicsReply>(Copy(new TopicsAnswer(1, new CreateTopicsReply(
            [new CreatedTopic("orders", ErrorCode.None, null, image), new CreatedTopic("x", ErrorCode.TopicAlreadyExists, "Topic 'x' already exists.", null)]))).Reply);
        Assert.Equal(image, created.Topics[0].Topic);
        Assert.Equal(new CreatedTopic("x", ErrorCode.TopicAlreadyExists, "Topic 'x' already exists.", null), created.Topics[1]);

        var deleted = Assert.IsType<DeleteTopicsReply>(Copy(new TopicsAnswer(1, new DeleteTopicsReply([new DeletedTopicResult(null, Id, ErrorCode.UnknownTopicId, "gone")]))).Reply);
        Assert.Equal(new DeletedTopicResult(null, Id, ErrorCode.UnknownTopicId, "gone"), Assert.Single(deleted.Topics));

        var delete = Assert.IsType<DeleteTopics>(Copy(new TopicsRequest(1, new DeleteTopics([new TopicReference("a", null), new TopicReference(null, Id)]))).Command);
        Assert.Equal([new TopicReference("a", null), new TopicReference(null, Id)], delete.Topics);

        Assert.Equal(["a", "b"], Copy(new CreateMissingTopics(2, ["a", "b"])).Names);
        Assert.Equal(ErrorCode.InvalidTopicException, Copy(new MissingTopicsAnswer(2, new Dictionary<string, ErrorCode> { ["a"] = ErrorCode.InvalidTopicException })).Refused["a"]);
        Assert.Equal(new TakeProducerId(5), Copy(new TakeProducerId(5)));
        Assert.Equal(new ProducerIdAnswer(5, 4_000_000_000), Copy(new ProducerIdAnswer(5, 4_000_000_000)));
    }

    [Fact]
    public void What_happens_in_a_group_and_its_generation()
    {
        GroupChange[] changes =
        [
            new MemberJoined("m", null, "client", "/127.0.0.1"), new MemberLeft("m", "instance", "client", "/::1", "timed out"), new RebalanceStarted(3),
            new GenerationStarted(4, "range", "m", 2), new GenerationStarted(5, null, null, 0),
        ];
        Assert.All(changes, change => Assert.Equal(new GroupEvent("größer", 1_700_000_000_000, change), Copy(new GroupEvent("größer", 1_700_000_000_000, change))));
        TopicPartition[] partitions = [new("a", 0), new("a", 7), new("b", 1), new("a", 3)];
        var assigned = new GenerationAssigned(6, "sticky", [new AssignedMember("m", "i", "c", "/h", partitions), new AssignedMember("n", null, "c", "/h", []), new AssignedMember("o", null, "c", "/h", null)]);
        var copy = Assert.IsType<GenerationAssigned>(Copy(new GroupEvent("g", 1, assigned)).Change);
        Assert.Equal((6, "sticky"), (copy.GenerationId, copy.ProtocolName));
        Assert.Equal(partitions, copy.Members[0].Partitions);
        Assert.Equal(assigned.Members.Select(m => (m.MemberId, m.InstanceId, m.Partitions?.Count)), copy.Members.Select(m => (m.MemberId, m.InstanceId, m.Partitions?.Count)));

        Assert.Equal(new AskGroupGeneration("g"), Copy(new AskGroupGeneration("g")));
        Assert.Equal(new GroupGeneration(8), Copy(new GroupGeneration(8)));
        Assert.Equal(new GroupGeneration(null), Copy(new GroupGeneration(null)));
    }

    [Fact]
    public void Commands_to_add_partitions_and_to_alter_configurations_with_their_answers()
    {
        var create = Assert.IsType<CreatePartitions>(Copy(new TopicsRequest(3, new CreatePartitions([new MorePartitions("a", 4, [[1, 2], []]), new MorePartitions("b", 9)], true, []))).Command);
        Assert.True(create.ValidateOnly);
        Assert.Equal([1, 2], create.Topics[0].Assignments![0]);
        Assert.Empty(create.Topics[0].Assignments![1]);
        Assert.Equal(("b", 9, null), (create.Topics[1].Name, create.Topics[1].Count, create.Topics[1].Assignments));
        var created = Assert.IsType<CreatePartitionsReply>(Copy(new TopicsAnswer(3, new CreatePartitionsReply([new TopicResult("a", ErrorCode.InvalidPartitions, "no")]))).Reply);
        Assert.Equal(new TopicResult("a", ErrorCode.InvalidPartitions, "no"), Assert.Single(created.Topics));

        var changes = new ResourceChanges(ConfigurationResource.Broker(2), [new ConfigChange("x", null, ConfigOperation.Delete), new ConfigChange("y", "1", ConfigOperation.Append)], ReplaceAll: true);
        var alter = Assert.IsType<AlterConfigs>(Copy(new TopicsRequest(4, new AlterConfigs([changes], false, 2))).Command);
        Assert.Equal((false, 2), (alter.ValidateOnly, alter.AskedNode));
        Assert.Equal((changes.Resource, true), (alter.Resources[0].Resource, alter.Resources[0].ReplaceAll));
        Assert.Equal(changes.Changes, alter.Resources[0].Changes);
        var altered = Assert.IsType<AlterConfigsReply>(Copy(new TopicsAnswer(4, new AlterConfigsReply([new ResourceResult(ConfigurationResource.Topic("t"), ErrorCode.InvalidConfig, "bad")], 77))).Reply);
        Assert.Equal((new ResourceResult(ConfigurationResource.Topic("t"), ErrorCode.InvalidConfig, "bad"), 77L), (Assert.Single(altered.Resources), altered.Version));
    }

    [Fact]
    public void What_is_none_of_these_is_refused_at_both_ends()
    {
        Assert.Throws<ArgumentException>(() => Serializer.Manifest("text"));
        Assert.Throws<UnreadableStateException>(() => Serializer.FromBinary([1, 2, 3], "unheard-of"));
        Assert.Throws<UnreadableStateException>(() => Serializer.FromBinary([99, 0], "start"));
        Assert.Throws<UnreadableStateException>(() => Serializer.FromBinary([1, 2, (byte)'g', 0, 99], "group-news"));
    }

    private static T Copy<T>(T message) where T : notnull => Assert.IsType<T>(Serializer.FromBinary(Serializer.ToBinary(message), Serializer.Manifest(message)));
}
