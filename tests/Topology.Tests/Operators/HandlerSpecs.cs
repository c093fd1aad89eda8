using System.Text;
using Actors.Expressions;
using Actors.Topology.Testing;

namespace Actors.Topology.Tests.Operators;

/// <summary>Records that fail: Kafka Streams' three exception handlers, the dead-letter topic of KIP-1034, and the timestamp extractors.</summary>
public class HandlerSpecs
{
    private const string Failed = """deserialization-exception-handler { dead-letter = failed }""";

    private static TopologyTestDriver Driver(string stages, string sources) => new(Flows.Plan(stages, sources));

    private static Dictionary<string, string> Headers(TestRecord record) => record.Headers.ToDictionary(h => h.Name, h => Encoding.UTF8.GetString(h.Value!));

    [Fact]
    public void A_record_that_cannot_be_read_fails_the_task_unless_told_otherwise()
    {
        var driver = Driver(Flows.To, Flows.Json);
        driver.Pipe("in", "k", "{}", 0);
        var failure = Assert.Throws<StreamsException>(() => driver.Pipe("in", "k", "{secret", 0));
        Assert.Equal(
            "Exception caught during Deserialization, taskId: 0_0, topic: in, partition: 0, offset: 1: the value of 7 bytes is no json. "
            + "If you would rather have the topology continue after a deserialization error, please set deserialization-exception-handler appropriately.",
            failure.Message);
        Assert.True(failure.BeforeProcessing);
    }

    [Fact]
    public void A_dead_letter_is_the_record_as_it_was_and_says_why_in_its_headers()
    {
        var driver = Driver(Flows.To, $"{Failed}, {Flows.Json}");
        driver.Pipe("in", "k"u8.ToArray(), "{no json"u8.ToArray(), 77, 0, [new RecordHeader("trace", "abc"u8.ToArray())]);
        driver.Pipe("in", "k", "{}", 78);
        var outputs = driver.ReadOutputs();
        Assert.Equal(["failed", "out"], outputs.Select(o => o.Topic));
        Assert.Equal(("\"k\"", "\"{no json\"", 77), (outputs[0].KeyJson, outputs[0].ValueJson, outputs[0].Timestamp));
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["trace"] = "abc",
                ["__streams.errors.exception"] = "org.apache.kafka.common.errors.SerializationException",
                ["__streams.errors.message"] = "the value of 8 bytes is no json",
                ["__streams.errors.topic"] = "in",
                ["__streams.errors.partition"] = "0",
                ["__streams.errors.offset"] = "0",
            },
            Headers(outputs[0]));
        Assert.Equal(1, driver.Dropped(DropReason.Unreadable));
        Assert.Contains("failed", driver.Plan.SinkTopics);
    }

    [Theory]
    [InlineData("string", "json", "k", "{")]
    [InlineData("json", "string", "{", "v")]
    [InlineData("string", "long", "k", "seven..")]
    [InlineData("long", "string", "ninebytes", "v")]
    [InlineData("string", "double", "k", "seven..")]
    [InlineData("double", "string", "", "v")]
    public void A_dead_letter_keeps_bytes_of_every_format(string keyFormat, string valueFormat, string key, string value)
    {
        var driver = Driver("{ to { topic = out, key = json, value = json } }", $"{Failed}, sources {{ in {{ topic = in, key = {keyFormat}, value = {valueFormat} }} }}");
        driver.Pipe("in", key, value, 0);
        var dead = Assert.Single(driver.ReadOutputs());
        Assert.Equal(("failed", key, value), (dead.Topic, Encoding.UTF8.GetString(dead.Key!), Encoding.UTF8.GetString(dead.Value!)));
    }

    [Fact]
    public void A_null_key_and_a_tombstone_are_read_in_every_format()
    {
        foreach (var format in new[] { "string", "json", "long", "double", "bytes" })
        {
            var driver = Driver("{ to { topic = out, key = json, value = json } }", $"sources {{ in {{ topic = in, key = {format}, value = {format} }} }}");
            driver.Pipe("in", null, (string?)null, 3);
            Assert.Equal("""{"topic":"out","key":null,"value":null,"timestamp":3}""", Assert.Single(driver.ReadOutputs()).ToString());
        }
    }

    [Fact]
    public void A_source_has_its_own_handler_where_it_says_so()
    {
        var plan = Flows.Read("""
            topology { name = t, deserialization-exception-handler { dead-letter = failed }
              sources { a { topic = a }, b { topic = b, deserialization-exception-handler = continue }, c { topic = c, deserialization-exception-handler = fail } }
              flows { fa { from = a, stages = [ { to { topic = out } } ] }, fb { from = b, stages = [ { to { topic = out } } ] }, fc { from = c, stages = [ { to { topic = out } } ] } } }
            """);
        var driver = new TopologyTestDriver(plan);
        driver.Pipe("a", "k", "{", 0);
        driver.Pipe("b", "k", "{", 0);
        Assert.Equal(["failed"], driver.ReadOutputs().Select(o => o.Topic));
        Assert.Equal(2, driver.Dropped(DropReason.Unreadable));
        Assert.Throws<StreamsException>(() => driver.Pipe("c", "k", "{", 0));
    }

    [Fact]
    public void A_result_that_its_topic_cannot_hold_is_a_production_error_and_the_dead_letter_is_the_sources_record()
    {
        const string Stages = "{ map-values = \"value.x\" }, { to { topic = out, value = long } }";
        var failing = Driver(Stages, Flows.Json);
        failing.Pipe("in", "k", """{"x":1}""", 0);
        var failure = Assert.Throws<StreamsException>(() => failing.Pipe("in", "k", """{"x":"secret"}""", 0));
        Assert.StartsWith("Error encountered sending record to topic out for task 0_0 due to: a value that is string cannot be written as long; taskId: 0_0, topic: in, partition: 0, offset: 1.", failure.Message);
        var driver = Driver(Stages, $"production-exception-handler {{ dead-letter = failed }}, {Flows.Json}");
        driver.Pipe("in", "k", """{"x":"a"}""", 5);
        var dead = Assert.Single(driver.ReadOutputs());
        Assert.Equal(("failed", """{"x":"a"}""", "out: a value that is string cannot be written as long"), (dead.Topic, Encoding.UTF8.GetString(dead.Value!), Headers(dead)[DeadLetter.Message]));
        Assert.Equal(1, driver.Dropped(DropReason.Unwritable));
    }

    [Fact]
    public void A_result_larger_than_a_request_is_a_production_error()
    {
        var stages = $"{{ map-values = \"CONCAT({string.Join(", ", Enumerable.Repeat("value", 8))})\" }}, {{ to {{ topic = out, value = string }} }}";
        var driver = Driver(stages, "production-exception-handler { dead-letter = failed }, sources { in { topic = in, value = string } }");
        driver.Pipe("in", "k", new string('x', 200_000), 0);
        var dead = Assert.Single(driver.ReadOutputs());
        Assert.Equal(("failed", 200_000, "org.apache.kafka.common.errors.RecordTooLargeException"), (dead.Topic, dead.Value!.Length, Headers(dead)[DeadLetter.Exception]));
        Assert.Contains("which is larger than 1048576, which is the value of the max.request.size configuration.", Headers(dead)[DeadLetter.Message]);
    }

    private sealed class RefusingSink : ITaskSink
    {
        public List<(string Topic, Dictionary<string, string> Headers)> Dead { get; } = [];

        public void Output(in OutputRecord record)
        {
            if (record.Target.Topic == "out") throw new ArithmeticException("no room for it");
            Dead.Add((record.Target.Topic, record.Headers.ToDictionary(h => h.Name, h => Encoding.UTF8.GetString(h.Value!))));
        }

        public void ChangeLog(StoreDescription store, ReadOnlySpan<byte> key, ReadOnlySpan<byte> state, bool tombstone, long timestamp)
        {
        }
    }

    [Theory]
    [InlineData("fail")]
    [InlineData("continue")]
    [InlineData("{ dead-letter = failed }")]
    public void A_stage_that_throws_is_a_processing_error(string handler)
    {
        var sink = new RefusingSink();
        var task = new TopologyTask(Flows.Plan(Flows.To, $"processing-exception-handler = {handler}, {Flows.Json}").SubTopologies[0], 3, sink);
        void Process() => task.Process("in", InputRecord.Of("k"u8.ToArray(), "{}"u8.ToArray(), 1, 12));
        if (handler == "fail")
        {
            var failure = Assert.Throws<StreamsException>(Process);
            Assert.Equal(("Exception caught in process, taskId: 0_3, topic: in, partition: 3, offset: 12: no room for it", false), (failure.Message, failure.BeforeProcessing));
            Assert.IsType<ArithmeticException>(failure.InnerException);
            return;
        }
        Process();
        Assert.Equal(1, task.Counters.Dropped(DropReason.Failed));
        Assert.Equal(handler == "continue" ? 0 : 1, sink.Dead.Count);
        foreach (var (topic, headers) in sink.Dead)
        {
            Assert.Equal(("failed", "System.ArithmeticException", "no room for it", "12"), (topic, headers[DeadLetter.Exception], headers[DeadLetter.Message], headers[DeadLetter.Offset]));
            Assert.Contains(nameof(RefusingSink), headers[DeadLetter.StackTrace]);
        }
    }

    [Theory]
    // The source's timestamp settings | the record's value | its own timestamp | the result's timestamp, -1: left out, -2: the task fails
    [InlineData("", "{}", 5, 5)]
    [InlineData("", "{}", -1, -2)]
    [InlineData(", timestamp-extractor = log-and-skip-on-invalid-timestamp", "{}", -1, -1)]
    [InlineData(", timestamp-extractor = use-partition-time-on-invalid-timestamp", "{}", -1, 100)]
    [InlineData(", timestamp = ts", """{"ts":7}""", 5, 7)]
    [InlineData(", timestamp = ts", """{"ts":7.9}""", 5, 7)]
    [InlineData(", timestamp = ts", """{"ts":null}""", 5, -1)]
    [InlineData(", timestamp = ts", """{"ts":-7}""", 5, -1)]
    [InlineData(", timestamp = ts", """{"ts":"7"}""", 5, -1)]
    [InlineData(", timestamp = ts, timestamp-extractor = fail-on-invalid-timestamp", """{"ts":null}""", 5, -2)]
    [InlineData(", timestamp = ts, timestamp-extractor = use-partition-time-on-invalid-timestamp", """{"ts":null}""", 5, 100)]
    public void A_timestamp_that_is_none_is_left_to_the_extractor(string settings, string value, long own, long expected)
    {
        var driver = Driver(Flows.To, $"sources {{ in {{ topic = in{settings} }} }}");
        driver.Pipe("in", "k", """{"ts":100}""", 100);
        driver.Pipe("in", "k", """{"ts":50}""", 50);
        driver.ReadOutputs();
        if (expected == -2)
        {
            var failure = Assert.Throws<StreamsException>(() => driver.Pipe("in", "k", value, own));
            Assert.StartsWith("Input record has an invalid timestamp, taskId: 0_0, topic: in, partition: 0, offset: 2: ", failure.Message);
            return;
        }
        driver.Pipe("in", "k", value, own);
        Assert.Equal(expected == -1 ? [] : [expected], driver.ReadOutputs().Select(o => o.Timestamp));
        Assert.Equal(expected == -1 ? 1 : 0, driver.Dropped(DropReason.BadTimestamp));
    }

    [Fact]
    public void Without_a_partition_time_none_can_be_inferred()
    {
        var driver = Driver(Flows.To, "sources { in { topic = in, timestamp-extractor = use-partition-time-on-invalid-timestamp } }");
        Assert.EndsWith("it cannot be inferred, for the partition time is unknown. Use a different timestamp-extractor to process this data.",
            Assert.Throws<StreamsException>(() => driver.Pipe("in", "k", "{}", -1)).Message);
    }

    [Fact]
    public void The_command_that_tests_a_topology_says_which_line_failed()
    {
        var plan = Flows.Plan("{ to { topic = out, value = long } }", Flows.Json);
        var failure = Assert.Throws<LineException>(() => TopologyTest.Run(plan, "in.jsonl", [Flows.In("\"k\"", "1"), Flows.In("\"k\"", "\"text\"")]));
        Assert.StartsWith("in.jsonl:2: Error encountered sending record to topic out", failure.Message);
    }
}
