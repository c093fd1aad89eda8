using System.Text.RegularExpressions;
using Actors.Cli;
using Actors.Client.Tests.Fakes;
using Actors.Protocol;
using Actors.Protocol.Messages;
using static Actors.Client.Tests.Text;

namespace Actors.Client.Tests.Cli;

/// <summary>Kafka's tools under their own names: their flags, their lines, their words when something is wrong.</summary>
public sealed partial class KafkaToolsSpec : IAsyncDisposable
{
    private const string Servers = "--bootstrap-server fake:9001";

    private readonly FakeCluster _cluster = new();
    private readonly Shell _shell;

    public KafkaToolsSpec() => _shell = new Shell(_cluster);

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    private async Task<string> Done(string commandLine, string input = "")
    {
        var result = await _shell.RunAsync(commandLine, input);
        Assert.True(result.ExitCode == 0, $"{commandLine}: {result}");
        return result.Output;
    }

    [GeneratedRegex(@"^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}\] ", RegexOptions.Multiline)]
    private static partial Regex LogTime();

    [Fact]
    public async Task Topics_are_made_listed_by_pattern_and_deleted_by_pattern()
    {
        Assert.Equal("Created topic orders.\n", await Done($"kafka-topics.sh --create --topic orders --partitions 3 --replication-factor 1 {Servers}"));
        Assert.Contains("WARNING: Due to limitations in metric names, topics with a period ('.') or underscore ('_') could collide.", await Done($"kafka-topics --create --topic old_orders {Servers}"));
        Assert.Equal("", await Done($"kafka-topics --create --topic orders --if-not-exists {Servers}"));
        Assert.Equal("old_orders\norders\n", await Done($"kafka-topics --list {Servers}"));
        Assert.Equal("old_orders\n", await Done($"kafka-topics --list --topic old.*,none {Servers}"));
        Assert.Equal("", await Done($"kafka-topics --delete --topic old.* {Servers}"));
        Assert.Equal("", await Done($"kafka-topics --delete --topic old.* --if-exists {Servers}"));
        Assert.Equal("orders\n", await Done("kafka-topics --list --bootstrap fake:9001"));
    }

    [Theory]
    [InlineData("--create --topic there", "Topic 'there' already exists.", "org.apache.kafka.common.errors.TopicExistsException")]
    [InlineData("--describe --topic absent", "Topic 'absent' does not exist as expected", "java.lang.IllegalArgumentException")]
    [InlineData("--create --topic x --partitions 0", "The partitions must be greater than 0", "java.lang.IllegalArgumentException")]
    [InlineData("--create --topic x --replication-factor 40000", "The replication factor must be between 1 and 32767 inclusive", "java.lang.IllegalArgumentException")]
    public async Task What_topics_cannot_do_is_told_as_Kafka_tells_it(string flags, string message, string exception)
    {
        _cluster.AddTopic("there");
        var result = await _shell.RunAsync($"kafka-topics {flags} {Servers}");
        Assert.Equal((1, $"Error while executing topic command : {message}\n"), (result.ExitCode, result.Output));
        Assert.Equal($"ERROR {exception}: {message}\n (org.apache.kafka.tools.TopicCommand)\n", LogTime().Replace(result.Error, ""));
    }

    [Theory]
    [InlineData("kafka-topics", "Create, delete, describe, or change a topic.")]
    [InlineData("kafka-topics --help", "This tool helps to create, delete, describe, or change a topic.")]
    [InlineData("kafka-topics --list --describe " + Servers, "Command must include exactly one action: --list, --describe, --create, --alter or --delete")]
    [InlineData("kafka-topics --list", "--bootstrap-server must be specified")]
    [InlineData("kafka-topics --list --zookeeper localhost:2181", "zookeeper is not a recognized option: there is no ZooKeeper; use --bootstrap-server HOST:PORT")]
    [InlineData("kafka-topics --create " + Servers, "Missing required argument \"[topic]\"")]
    [InlineData("kafka-topics --create " + Servers + " --topic", "Option topic requires an argument")]
    [InlineData("kafka-topics --create " + Servers + " --topic t --partitions many", "Cannot parse argument 'many' of option partitions")]
    [InlineData("kafka-topics --list --partitions 3 " + Servers, "Option \"[partitions]\" can't be used with option \"[list]\"")]
    [InlineData("kafka-topics --un --list " + Servers, "un is ambiguous: it could be --unavailable-partitions, --under-replicated-partitions")]
    [InlineData("kafka-topics --alter --topic t --config retention.ms=1 " + Servers, "can't be used with option \"[alter]\" (the kafka-configs.sh CLI")]
    [InlineData("kafka-console-producer " + Servers, "Missing required argument \"[topic]\"")]
    [InlineData("kafka-console-producer --topic t", "Missing required argument \"[bootstrap-server]\"")]
    [InlineData("kafka-console-consumer " + Servers, "Exactly one of --include/--topic is required. ")]
    [InlineData("kafka-console-consumer --topic t --offset 3 " + Servers, "The partition is required when offset is specified.")]
    [InlineData("kafka-console-consumer --topic t --partition 0 --offset soon " + Servers, "The provided offset value 'soon' is incorrect. Valid values are 'earliest', 'latest', or a non-negative long.")]
    [InlineData("kafka-console-consumer --topic t --value-deserializer com.shop.OrderDeserializer " + Servers, "--value-deserializer com.shop.OrderDeserializer: this deserializer is not there")]
    [InlineData("kafka-consumer-groups --describe " + Servers, "Option [describe] takes one of these options: [all-groups], [group]")]
    [InlineData("kafka-consumer-groups --reset-offsets --group g --topic t " + Servers, "Option \"[reset-offsets]\" requires one of the following scenarios: [to-offset], ")]
    [InlineData("kafka-consumer-groups --reset-offsets --group g --to-earliest " + Servers, "One of the reset scopes should be defined: --all-topics, --topic.")]
    [InlineData("kafka-consumer-groups --reset-offsets --group g --all-topics --to-earliest --to-latest " + Servers, "Option \"[to-earliest]\" can't be used with option \"[to-latest]\"")]
    [InlineData("kafka-configs --describe --entity-type users " + Servers, "Invalid entity type users")]
    [InlineData("kafka-configs --alter --topic t " + Servers, "At least one of --add-config, --add-config-file, or --delete-config must be specified with --alter")]
    public async Task A_wrong_command_line_gets_Kafkas_words_and_the_table_of_flags(string commandLine, string message)
    {
        var result = await _shell.RunAsync(commandLine);
        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        var lines = result.Error.Split('\n');
        Assert.Contains(message, lines[0]);
        Assert.Matches("^Option +Description +$", lines[1]);
        Assert.All(lines, line => Assert.True(line == lines[0] || line.Length <= 80, line));
    }

    [Fact]
    public async Task The_console_producer_and_consumer_take_Kafkas_properties()
    {
        _cluster.AddTopic("t");
        await Done(
            "kafka-console-producer --broker-list fake:9001 --topic t --property parse.key=true --property key.separator=: --property parse.headers=true --property null.marker=NIL"
            + " --producer-property linger.ms=5 --compression-codec --request-required-acks all",
            "a:1\tk:v\nNIL\tNIL:w\n");
        Assert.Equal("CreateTime|Partition:0|Offset:0|a:1|k|v\nCreateTime|Partition:0|Offset:1|NO_HEADERS|null|w\n", Regex.Replace(await Done(
            $"kafka-console-consumer {Servers} --topic t --from-beginning --max-messages 2 --property print.key=true --property print.timestamp=true --property print.partition=true"
            + " --property print.offset=true --property print.headers=true --property key.separator=| --formatter kafka.tools.DefaultMessageFormatter"), @"CreateTime:\d+", "CreateTime"));
        Assert.Equal("w\n", await Done($"kafka-console-consumer {Servers} --topic t --partition 0 --offset 1 --max-messages 1"));
        Assert.Equal("v;w;", await Done($"kafka-console-consumer {Servers} --include t|u --consumer-property auto.offset.reset=earliest --max-messages 2 --property line.separator=;"));
        var timedOut = await _shell.RunAsync($"kafka-console-consumer {Servers} --topic t --from-beginning --timeout-ms 300 --formatter org.apache.kafka.tools.consumer.NoOpMessageFormatter");
        Assert.Equal((0, "", "ERROR Error processing message, terminating consumer process:  (org.apache.kafka.tools.consumer.ConsoleConsumer)\norg.apache.kafka.common.errors.TimeoutException\nProcessed a total of 2 messages\n"),
            (timedOut.ExitCode, timedOut.Output, LogTime().Replace(timedOut.Error, "")));
        var refused = await _shell.RunAsync($"kafka-console-producer {Servers} --topic t --property parse.key=true", "none\n");
        Assert.Equal((1, "org.apache.kafka.common.KafkaException: No key separator found on line number 1: 'none'\n"), (refused.ExitCode, refused.Error));
    }

    [Theory]
    [InlineData("Integer", new byte[] { 255, 255, 255, 254 }, "-2")]
    [InlineData("Short", new byte[] { 1, 0 }, "256")]
    [InlineData("Long", new byte[] { 0, 0, 0, 0, 0, 0, 1, 0 }, "256")]
    [InlineData("Double", new byte[] { 0x40, 0x59, 0, 0, 0, 0, 0, 0 }, "100.0")]
    [InlineData("Double", new byte[] { 0x41, 0x78, 0x6A, 0x0D, 0, 0, 0, 0 }, "2.5600208E7")]
    [InlineData("Double", new byte[] { 0x3F, 0x1A, 0x36, 0xE2, 0xEB, 0x1C, 0x43, 0x2D }, "1.0E-4")]
    [InlineData("Float", new byte[] { 0x3F, 0x80, 0, 0 }, "1.0")]
    [InlineData("Boolean", new byte[] { 1 }, "true")]
    [InlineData("UUID", new byte[] { 97, 98 }, "ab")]
    public async Task Deserializers_show_values_as_Java_does(string type, byte[] value, string shown)
    {
        _cluster.AddTopic("t");
        await using var client = new ClusterClient(_cluster.Options);
        await using (var producer = new Producer(client)) await producer.SendAsync(new ProducerRecord("t", null, value));
        Assert.Equal($"{shown}\n", await Done(
            $"kafka-console-consumer {Servers} --topic t --from-beginning --max-messages 1 --value-deserializer org.apache.kafka.common.serialization.{type}Deserializer"));
    }

    [Fact]
    public async Task Offsets_are_reset_by_every_scenario()
    {
        _cluster.AddTopic("t", 2);
        await Done($"kafka-console-producer {Servers} --topic t", "1\n2\n3\n4\n5\n6\n");
        _cluster.Groups["g"].Offsets[new("t", 0)] = new(1);
        var ends = _cluster.Topics["t"].Logs.Select(log => log.End).ToArray();
        async Task<string> Reset(string flags) => string.Join(' ', (await Done($"kafka-consumer-groups {Servers} --reset-offsets --group g {flags}")).Split('\n')
            .Where(line => line.StartsWith('g')).Select(line => string.Join(':', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[2..])));

        Assert.Equal("0:0 1:0", await Reset("--topic t --to-earliest --dry-run"));
        Assert.Equal($"0:{ends[0]} 1:{ends[1]}", await Reset("--topic t --to-latest --dry-run"));
        Assert.Equal("0:1", await Reset("--all-topics --to-current --dry-run"));
        Assert.Equal($"1:{ends[1]}", await Reset("--topic t:1 --to-offset 99 --dry-run"));
        Assert.Equal("0:0", await Reset("--all-topics --shift-by -4 --dry-run"));
        Assert.Equal($"0:{ends[0]} 1:{ends[1]}", await Reset("--topic t --to-datetime 2099-01-01T00:00:00.000 --dry-run"));
        Assert.Equal(1, _cluster.Groups["g"].Offsets[new("t", 0)].Offset);
        Assert.Equal("0:0 1:0", await Reset("--topic t --by-duration P10000D --execute"));
        Assert.Equal(0, _cluster.Groups["g"].Offsets[new("t", 0)].Offset);

        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, await Done($"kafka-consumer-groups {Servers} --reset-offsets --group g --all-topics --to-latest --export --dry-run"));
            Assert.Equal($"0:{ends[0]} 1:{ends[1]}", await Reset($"--from-file {file} --execute"));
            await File.WriteAllTextAsync(file, "t,one,2\n");
            var refused = await _shell.RunAsync($"kafka-consumer-groups {Servers} --reset-offsets --group g --from-file {file} --dry-run");
            Assert.Contains("line 1: topic,partition,offset is meant", refused.Output + refused.Error);
        }
        finally
        {
            File.Delete(file);
        }
        Assert.Equal(ends, new[] { _cluster.Groups["g"].Offsets[new("t", 0)].Offset, _cluster.Groups["g"].Offsets[new("t", 1)].Offset });
    }

    [Fact]
    public async Task A_reset_says_what_it_does_not_do()
    {
        _cluster.AddTopic("t");
        var nothing = await _shell.RunAsync($"kafka-consumer-groups {Servers} --reset-offsets --group g --topic t --to-offset 7");
        Assert.Equal($"\n{"GROUP",-30} {"TOPIC",-30} {"PARTITION",-10} {"NEW-OFFSET",-15}\n{"g",-30} {"t",-30} {"0",-10} {"0",-15}\n", nothing.Output);
        Assert.StartsWith("WARN: No action will be performed as the --execute option is missing. In a future major release,", nothing.Error);
        Assert.Contains("WARN New offset (7) is higher than latest offset for topic partition t-0. Value will be set to 0 (org.apache.kafka.tools.consumer.group.ConsumerGroupCommand)", nothing.Error);
        await using var client = new ClusterClient(_cluster.Options);
        await using var consumer = new Consumer(client, new ConsumerOptions { Group = new GroupOptions { GroupId = "g", Topics = ["t"] } });
        await Until(() => consumer.Member.Assignment.Count == 1, "a member");
        var busy = await _shell.RunAsync($"kafka-consumer-groups {Servers} --reset-offsets --group g --topic t --to-earliest --execute");
        Assert.Equal((1, "\nError: Assignments can only be reset if the group 'g' is inactive, but the current state is Stable.\n"), (busy.ExitCode, busy.Output));
        var deleted = await _shell.RunAsync($"kafka-consumer-groups {Servers} --delete --group g");
        Assert.Equal(
            "\nError: Deletion of some consumer groups failed:\n* Group 'g' could not be deleted due to: java.util.concurrent.ExecutionException: org.apache.kafka.common.errors.GroupNotEmptyException: The group is not empty.\n",
            deleted.Output);
    }

    [Fact]
    public async Task Groups_are_listed_by_state_and_type_and_their_offsets_deleted_a_topic_at_a_time()
    {
        _cluster.AddTopic("t", 2);
        _cluster.Groups["idle"].Offsets[new("t", 0)] = new(0);
        Assert.Equal($"{"GROUP",-25} {"TYPE",-20} {"STATE",-20}\n{"idle",-25} {"Classic",-20} {"Empty",-20}\n", await Done($"kafka-consumer-groups {Servers} --list --type --state Empty,Dead"));
        Assert.Equal($"{"GROUP",-25} {"TYPE",-20}\n", await Done($"kafka-consumer-groups {Servers} --list --type consumer"));
        _cluster.On<OffsetDeleteRequest>((_, request) => (new OffsetDeleteResponse
        {
            Topics = [.. request.Topics.Select(topic => new OffsetDeleteResponse.OffsetDeleteResponseTopic
            {
                Name = topic.Name,
                Partitions = [.. topic.Partitions.Select(p => new OffsetDeleteResponse.OffsetDeleteResponsePartition
                {
                    PartitionIndex = p.PartitionIndex, ErrorCode = (short)(p.PartitionIndex == 0 ? ErrorCode.None : ErrorCode.GroupSubscribedToTopic),
                })],
            })],
        }, Fault.None));
        Assert.Equal($"Request succeed for deleting offsets with topic t:0 group idle\n\n{"TOPIC",-30} {"PARTITION",-15} {"STATUS",-15}\n{"t",-30} {"0",-15} {"Successful",-15}\n",
            await Done($"kafka-consumer-groups {Servers} --delete-offsets --group idle --topic t:0"));
        var some = await _shell.RunAsync($"kafka-consumer-groups {Servers} --delete-offsets --group idle --topic t");
        Assert.Equal(1, some.ExitCode);
        Assert.StartsWith("\nError: Encounter some partition level error, see the follow-up details:\n", some.Output);
        Assert.Contains("Error: Deleting offsets of a topic is forbidden while the consumer group is actively subscribed to it.", some.Output);
        Assert.Equal("\nError: Consumer group 'absent' does not exist.\n", await Done($"kafka-consumer-groups {Servers} --describe --group absent"));
    }

    [Fact]
    public async Task Configurations_are_described_and_altered()
    {
        _cluster.AddTopic("t").Configs["retention.ms"] = "1000";
        IncrementalAlterConfigsRequest? asked = null;
        _cluster.On<IncrementalAlterConfigsRequest>((_, request) =>
        {
            asked = request;
            var bad = request.Resources[0].Configs.Any(c => c.Name == "retention.mss");
            return (new IncrementalAlterConfigsResponse
            {
                Responses =
                [
                    new IncrementalAlterConfigsResponse.AlterConfigsResourceResponse
                    {
                        ResourceType = 2, ResourceName = "t", ErrorCode = (short)(bad ? ErrorCode.InvalidConfig : ErrorCode.None), ErrorMessage = bad ? "Unknown topic config name: retention.mss" : null,
                    },
                ],
            }, Fault.None);
        });
        Assert.Equal("Dynamic configs for topic t are:\n  retention.ms=1000 sensitive=false synonyms={}\n", await Done($"kafka-configs {Servers} --describe --entity-type topics --entity-name t"));
        Assert.Contains("\n  max.message.bytes=1048588 sensitive=false synonyms={}\n", await Done($"kafka-configs {Servers} --describe --topic t --all"));
        Assert.Equal("Completed updating config for topic t.\n", await Done($"kafka-configs {Servers} --alter --topic t --add-config retention.ms=5,cleanup.policy=[compact,delete]"));
        Assert.Equal([("retention.ms", 0, "5"), ("cleanup.policy", 0, "compact,delete")], asked!.Resources[0].Configs.Select(c => (c.Name, (int)c.ConfigOperation, c.Value)));
        Assert.Equal("Completed updating config for topic t.\n", await Done($"kafka-configs {Servers} --alter --topic t --delete-config retention.ms"));
        Assert.Equal([("retention.ms", 1, null)], asked!.Resources[0].Configs.Select(c => (c.Name, (int)c.ConfigOperation, c.Value)));
        var unset = await _shell.RunAsync($"kafka-configs {Servers} --alter --topic t --delete-config segment.ms");
        Assert.Equal((1, "Invalid config(s): segment.ms\n"), (unset.ExitCode, unset.Error));
        var refused = await _shell.RunAsync($"kafka-configs {Servers} --alter --topic t --add-config retention.mss=5");
        Assert.Equal(1, refused.ExitCode);
        Assert.StartsWith("Error while executing config command with args '--bootstrap-server fake:9001 --alter --topic t --add-config retention.mss=5'\n", refused.Error);
        Assert.Contains("org.apache.kafka.common.errors.InvalidConfigurationException: Unknown topic config name: retention.mss\n", refused.Error);
    }

    [Fact]
    public async Task Partitions_are_added()
    {
        _cluster.AddTopic("t", 2);
        _cluster.On<CreatePartitionsRequest>((_, request) => (new CreatePartitionsResponse
        {
            Results = [.. request.Topics.Select(t => new CreatePartitionsResponse.CreatePartitionsTopicResult
            {
                Name = t.Name, ErrorCode = (short)(t.Count > 2 ? ErrorCode.None : ErrorCode.InvalidPartitions), ErrorMessage = t.Count > 2 ? null : "Topic already has 2 partition(s).",
            })],
        }, Fault.None));
        Assert.Equal("", await Done($"kafka-topics --alter --topic t --partitions 4 {Servers}"));
        var fewer = await _shell.RunAsync($"kafka-topics --alter --topic t --partitions 2 {Servers}");
        Assert.Equal((1, "Error while executing topic command : Topic already has 2 partition(s).\n"), (fewer.ExitCode, fewer.Output));
        Assert.Equal("", await Done("topics alter t --partitions 3"));
    }
}
