using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

namespace Actors.Machines.Tests;

/// <summary>The table of topic configurations against Kafka 3.9's own definitions.</summary>
public partial class TopicConfigurationSpec
{
    private static readonly JsonElement[] Facts = [.. JsonDocument.Parse(File.ReadAllText(Path.Combine(Transcript.Root, "Data", "topic-configs.json"))).RootElement.EnumerateArray()];

    [Fact]
    public void Names_types_defaults_and_synonyms_are_Kafkas() =>
        Assert.Equal(
            Facts.Select(fact => (fact.GetProperty("name").GetString(), fact.GetProperty("type").GetString(), fact.GetProperty("default").GetString(), string.Join(',', fact.GetProperty("brokerSynonyms").EnumerateArray()))),
            ConfigurationTable.Topic.Entries.Select(entry => ((string?)entry.Name, (string?)entry.Type.ToString().ToUpperInvariant(), entry.Default, string.Join(',', entry.Synonyms))));

    [Fact]
    public void Every_default_is_valid() =>
        Assert.All(ConfigurationTable.Topic.Entries, entry => Assert.Null(TopicConfigurationRules.Check(entry.Name, entry.Default)));

    [Fact]
    public void Bounds_are_Kafkas()
    {
        var checkedBounds = 0;
        foreach (var fact in Facts)
        {
            if (Range().Match(fact.GetProperty("valid").GetString() ?? "") is not { Success: true } range)
                continue;
            var name = fact.GetProperty("name").GetString()!;
            var least = long.Parse(range.Groups[1].Value);
            Assert.Null(TopicConfigurationRules.Check(name, $"{least}"));
            // The gzip level's bounds are 1 to 9, or -1.
            Assert.NotNull(TopicConfigurationRules.Check(name, $"{least - 1}"));
            if (range.Groups[2].Success)
            {
                var most = long.Parse(range.Groups[2].Value);
                Assert.Null(TopicConfigurationRules.Check(name, $"{most}"));
                Assert.NotNull(TopicConfigurationRules.Check(name, $"{most + 1}"));
            }
            checkedBounds++;
        }
        Assert.Equal(23, checkedBounds);
    }

    [Fact]
    public void The_typed_defaults_are_the_tables()
    {
        foreach (var (name, value) in TopicConfiguration.Default.Settings())
            Assert.Equal(ConfigurationTable.Topic.Find(name)!.Default, value);
        Assert.All(ConfigurationTable.Topic.Entries.Where(entry => entry.Effect != ConfigurationEffect.None), entry => Assert.Contains(TopicConfiguration.Default.Settings(), setting => setting.Key == entry.Name));
    }

    [Fact]
    public void A_topics_settings_go_over_the_brokers()
    {
        var broker = TopicConfiguration.Default with { RetentionMs = 7, MaxMessageBytes = 9 };
        var topic = broker.With([new("retention.ms", " 5 "), new("cleanup.policy", "compact, delete"), new("flush.ms", "3")]);
        Assert.Equal((5, 9, true, true), (topic.RetentionMs, topic.MaxMessageBytes, topic.CleanupCompact, topic.CleanupDelete));
        Assert.Equal(["cleanup.policy", "flush.ms", "retention.ms"], topic.Overrides.Keys);
        Assert.Equal(topic, TopicConfiguration.Restore(topic.Settings(), topic.Overrides));
        Assert.NotEqual(topic, broker);
    }

    [GeneratedRegex(@"^\[(-?\d+),\.\.\.(?:,(\d+))?\]( or -1)?$")]
    private static partial Regex Range();
}
