using Actors.Machines;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Xunit;
using Entry = Actors.Protocol.Messages.DescribeConfigsResponse.DescribeConfigsResourceResult;

namespace Actors.Broker.Tests.Admin;

/// <summary>DescribeConfigs, AlterConfigs and IncrementalAlterConfigs in each of their versions, and what a change does to the partitions.</summary>
public sealed class ConfigsSpec() : AdminBed(new BrokerSettings
{
    NodeId = 3, DefaultPartitions = 4, RetentionCheckInterval = TimeSpan.FromSeconds(1), TopicDefaults = new Dictionary<string, string> { ["segment.bytes"] = "5000" },
})
{
    private const sbyte Topic = 2, Brokers = 4, Loggers = 8, Groups = 32;
    private const sbyte Set = 0, Delete = 1, Append = 2, Subtract = 3;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_topic_is_described_with_every_configuration_and_its_source(short version)
    {
        Create("t", 1, ("retention.ms", "1000"));
        var entries = Describe(Topic, "t", version);
        Assert.Equal(ConfigurationTable.Topic.Entries.Select(entry => entry.Name), entries.Select(entry => entry.Name));
        var (own, broker, untouched) = (Find(entries, "retention.ms"), Find(entries, "segment.bytes"), Find(entries, "max.message.bytes"));
        Assert.Equal(("1000", "5000", "1048588"), (own.Value, broker.Value, untouched.Value));
        if (version == 0)
        {
            Assert.Equal((false, false, true), (own.IsDefault, broker.IsDefault, untouched.IsDefault));
            return;
        }
        Assert.Equal((1, 4, 5), (own.ConfigSource, broker.ConfigSource, untouched.ConfigSource));
        Assert.Equal([("retention.ms", "1000", 1)], Synonyms(own));
        Assert.Equal([("log.segment.bytes", "5000", 4), ("log.segment.bytes", "1073741824", 5)], Synonyms(broker));
        Assert.Equal([("message.max.bytes", "1048588", 5)], Synonyms(untouched));
        Assert.All(entries, entry => Assert.False(entry.ReadOnly || entry.IsSensitive));
        if (version < 3)
            return;
        Assert.Equal((5, 3, 7), (own.ConfigType, untouched.ConfigType, Find(entries, "cleanup.policy").ConfigType));
        Assert.Equal("The largest record batch that is accepted, in bytes.", untouched.Documentation);
    }

    [Fact]
    public void Only_what_is_asked_for_is_told()
    {
        Create("t");
        Assert.Equal(["flush.ms", "retention.ms"], Describe(Topic, "t", 4, ["retention.ms", "flush.ms", "unheard.of"]).Select(entry => entry.Name));
        Assert.Equal(36, Describe(Topic, "t", 4, []).Count);
        var plain = Result(Topic, "t", 4, null, extras: false).Configs;
        Assert.All(plain, entry => Assert.Empty(entry.Synonyms));
        Assert.All(plain, entry => Assert.Null(entry.Documentation));
    }

    [Theory]
    [InlineData(Topic, "nowhere", ErrorCode.UnknownTopicOrPartition, null)]
    [InlineData(Topic, "", ErrorCode.InvalidTopicException, "Topic name is invalid: the empty string is not allowed")]
    [InlineData(Brokers, "4", ErrorCode.InvalidRequest, "Unexpected broker id, expected 3 or empty string, but received 4")]
    [InlineData(Brokers, "three", ErrorCode.InvalidRequest, "Broker id must be an integer, but it is: three")]
    [InlineData(Loggers, "3", ErrorCode.InvalidRequest, "Unsupported resource type: BROKER_LOGGER")]
    [InlineData(Groups, "", ErrorCode.InvalidRequest, "Group name must not be empty")]
    [InlineData((sbyte)99, "x", ErrorCode.InvalidRequest, "Unsupported resource type: UNKNOWN")]
    public void What_cannot_be_described_is_refused_for_itself(sbyte type, string name, ErrorCode error, string? message)
    {
        var result = Result(type, name, 4, null);
        Assert.Equal((error, message, type, name), ((ErrorCode)result.ErrorCode, result.ErrorMessage, result.ResourceType, result.ResourceName));
        Assert.Empty(result.Configs);
    }

    [Fact]
    public void A_broker_tells_what_it_was_started_with_and_what_cannot_change()
    {
        var entries = Describe(Brokers, "3", 4);
        Assert.Equal(("4", 4, true), (Find(entries, "num.partitions").Value, Find(entries, "num.partitions").ConfigSource, Find(entries, "num.partitions").ReadOnly));
        Assert.Equal(("3", "3"), (Find(entries, "node.id").Value, Find(entries, "broker.id").Value));
        Assert.Equal("PLAINTEXT://simulated:9092", Find(entries, "advertised.listeners").Value);
        Assert.Equal(("0", 4), (Find(entries, "group.initial.rebalance.delay.ms").Value, Find(entries, "group.initial.rebalance.delay.ms").ConfigSource));
        Assert.Equal((null, true, 9), (Find(entries, "ssl.key.password").Value, Find(entries, "ssl.key.password").IsSensitive, Find(entries, "ssl.key.password").ConfigType));
        Assert.False(Find(entries, "log.retention.ms").ReadOnly);
        Assert.True(entries.Count > 250, $"{entries.Count} configurations");
        Assert.Empty(Describe(Brokers, "", 4));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Single_configurations_are_set_taken_back_added_to_and_taken_from(short version)
    {
        Create("t", 1, ("flush.ms", "7"));
        Assert.Equal((ErrorCode.None, null), Alter(Topic, "t", version, ("retention.ms", "9000", Set), ("cleanup.policy", "compact", Append), ("flush.ms", null, Delete)));
        Assert.Equal([("cleanup.policy", "delete,compact"), ("retention.ms", "9000")], Own("t"));
        Assert.Equal((ErrorCode.None, null), Alter(Topic, "t", version, ("cleanup.policy", "delete", Subtract)));
        Restart();
        Assert.Equal([("cleanup.policy", "compact"), ("retention.ms", "9000")], Own("t"));
    }

    [Theory]
    [InlineData("retention.ms", "soon", Set, ErrorCode.InvalidConfig, "Invalid value soon for configuration retention.ms: Not a number of type LONG")]
    [InlineData("retention.ms", "-2", Set, ErrorCode.InvalidConfig, "Invalid value -2 for configuration retention.ms: Value must be at least -1")]
    [InlineData("cleanup.policy", "shred", Append, ErrorCode.InvalidConfig, "Invalid value shred for configuration cleanup.policy: String must be one of: compact, delete")]
    [InlineData("retention.seconds", "1", Set, ErrorCode.InvalidConfig, "Unknown topic config name: retention.seconds")]
    [InlineData("retention.ms", "1", Append, ErrorCode.InvalidConfig, "Can't APPEND to key retention.ms because its type is not LIST.")]
    [InlineData("retention.ms", null, Set, ErrorCode.InvalidRequest, "Null value not supported for : retention.ms")]
    [InlineData("retention.ms", "1", (sbyte)9, ErrorCode.InvalidRequest, "Unknown operation type 9.")]
    public void A_change_that_cannot_be_is_refused_in_Kafkas_words_and_nothing_of_the_resource_changes(string name, string? value, sbyte operation, ErrorCode error, string message)
    {
        Create("t");
        Assert.Equal((error, message), Alter(Topic, "t", 1, ("flush.ms", "5", Set), (name, value, operation)));
        Assert.Empty(Own("t"));
    }

    [Fact]
    public void Resources_are_changed_each_for_itself()
    {
        Create("a");
        Create("b");
        var request = new IncrementalAlterConfigsRequest();
        foreach (var (name, value) in new[] { ("a", "1"), ("nowhere", "1"), ("b", "1"), ("b", "2") })
            request.Resources.Add(Change(Topic, name, ("retention.ms", value, Set)));
        var responses = Ask<IncrementalAlterConfigsResponse>(request, 1).Responses.Select(each => (each.ResourceName, (ErrorCode)each.ErrorCode, each.ErrorMessage));
        Assert.Equal(
            [
                ("a", ErrorCode.None, null), ("nowhere", ErrorCode.UnknownTopicOrPartition, "The topic 'nowhere' does not exist."),
                ("b", ErrorCode.InvalidRequest, "Each resource must appear at most once."), ("b", ErrorCode.InvalidRequest, "Each resource must appear at most once."),
            ],
            responses);
        Assert.Equal([("retention.ms", "1")], Own("a"));
        Assert.Empty(Own("b"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void AlterConfigs_puts_back_what_it_does_not_name(short version)
    {
        Create("t", 1, ("flush.ms", "7"));
        Assert.Equal((ErrorCode.None, null), Replace("t", version, false, ("retention.ms", "1000")));
        Assert.Equal([("retention.ms", "1000")], Own("t"));
        Assert.Equal((ErrorCode.None, null), Replace("t", version, true, ("retention.ms", "2000")));
        Assert.Equal([("retention.ms", "1000")], Own("t"));
        Assert.Equal((ErrorCode.InvalidConfig, "Invalid value x for configuration retention.ms: Not a number of type LONG"), Replace("t", version, true, ("retention.ms", "x")));
        Assert.Equal((ErrorCode.InvalidRequest, "Error due to duplicate config keys"), Replace("t", version, false, ("retention.ms", "1"), ("retention.ms", "2")));
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, Replace("nowhere", version, false).Error);
        Assert.Equal((ErrorCode.None, null), Replace("t", version, false));
        Assert.Empty(Own("t"));
    }

    [Fact]
    public void Batches_above_max_message_bytes_are_refused_from_the_change_on()
    {
        Create("t");
        Assert.Equal(ErrorCode.None, (ErrorCode)Produce("t", 2_000).ErrorCode);
        Alter(Topic, "t", 1, ("max.message.bytes", "1000", Set));
        var refused = Produce("t", 2_000);
        Assert.Equal(ErrorCode.MessageTooLarge, (ErrorCode)refused.ErrorCode);
        Assert.Contains("which exceeds the maximum configured value of 1000.", refused.ErrorMessage);
        Alter(Topic, "t", 1, ("max.message.bytes", null, Delete));
        Assert.Equal(ErrorCode.None, (ErrorCode)Produce("t", 2_000).ErrorCode);
    }

    [Fact]
    public void The_brokers_clock_and_its_bounds_hold_from_the_change_on()
    {
        Create("t");
        Assert.Equal(-1, Produce("t", timestamp: 77).LogAppendTimeMs);
        Alter(Topic, "t", 1, ("message.timestamp.before.max.ms", "1000", Set));
        Assert.Equal(ErrorCode.InvalidTimestamp, (ErrorCode)Produce("t", timestamp: 77).ErrorCode);
        Alter(Topic, "t", 1, ("message.timestamp.type", "LogAppendTime", Set));
        Assert.True(Produce("t", timestamp: 77).LogAppendTimeMs > 1_000);
    }

    [Fact]
    public void Records_go_once_retention_is_shortened()
    {
        Create("t");
        Produce("t");
        Run(5_000);
        Assert.Equal(0, Start("t"));
        Alter(Topic, "t", 1, ("retention.ms", "1000", Set));
        Run(3_000);
        Assert.Equal(1, Start("t"));
    }

    [Fact]
    public void What_all_brokers_are_told_is_a_default_of_topics_until_one_broker_or_the_topic_says_otherwise()
    {
        Create("t");
        Assert.Equal((ErrorCode.None, null), Alter(Brokers, "", 1, ("message.max.bytes", "1000", Set)));
        Assert.Equal(ErrorCode.MessageTooLarge, (ErrorCode)Produce("t", 2_000).ErrorCode);
        Assert.Equal(("1000", 3), (Describe(Brokers, "", 4).Single().Value, Describe(Brokers, "", 4).Single().ConfigSource));
        Assert.Equal(("1000", 3), (Find(Describe(Topic, "t", 4), "max.message.bytes").Value, Find(Describe(Topic, "t", 4), "max.message.bytes").ConfigSource));
        Alter(Brokers, "3", 1, ("message.max.bytes", "3000", Set));
        Assert.Equal(ErrorCode.None, (ErrorCode)Produce("t", 2_000).ErrorCode);
        Restart();
        Assert.Equal(("3000", 2), (Find(Describe(Brokers, "3", 4), "message.max.bytes").Value, Find(Describe(Brokers, "3", 4), "message.max.bytes").ConfigSource));
        Assert.Equal(ErrorCode.MessageTooLarge, (ErrorCode)Produce("t", 4_000).ErrorCode);
        Alter(Topic, "t", 1, ("max.message.bytes", "9000", Set));
        Assert.Equal(ErrorCode.None, (ErrorCode)Produce("t", 4_000).ErrorCode);
    }

    [Theory]
    [InlineData("3", "num.partitions", "9", ErrorCode.InvalidRequest, "Cannot update these configs dynamically: Set(num.partitions)")]
    [InlineData("3", "log.retention.ms", "x", ErrorCode.InvalidRequest, "Invalid value x for configuration log.retention.ms: Not a number of type LONG")]
    [InlineData("4", "log.retention.ms", "1", ErrorCode.InvalidRequest, "Unexpected broker id, expected 3, but received 4")]
    [InlineData("", "sasl.enabled.mechanisms", "PLAIN", ErrorCode.InvalidRequest, "Cannot update these configs at default cluster level, broker id must be specified: Set(sasl.enabled.mechanisms)")]
    [InlineData("3", "unheard.of", "1", ErrorCode.InvalidConfig, "Unknown broker config name: unheard.of")]
    public void What_a_broker_cannot_be_told_is_refused(string broker, string name, string value, ErrorCode error, string message) =>
        Assert.Equal((error, message), Alter(Brokers, broker, 1, (name, value, Set)));

    [Fact]
    public void A_groups_configuration_is_kept_and_shown()
    {
        Assert.Equal((ErrorCode.None, null), Alter(Groups, "g", 1, ("consumer.heartbeat.interval.ms", "6000", Set)));
        Assert.Equal(("6000", 8), (Find(Describe(Groups, "g", 4), "consumer.heartbeat.interval.ms").Value, Find(Describe(Groups, "g", 4), "consumer.heartbeat.interval.ms").ConfigSource));
        Assert.Equal("45000", Find(Describe(Groups, "g", 4), "consumer.session.timeout.ms").Value);
    }

    private List<Entry> Describe(sbyte type, string name, short version, List<string>? keys = null)
    {
        var result = Result(type, name, version, keys);
        Assert.Equal((ErrorCode.None, null), ((ErrorCode)result.ErrorCode, result.ErrorMessage));
        return result.Configs;
    }

    private DescribeConfigsResponse.DescribeConfigsResult Result(sbyte type, string name, short version, List<string>? keys, bool extras = true) =>
        Ask<DescribeConfigsResponse>(new DescribeConfigsRequest
        {
            Resources = [new DescribeConfigsRequest.DescribeConfigsResource { ResourceType = type, ResourceName = name, ConfigurationKeys = keys }],
            IncludeSynonyms = extras && version >= 1,
            IncludeDocumentation = extras && version >= 3,
        }, version).Results.Single();

    private (ErrorCode, string?) Alter(sbyte type, string name, short version, params (string, string?, sbyte)[] changes)
    {
        var result = Ask<IncrementalAlterConfigsResponse>(new IncrementalAlterConfigsRequest { Resources = [Change(type, name, changes)] }, version).Responses.Single();
        return ((ErrorCode)result.ErrorCode, result.ErrorMessage);
    }

    private static IncrementalAlterConfigsRequest.AlterConfigsResource Change(sbyte type, string name, params (string Name, string? Value, sbyte Operation)[] changes) => new()
    {
        ResourceType = type,
        ResourceName = name,
        Configs = [.. changes.Select(change => new IncrementalAlterConfigsRequest.AlterableConfig { Name = change.Name, Value = change.Value, ConfigOperation = change.Operation })],
    };

    private (ErrorCode Error, string? Message) Replace(string topic, short version, bool validateOnly, params (string Name, string Value)[] configs)
    {
        var result = Ask<AlterConfigsResponse>(new AlterConfigsRequest
        {
            Resources =
            [
                new AlterConfigsRequest.AlterConfigsResource
                {
                    ResourceType = Topic, ResourceName = topic, Configs = [.. configs.Select(config => new AlterConfigsRequest.AlterableConfig { Name = config.Name, Value = config.Value })],
                },
            ],
            ValidateOnly = validateOnly,
        }, version).Responses.Single();
        return ((ErrorCode)result.ErrorCode, result.ErrorMessage);
    }

    private IEnumerable<(string, string?)> Own(string topic) => Describe(Topic, topic, 4).Where(entry => entry.ConfigSource == 1).Select(entry => (entry.Name, entry.Value));

    private static Entry Find(List<Entry> entries, string name) => entries.Single(entry => entry.Name == name);

    private static IEnumerable<(string, string?, int)> Synonyms(Entry entry) => entry.Synonyms.Select(synonym => (synonym.Name, synonym.Value, (int)synonym.Source));

    private long Start(string topic)
    {
        var request = new ListOffsetsRequest { ReplicaId = -1 };
        request.Topics.Add(new ListOffsetsRequest.ListOffsetsTopic { Name = topic });
        request.Topics[0].Partitions.Add(new ListOffsetsRequest.ListOffsetsPartition { PartitionIndex = 0, Timestamp = -2, CurrentLeaderEpoch = -1 });
        return Ask<ListOffsetsResponse>(request, 5).Topics[0].Partitions[0].Offset;
    }
}
