using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Xunit;

namespace Actors.Node.Tests.DotnetClient;

/// <summary>Confluent.Kafka's admin client: topics, partitions, configurations, deleted records.</summary>
public sealed class TopicsSpec(ConfluentNode fixture) : IClassFixture<ConfluentNode>
{
    private IAdminClient Admin => fixture.Admin;

    [LibrdkafkaFact]
    public async Task A_topic_is_made_described_given_partitions_and_deleted()
    {
        await fixture.CreateAsync("made", 2);
        var made = Described("made");
        Assert.Equal(ErrorCode.NoError, made.Error.Code);
        Assert.Equal([0, 1], made.Partitions.Select(p => p.PartitionId));
        Assert.All(made.Partitions, p => Assert.Equal((1, "1", "1"), (p.Leader, string.Join(',', p.Replicas), string.Join(',', p.InSyncReplicas))));
        await Admin.CreatePartitionsAsync([new PartitionsSpecification { Topic = "made", IncreaseTo = 5 }]);
        Assert.Equal(5, Described("made").Partitions.Count);
        await Admin.DeleteTopicsAsync(["made"]);
        Assert.DoesNotContain("made", Listed());
    }

    [LibrdkafkaFact]
    public void The_metadata_names_the_broker()
    {
        var metadata = Admin.GetMetadata(ConfluentNode.Patience);
        var broker = Assert.Single(metadata.Brokers);
        Assert.Equal((1, fixture.Node.Kafka), (broker.BrokerId, $"{broker.Host}:{broker.Port}"));
    }

    [LibrdkafkaFact]
    public async Task Of_several_topics_each_has_its_own_error()
    {
        await fixture.CreateAsync("once");
        var refused = (await Assert.ThrowsAsync<CreateTopicsException>(() => Admin.CreateTopicsAsync(
        [
            new TopicSpecification { Name = "once", NumPartitions = 1, ReplicationFactor = 1 },
            new TopicSpecification { Name = "no/slash", NumPartitions = 1, ReplicationFactor = 1 },
            new TopicSpecification { Name = "wide", NumPartitions = 1, ReplicationFactor = 2 },
            new TopicSpecification { Name = "odd", NumPartitions = 1, ReplicationFactor = 1, Configs = new() { ["retention.ms"] = "soon" } },
            new TopicSpecification { Name = "fine", NumPartitions = 1, ReplicationFactor = 1 },
        ]))).Results;
        Assert.Equal(
            [
                ("once", ErrorCode.TopicAlreadyExists), ("no/slash", ErrorCode.TopicException), ("wide", ErrorCode.InvalidReplicationFactor),
                ("odd", ErrorCode.InvalidConfig), ("fine", ErrorCode.NoError),
            ], refused.Select(report => (report.Topic, report.Error.Code)));
        Assert.Equal("Topic 'once' already exists.", refused[0].Error.Reason);
        Assert.Single(Described("fine").Partitions);
    }

    [LibrdkafkaFact]
    public async Task What_is_only_validated_is_not_done()
    {
        await fixture.CreateAsync("validated");
        await Admin.CreateTopicsAsync([new TopicSpecification { Name = "unmade", NumPartitions = 1, ReplicationFactor = 1 }], new CreateTopicsOptions { ValidateOnly = true });
        await Admin.CreatePartitionsAsync([new PartitionsSpecification { Topic = "validated", IncreaseTo = 3 }], new CreatePartitionsOptions { ValidateOnly = true });
        await AlterAsync("validated", true, ("retention.ms", "1000"));
        Assert.DoesNotContain("unmade", Listed());
        Assert.Single(Described("validated").Partitions);
        Assert.True((await ConfigsAsync(ResourceType.Topic, "validated"))["retention.ms"].IsDefault);
    }

    [LibrdkafkaFact]
    public async Task Fewer_partitions_and_topics_that_are_not_there_are_refused()
    {
        await fixture.CreateAsync("three", 3);
        var fewer = await Assert.ThrowsAsync<CreatePartitionsException>(() => Admin.CreatePartitionsAsync([new PartitionsSpecification { Topic = "three", IncreaseTo = 2 }]));
        Assert.Equal(ErrorCode.InvalidPartitions, fewer.Results[0].Error.Code);
        var grown = await Assert.ThrowsAsync<CreatePartitionsException>(() => Admin.CreatePartitionsAsync([new PartitionsSpecification { Topic = "never", IncreaseTo = 2 }]));
        Assert.Equal(ErrorCode.UnknownTopicOrPart, grown.Results[0].Error.Code);
        var deleted = await Assert.ThrowsAsync<DeleteTopicsException>(() => Admin.DeleteTopicsAsync(["never", "three"]));
        Assert.Equal([("never", ErrorCode.UnknownTopicOrPart), ("three", ErrorCode.NoError)], deleted.Results.Select(r => (r.Topic, r.Error.Code)));
        var described = await Assert.ThrowsAsync<DescribeConfigsException>(() => ConfigsAsync(ResourceType.Topic, "never"));
        Assert.Equal(ErrorCode.UnknownTopicOrPart, described.Results[0].Error.Code);
    }

    [LibrdkafkaFact]
    public async Task Configurations_are_described_with_their_sources_and_altered_as_a_whole()
    {
        await fixture.CreateAsync("configured", 1, ("retention.ms", "5000"));
        var before = await ConfigsAsync(ResourceType.Topic, "configured");
        Assert.Equal(("5000", ConfigSource.DynamicTopicConfig, false), (before["retention.ms"].Value, before["retention.ms"].Source, before["retention.ms"].IsDefault));
        Assert.Equal(("1048588", ConfigSource.DefaultConfig, true), (before["max.message.bytes"].Value, before["max.message.bytes"].Source, before["max.message.bytes"].IsDefault));
        Assert.Equal(["message.max.bytes"], before["max.message.bytes"].Synonyms.Select(synonym => synonym.Name));
        await AlterAsync("configured", false, ("max.message.bytes", "2000"));
        var after = await ConfigsAsync(ResourceType.Topic, "configured");
        Assert.Equal(["max.message.bytes=2000"], after.Values.Where(entry => !entry.IsDefault).Select(entry => $"{entry.Name}={entry.Value}"));
        var refused = await Assert.ThrowsAsync<AlterConfigsException>(() => AlterAsync("configured", false, ("nothing", "1")));
        Assert.Equal((ErrorCode.InvalidConfig, "Unknown topic config name: nothing"), (refused.Results[0].Error.Code, refused.Results[0].Error.Reason));
    }

    [LibrdkafkaFact]
    public async Task A_broker_tells_its_configuration_but_no_passwords()
    {
        var broker = await ConfigsAsync(ResourceType.Broker, "1");
        Assert.Equal(("1", true), (broker["broker.id"].Value, broker["broker.id"].IsReadOnly));
        Assert.Equal((null, true), (broker["ssl.key.password"].Value, broker["ssl.key.password"].IsSensitive));
    }

    [LibrdkafkaFact]
    public async Task Records_before_an_offset_are_deleted()
    {
        await fixture.CreateAsync("shortened");
        await fixture.FillAsync("shortened", 0, [.. Enumerable.Range(0, 10).Select(i => $"{i}")]);
        var deleted = await Admin.DeleteRecordsAsync([new TopicPartitionOffset("shortened", 0, 4)]);
        Assert.Equal(("shortened", 0, 4L), (deleted[0].Topic, deleted[0].Partition.Value, deleted[0].Offset.Value));
        Assert.Equal(["4", "5", "6", "7", "8", "9"], fixture.Read(new TopicPartitionOffset("shortened", 0, Offset.Beginning), 6).Values());
        var beyond = await Assert.ThrowsAsync<DeleteRecordsException>(() => Admin.DeleteRecordsAsync([new TopicPartitionOffset("shortened", 0, 11)]));
        Assert.Equal(ErrorCode.OffsetOutOfRange, beyond.Results[0].Error.Code);
    }

    [LibrdkafkaFact]
    public async Task There_is_no_authorizer_that_could_be_asked()
    {
        var rule = new AclBinding
        {
            Pattern = new ResourcePattern { Type = ResourceType.Topic, Name = "any", ResourcePatternType = ResourcePatternType.Literal },
            Entry = new AccessControlEntry { Principal = "User:any", Host = "*", Operation = AclOperation.Read, PermissionType = AclPermissionType.Allow },
        };
        Assert.Equal(ErrorCode.SecurityDisabled, (await Assert.ThrowsAsync<CreateAclsException>(() => Admin.CreateAclsAsync([rule]))).Results[0].Error.Code);
    }

    private TopicMetadata Described(string topic) => Assert.Single(Admin.GetMetadata(topic, ConfluentNode.Patience).Topics);

    /// <summary>Without naming one: a topic that is asked for by name would be made.</summary>
    private IEnumerable<string> Listed() => Admin.GetMetadata(ConfluentNode.Patience).Topics.Select(topic => topic.Topic);

    private async Task<Dictionary<string, ConfigEntryResult>> ConfigsAsync(ResourceType type, string name) =>
        (await Admin.DescribeConfigsAsync([new ConfigResource { Type = type, Name = name }]))[0].Entries;

    private Task AlterAsync(string topic, bool validateOnly, params (string Name, string Value)[] configs) => Admin.AlterConfigsAsync(
        new() { [new ConfigResource { Type = ResourceType.Topic, Name = topic }] = [.. configs.Select(config => new ConfigEntry { Name = config.Name, Value = config.Value })] },
        new AlterConfigsOptions { ValidateOnly = validateOnly });
}
