using System.Text.Json;
using Xunit;

namespace Actors.Machines.Tests;

/// <summary>The tables of brokers' and groups' configurations against Kafka's own definitions.</summary>
public class BrokerConfigurationSpec
{
    [Fact]
    public void Names_types_defaults_and_what_may_change_are_Kafkas_without_ZooKeeper_and_what_is_internal() => Assert.Equal(
        Facts("broker").Where(fact => !fact.TryGetProperty("internal", out _) && !Text(fact, "name")!.StartsWith("zookeeper.", StringComparison.Ordinal))
            .Select(fact => (Text(fact, "name"), Text(fact, "type"), Text(fact, "default"), Text(fact, "dynamic"), fact.GetProperty("listenerPrefixOnly").GetBoolean())),
        ConfigurationTable.Broker.Entries.Where(entry => !entry.DynamicOnly).Select(entry => (
            (string?)entry.Name, (string?)entry.Type.ToString().ToUpperInvariant(), entry.Default,
            (string?)(char.ToLowerInvariant(entry.Update.ToString()[0]) + entry.Update.ToString()[1..]), entry.ListenerPrefixOnly)));

    [Fact]
    public void What_a_broker_can_only_be_told_while_it_runs_is_known_too() => Assert.Equal(
        Facts("entity").Where(fact => Text(fact, "entity") == "broker").Select(fact => (Text(fact, "name"), Text(fact, "default"))),
        ConfigurationTable.Broker.Entries.Where(entry => entry.DynamicOnly).Select(entry => ((string?)entry.Name, entry.Default)));

    [Fact]
    public void Groups_configurations_are_Kafkas_with_the_brokers_that_bound_them() => Assert.Equal(
        Facts("group").Select(fact => (Text(fact, "name"), Text(fact, "type"), Text(fact, "default"), Text(fact, "brokerDefault"), (Text(fact, "brokerMin"), Text(fact, "brokerMax")))),
        ConfigurationTable.Group.Entries.Select(entry => (
            (string?)entry.Name, (string?)entry.Type.ToString().ToUpperInvariant(), entry.Default, (string?)entry.Synonyms.Single(), ((string?)entry.Within!.Value.AtLeast, (string?)entry.Within.Value.AtMost))));

    [Fact]
    public void Every_default_is_valid_and_every_entry_has_a_sentence()
    {
        foreach (var entry in ConfigurationTable.Broker.Entries.Concat(ConfigurationTable.Group.Entries).Concat(ConfigurationTable.Topic.Entries))
        {
            Assert.EndsWith(".", entry.Documentation);
            if (entry.Default is { } value)
                Assert.Null(entry.Check(value));
        }
    }

    /// <summary>What is kept without effect says so to who asks for the documentation.</summary>
    [Fact]
    public void What_has_no_effect_says_so() => Assert.All(
        ConfigurationTable.Topic.Entries.Concat(ConfigurationTable.Group.Entries),
        entry => Assert.Equal(entry.Effect == ConfigurationEffect.None, entry.Documentation.EndsWith("without effect here.", StringComparison.Ordinal)));

    [Theory]
    [InlineData("ssl.client.auth", "perhaps", "String must be one of: required, requested, none")]
    [InlineData("ssl.client.auth", "REQUIRED", "String must be one of: required, requested, none")]
    [InlineData("broker.id", "1.5", "Not a number of type INT")]
    [InlineData("log.cleaner.io.buffer.load.factor", "x", "Not a number of type DOUBLE")]
    [InlineData("offsets.topic.replication.factor", "40000", "Not a number of type SHORT")]
    [InlineData("offsets.topic.replication.factor", "0", "Value must be at least 1")]
    [InlineData("auto.create.topics.enable", "yes", "Expected value to be either true or false")]
    public void A_value_that_cannot_be_is_told_in_Kafkas_words(string name, string value, string reason) =>
        Assert.Equal($"Invalid value {value} for configuration {name}: {reason}", ConfigurationTable.Broker.Find(name)!.Check(value));

    [Theory]
    [InlineData("leader.replication.throttled.replicas", "*", null)]
    [InlineData("leader.replication.throttled.replicas", "", null)]
    [InlineData("leader.replication.throttled.replicas", "0:1,1:2", null)]
    [InlineData("leader.replication.throttled.replicas", "0:1,x", "Invalid value [0:1, x] for configuration leader.replication.throttled.replicas: leader.replication.throttled.replicas must be the literal '*' or a list of replicas in the following format: [partitionId]:[brokerId],[partitionId]:[brokerId],...")]
    [InlineData("cleanup.policy", "delete, shred", "Invalid value shred for configuration cleanup.policy: String must be one of: compact, delete")]
    [InlineData("cleanup.policy", "", null)]
    [InlineData("message.format.version", "2.8.1", null)]
    [InlineData("message.format.version", "9.9", "Invalid value 9.9 for configuration message.format.version: Version 9.9 is not a valid version")]
    [InlineData("remote.storage.enable", "false", null)]
    [InlineData("remote.storage.enable", "true", "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage.")]
    [InlineData("compression.gzip.level", "0", "Invalid value 0 for configuration compression.gzip.level: Value must be between 1 and 9 or equal to -1")]
    public void Of_a_topic_too(string name, string value, string? reason) => Assert.Equal(reason, TopicConfigurationRules.Check(name, value));

    [Fact]
    public void Lags_of_compaction_must_not_cross() => Assert.Equal(
        "conflict topic config setting min.compaction.lag.ms (9) > max.compaction.lag.ms (8)",
        TopicConfigurationRules.Check([new("min.compaction.lag.ms", "9"), new("max.compaction.lag.ms", " 8")]));

    private static IEnumerable<JsonElement> Facts(string kind) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(Transcript.Root, "Data", $"{kind}-configs.json"))).RootElement.EnumerateArray();

    private static string? Text(JsonElement fact, string name) => fact.GetProperty(name).GetString();
}
