using System.Text;
using Actors.Client.Tests.Fakes;
using static Actors.Client.Tests.Text;

namespace Actors.Client.Tests.Cli;

/// <summary>What a user types and sees.</summary>
public sealed class CliSpec : IAsyncDisposable
{
    private readonly FakeCluster _cluster = new();
    private readonly Shell _shell;

    public CliSpec() => _shell = new Shell(_cluster);

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    private async Task<string> Done(string commandLine, string input = "")
    {
        var result = await _shell.RunAsync(commandLine, input);
        Assert.True(result.ExitCode == 0, $"{commandLine}: {result}");
        return result.Output;
    }

    [Fact]
    public async Task Topics_come_and_go_in_Kafkas_words()
    {
        Assert.Equal("Created topic foo.\n", await Done("topics create --topic foo --partitions 3 --replication-factor 1 --config retention.ms=1000 --config cleanup.policy=compact"));
        Assert.Equal("", await Done("topics create --topic foo --if-not-exists"));
        Assert.Equal("Created topic bar.\n", await Done("topics create bar"));
        Assert.Equal("bar\nfoo\n", await Done("topics list"));
        var id = System.Buffers.Text.Base64Url.EncodeToString(_cluster.Topics["foo"].Id.ToByteArray(bigEndian: true));
        Assert.Equal(
            $"Topic: foo\tTopicId: {id}\tPartitionCount: 3\tReplicationFactor: 1\tConfigs: cleanup.policy=compact,retention.ms=1000\n"
            + string.Concat(Enumerable.Range(0, 3).Select(p => $"\tTopic: foo\tPartition: {p}\tLeader: 1\tReplicas: 1\tIsr: 1\tElr: \tLastKnownElr: \n")),
            await Done("topics describe --topic foo"));
        Assert.Equal("", await Done("topics delete --topic foo"));
        Assert.Equal("bar\n", await Done("topics list"));
        Assert.Equal("", await Done("topics delete --topic foo --if-exists"));
    }

    [Theory]
    [InlineData("topics create --topic there", 1, "actors: topic there (Topic 'there' already exists.): TOPIC_ALREADY_EXISTS\nWith --if-not-exists that is no error.\n")]
    [InlineData("topics describe --topic absent", 1, "actors: topic absent: UNKNOWN_TOPIC_OR_PARTITION\n'actors topics list' shows the topics there are, 'actors topics create --topic NAME' makes one.\n")]
    [InlineData("topics create", 2, "actors: --topic is missing\nTry 'actors topics create --help'.\n")]
    [InlineData("topics create --topic x --config retention.ms", 2, "actors: --config retention.ms: name=value is meant\nTry 'actors topics create --help'.\n")]
    [InlineData("consume --topic there --offset 5", 2, "actors: --offset needs --partition\nTry 'actors consume --help'.\n")]
    [InlineData("consume --topic there --partition 7 --from-beginning", 1, "actors: partition there-7 does not exist: the topic has 1, numbered from 0\n")]
    [InlineData("consume --topic there --property print.keys=true", 2, "print.keys means nothing here; known are print.timestamp, ")]
    [InlineData("consume --topic there --key hex", 2, "actors: --key hex: one of string, json, ")]
    [InlineData("produce --topic there --compression-codec rar", 2, "actors: --compression-codec rar: none, gzip, snappy, lz4 or zstd is meant")]
    [InlineData("groups describe --group absent", 1, "actors: Consumer group 'absent' does not exist.\n")]
    [InlineData("topics", 2, "Try 'actors topics --help'.\n")]
    public async Task What_cannot_be_done_is_told_on_standard_error_with_a_remedy(string commandLine, int exitCode, string error)
    {
        _cluster.AddTopic("there");
        var result = await _shell.RunAsync(commandLine);
        Assert.Equal(exitCode, result.ExitCode);
        Assert.Contains(error, result.Error);
    }

    [Fact]
    public async Task A_node_that_is_not_there_is_told_with_the_flag_to_use()
    {
        _cluster.Down.Add(1);
        var result = await _shell.RunAsync("topics list");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("fake:9001", result.Error);
        Assert.Contains("--bootstrap-server HOST:PORT", result.Error);
    }

    [Fact]
    public async Task Help_says_what_there_is()
    {
        var help = await Done("topics create --help");
        Assert.Contains("--partitions <n>", help);
        Assert.Contains("\n  actors topics create [<name>] [options]\n", help);
        Assert.Contains("Example:\n  actors topics create --topic orders", help);
        Assert.DoesNotContain("Example", await Done("--help"));
    }

    [Fact]
    public async Task Lines_become_records_and_records_lines()
    {
        _cluster.AddTopic("t");
        await Done("produce --topic t --property parse.key=true --property key.separator=:", "Acme:{\"rating\":5}\nGlobex:a:b\r\n:empty key\nlast:no newline");
        Assert.Equal("{\"rating\":5}\na:b\nempty key\nno newline\n", await Done("consume --topic t --from-beginning --max-messages 4"));
        Assert.Equal("Acme={\"rating\":5}\nGlobex=a:b\n", await Done("consume --topic t --from-beginning --max-messages 2 --property print.key=true --property key.separator=="));
        Assert.Equal("a:b\n", await Done("consume --topic t --partition 0 --offset 1 --max-messages 1"));
        Assert.Equal("Partition:0|Offset:3|NO_HEADERS|last|no newline\n", await Done(
            "consume --topic t --partition 0 --offset 3 --max-messages 1 --property print.key=true --property print.offset=true --property print.partition=true --property print.headers=true --property key.separator=|"));
    }

    [Fact]
    public async Task Bytes_pass_untouched()
    {
        _cluster.AddTopic("t");
        byte[] line = [.. Enumerable.Range(0, 256).Where(b => b is not ('\n' or '\r')).Select(b => (byte)b)];
        Assert.Equal(0, (await _shell.RunAsync(["produce", "--topic", "t"], [.. line, (byte)'\n'])).ExitCode);
        await using var client = new ClusterClient(_cluster.Options);
        await using var fetcher = new Fetcher(client);
        fetcher.Assign(new("t", 0), 0);
        using var reader = new Protocol.Records.RecordBatchReader((await fetcher.ReadAsync()).Batches[0].Bytes);
        var records = reader;
        Assert.True(records.MoveNext());
        Assert.Equal(line, records.Current.Value!.Value.ToArray());
    }

    [Fact]
    public async Task Headers_and_nulls_go_in_and_come_out()
    {
        _cluster.AddTopic("t");
        await Done("produce --topic t --property parse.headers=true --property parse.key=true --property null.marker=NIL", "a:1,b:NIL\tkey\tNIL\nNIL\tNIL\tvalue\n");
        Assert.Equal("a:1,b:null\tkey\tnull\nNO_HEADERS\tnull\tvalue\n", await Done("consume --topic t --from-beginning --max-messages 2 --property print.headers=true --property print.key=true"));
    }

    [Fact]
    public async Task A_line_without_its_separator_is_named_or_taken_whole()
    {
        _cluster.AddTopic("t");
        var refused = await _shell.RunAsync("produce --topic t --property parse.key=true --property key.separator=:", "a:1\nnone\n");
        Assert.Equal((1, "actors: No key separator found on line number 2: 'none'\n"), (refused.ExitCode, refused.Error));
        await Done("produce --topic t --property parse.key=true --property key.separator=: --property ignore.error=true", "whole\n");
        Assert.Equal("a 1\nnull whole\n", await Done("consume --topic t --from-beginning --max-messages 2 --property print.key=true --property 'key.separator= '"));
    }

    [Fact]
    public async Task The_count_is_told_at_the_end_whatever_ended_it()
    {
        _cluster.AddTopic("t", 2);
        await Done("produce --topic t", "1\n2\n3\n");
        var timedOut = await _shell.RunAsync("consume --topic t --from-beginning --timeout-ms 300");
        Assert.Equal((0, "Processed a total of 3 messages\n"), (timedOut.ExitCode, timedOut.Error));
        using var ctrlC = new CancellationTokenSource(300);
        var interrupted = await _shell.RunAsync("consume --topic t --from-beginning", cancellation: ctrlC.Token);
        Assert.Equal((0, "Processed a total of 3 messages\n"), (interrupted.ExitCode, interrupted.Error));
    }

    [Fact]
    public async Task A_group_goes_on_after_exactly_what_was_shown()
    {
        _cluster.AddTopic("t");
        await Done("produce --topic t", "1\n2\n3\n4\n5\n");
        Assert.Equal("1\n2\n", await Done("consume --topic t --group g --from-beginning --max-messages 2"));
        Assert.Equal("3\n4\n5\n", await Done("consume --topic t --group g --max-messages 3"));
        Assert.Equal("g\n", await Done("groups list"));
        Assert.Equal("GROUP                     STATE               \ng                         Empty               \n", await Done("groups list --state"));
        var described = await _shell.RunAsync("groups describe --group g");
        Assert.Equal("\nConsumer group 'g' has no active members.\n", described.Error);
        Assert.Equal(
            "\nGROUP           TOPIC           PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG             CONSUMER-ID     HOST            CLIENT-ID\n"
            + "g               t               0          5               5               0               -               -               -\n", described.Output);
        Assert.Equal("Deletion of requested consumer groups ('g') was successful.\n", await Done("groups delete --group g"));
    }

    [Fact]
    public async Task A_living_group_shows_members_state_and_lag()
    {
        _cluster.AddTopic("t", 2);
        await Done("produce --topic t --partition 1", "1\n2\n3\n");
        await using var client = new ClusterClient(_cluster.Options);
        await using var consumer = new Consumer(client, new ConsumerOptions { Group = new GroupOptions { GroupId = "g", Topics = ["t"], GroupInstanceId = "one" } });
        await Until(() => consumer.Member.Assignment.Count == 2, "a member");
        await consumer.Member.CommitAsync(new Dictionary<TopicPartition, OffsetAndMetadata> { [new("t", 1)] = new(1) });
        var id = consumer.Member.Current.MemberId;
        var lines = (await Done("groups describe --group g")).Split('\n');
        Assert.Equal($"g               t               0          -               0               -               {id,-15} /127.0.0.1      test", lines[2]);
        Assert.Equal($"g               t               1          1               3               2               {id,-15} /127.0.0.1      test", lines[3]);
        Assert.Contains($"{id,-15} {"one",-17} /127.0.0.1      test            2               t(0,1)", await Done("groups describe --group g --members --verbose"));
        Assert.Contains("range                Stable          1", await Done("groups describe --group g --state"));
    }

    [Fact]
    public async Task Windowed_keys_show_key_and_window()
    {
        _cluster.AddTopic("t");
        await using var client = new ClusterClient(_cluster.Options);
        await using (var producer = new Producer(client))
        {
            byte[] start = [0, 0, 1, 0x8b, 0xcf, 0xe5, 0x68, 0], end = [0, 0, 1, 0x8b, 0xcf, 0xe5, 0x7b, 0x88];
            await producer.SendAsync(new ProducerRecord("t", (byte[])[.. "Acme"u8, .. start], Bytes("{\"cnt\":4}"), Timestamp: 1700000001000));
            await producer.SendAsync(new ProducerRecord("t", (byte[])[.. "Acme"u8, .. end, .. start], Bytes("{}"), Timestamp: 1700000001000));
        }
        Assert.Equal("[Acme@1700000000000]\t{\"cnt\":4}\n", await Done("consume --topic t --from-beginning --max-messages 1 --key windowed-string"));
        Assert.Equal("[Acme@1700000000000/1700000005000]\t{\"cnt\":4}\n", await Done(
            "consume --topic t --from-beginning --max-messages 1 --key windowed-string --property window.size.ms=5000"));
        Assert.Equal("[Acme@1700000000000/1700000005000]\t{}\n", await Done("consume --topic t --partition 0 --offset 1 --max-messages 1 --key session-windowed-string"));
        Assert.Equal(
            "{\"topic\":\"t\",\"key\":\"Acme\",\"value\":{\"cnt\":4},\"timestamp\":1700000001000,\"partition\":0,\"offset\":0,\"window\":{\"start\":1700000000000,\"end\":1700000005000}}\n",
            await Done("consume --topic t --from-beginning --max-messages 1 --key windowed-string --value json --json --property window.size.ms=5000"));
    }

    [Fact]
    public async Task Numbers_and_odd_bytes_are_shown_as_asked()
    {
        _cluster.AddTopic("t");
        await using var client = new ClusterClient(_cluster.Options);
        await using (var producer = new Producer(client)) await producer.SendAsync(new ProducerRecord("t", (byte[])[0, 0, 0, 0, 0, 0, 1, 0], (byte[])[0x3f, 0xf8, 0, 0, 0, 0, 0, 0]));
        Assert.Equal("256\t1.5\n", await Done("consume --topic t --from-beginning --max-messages 1 --property print.key=true --key long --value double"));
        Assert.Equal("\\x00\\x00\\x00\\x00\\x00\\x00\\x01\\x00\n", (await Done("consume --topic t --from-beginning --max-messages 1 --property print.key=true --property print.value=false --key bytes")));
    }

    [Theory]
    [InlineData("/usr/local/bin/kafka-topics.sh", "kafka-topics")]
    [InlineData("./actors", "actors")]
    [InlineData("kafka-console-consumer", "kafka-console-consumer")]
    public void A_link_goes_by_its_own_name(string path, string name) => Assert.Equal(name, Actors.Cli.StartedAs.BaseName(path));
}
