using Actors.Protocol;
using Actors.Protocol.Messages;
using Xunit;

namespace Actors.Broker.Tests.Admin;

/// <summary>CreatePartitions in each of its versions: new partitions serve when it is answered, and what Kafka refuses is refused in its words.</summary>
public sealed class PartitionsSpec : AdminBed
{
    public PartitionsSpec() => Create("t", 2);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void New_partitions_have_leaders_and_take_records_as_soon_as_it_is_answered(short version)
    {
        Assert.Equal((ErrorCode.None, null), More("t", 5, version));
        var partitions = Metadata("t").Partitions;
        Assert.Equal([(0, 1), (1, 1), (2, 1), (3, 1), (4, 1)], partitions.Select(partition => (partition.PartitionIndex, partition.LeaderId)));
        Assert.Equal(ErrorCode.None, (ErrorCode)Produce("t", partition: 4).ErrorCode);
        Restart();
        Assert.Equal(5, Metadata("t").Partitions.Count);
        Assert.Equal(1, Produce("t", partition: 4).BaseOffset);
    }

    [Fact]
    public void The_brokers_of_new_partitions_may_be_named()
    {
        Assert.Equal((ErrorCode.None, null), More("t", 4, 3, assignments: [[1], [1]]));
        Assert.Equal(4, Metadata("t").Partitions.Count);
    }

    [Fact]
    public void Validated_only_nothing_changes()
    {
        Assert.Equal((ErrorCode.None, null), More("t", 5, 3, validateOnly: true));
        Assert.Equal(2, Metadata("t").Partitions.Count);
    }

    [Fact]
    public void What_cannot_be_is_refused_in_Kafkas_words()
    {
        Assert.Equal((ErrorCode.InvalidPartitions, "Topic already has 2 partition(s)."), More("t", 2, 3));
        Assert.Equal((ErrorCode.InvalidPartitions, "The topic t currently has 2 partition(s); 1 would not be an increase."), More("t", 1, 3));
        Assert.Equal((ErrorCode.InvalidPartitions, "The topic t currently has 2 partition(s); -1 would not be an increase."), More("t", -1, 3));
        Assert.Equal((ErrorCode.UnknownTopicOrPartition, "This server does not host this topic-partition."), More("nowhere", 3, 3));
        Assert.Equal(
            (ErrorCode.InvalidReplicaAssignment, "Attempted to add 2 additional partition(s), but only 1 assignment(s) were specified."), More("t", 4, 3, assignments: [[1]]));
        Assert.Equal(
            (ErrorCode.InvalidReplicaAssignment, "The manual partition assignment includes broker 9, but no such broker is registered."), More("t", 3, 3, assignments: [[9]]));
        Assert.Equal((ErrorCode.InvalidReplicaAssignment, "The manual partition assignment includes an empty replica list."), More("t", 3, 3, assignments: [[]]));
        Assert.Equal((ErrorCode.InvalidReplicaAssignment, "The manual partition assignment includes the broker 1 more than once."), More("t", 3, 3, assignments: [[1, 1]]));
        Assert.Equal(ErrorCode.PolicyViolation, More("t", 20_000, 3).Error);
        Assert.Equal(2, Metadata("t").Partitions.Count);
    }

    [Fact]
    public void Topics_are_answered_each_for_itself_and_one_named_twice_not_at_all()
    {
        Create("u", 1);
        var request = new CreatePartitionsRequest { TimeoutMs = 1_000 };
        foreach (var (name, count) in new[] { ("t", 3), ("u", 1), ("v", 2), ("w", 3), ("w", 4) })
            request.Topics.Add(new CreatePartitionsRequest.CreatePartitionsTopic { Name = name, Count = count, Assignments = null });
        var results = Ask<CreatePartitionsResponse>(request, 3).Results.OrderBy(result => result.Name).Select(result => (result.Name, (ErrorCode)result.ErrorCode));
        Assert.Equal([("t", ErrorCode.None), ("u", ErrorCode.InvalidPartitions), ("v", ErrorCode.UnknownTopicOrPartition), ("w", ErrorCode.InvalidRequest)], results);
        Assert.Equal(3, Metadata("t").Partitions.Count);
    }

    [Theory]
    [InlineData((short)2, ErrorCode.InvalidReplicationFactor, "Unable to replicate the partition 2 time(s): The target replication factor of 2 cannot be reached because only 1 broker(s) are registered.")]
    [InlineData((short)0, ErrorCode.InvalidReplicationFactor, "Replication factor must be larger than 0, or -1 to use the default value.")]
    public void More_replicas_than_brokers_cannot_be(short replicas, ErrorCode error, string message)
    {
        var create = new CreateTopicsRequest { timeoutMs = 1_000 };
        create.Topics.Add(new CreateTopicsRequest.CreatableTopic { Name = "wide", NumPartitions = 1, ReplicationFactor = replicas });
        var refused = Ask<CreateTopicsResponse>(create, 7).Topics.Single();
        Assert.Equal((error, message), ((ErrorCode)refused.ErrorCode, refused.ErrorMessage));
    }

    private (ErrorCode Error, string? Message) More(string topic, int count, short version, bool validateOnly = false, int[][]? assignments = null)
    {
        var request = new CreatePartitionsRequest { TimeoutMs = 1_000, ValidateOnly = validateOnly };
        request.Topics.Add(new CreatePartitionsRequest.CreatePartitionsTopic
        {
            Name = topic, Count = count, Assignments = assignments?.Select(brokers => new CreatePartitionsRequest.CreatePartitionsAssignment { BrokerIds = [.. brokers] }).ToList(),
        });
        var result = Ask<CreatePartitionsResponse>(request, version).Results.Single();
        return ((ErrorCode)result.ErrorCode, result.ErrorMessage);
    }

    private MetadataResponse.MetadataResponseTopic Metadata(string topic) =>
        Ask<MetadataResponse>(new MetadataRequest { Topics = [new MetadataRequest.MetadataRequestTopic { Name = topic }], AllowAutoTopicCreation = false }, 12).Topics.Single();
}
