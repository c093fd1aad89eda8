using System.Globalization;
using System.Text.RegularExpressions;
using Xunit;

namespace Actors.Node.Tests;

/// <summary>What a dashboard reads of a node: <c>/metrics</c> in Prometheus' text format.</summary>
public sealed class MetricsSpec : IDisposable
{
    private readonly HttpClient _http;
    private readonly string _config = Path.GetTempFileName();

    private NodeUnderTest Node { get; }

    public MetricsSpec()
    {
        File.WriteAllText(_config, "actors.metrics.lag-interval = 100ms");
        Node = NodeUnderTest.Start("--config", _config);
        _http = new HttpClient { BaseAddress = Node.Http };
    }

    public void Dispose()
    {
        _http.Dispose();
        Node.Dispose();
        File.Delete(_config);
    }

    private static string Cli => NodeUnderTest.Find("src/Cli", "Actors.Cli.dll");

    private string Text => _http.GetStringAsync("metrics").Result;

    private double Value(string sample) =>
        Text.Split('\n').FirstOrDefault(line => line.StartsWith(sample + " ", StringComparison.Ordinal)) is { } line ? double.Parse(line.Split(' ')[^1], CultureInfo.InvariantCulture) : -1;

    private void Until(string sample, double value) => Polling.Until(() => Value(sample), found => found == value, 20, $"{sample} is {value}");

    private static readonly string Topology = """
        topology { name = counting, commit-interval = 100ms, deserialization-exception-handler = continue
          sources { orders { topic = orders } }
          flows { f { from = orders, stages = [ { to { topic = copies } } ] } } }
        """;

    [KcatFact]
    public void Records_bytes_requests_commits_lags_and_collections_are_there()
    {
        Tool.Run("kcat", ["-b", Node.Kafka, "-t", "orders", "-P"], "{\"n\":1}\n{broken\n{\"n\":2}\n").Succeeded();
        Until("kafka_server_brokertopicmetrics_messagesin_total{topic=\"orders\"}", 3);
        Assert.True(Value("kafka_server_brokertopicmetrics_bytesin_total{topic=\"orders\"}") > 80);
        Tool.Run("kcat", ["-b", Node.Kafka, "-t", "orders", "-C", "-e"]).Succeeded();
        Until("kafka_server_brokertopicmetrics_messagesout_total{topic=\"orders\"}", 3);
        Assert.Equal(Value("kafka_server_brokertopicmetrics_bytesin_total{topic=\"orders\"}"), Value("kafka_server_brokertopicmetrics_bytesout_total{topic=\"orders\"}"));
        Assert.True(Value("kafka_network_requestmetrics_requests_total{request=\"Produce\"}") >= 1);
        Assert.Equal(Value("kafka_network_requestmetrics_requests_total{request=\"Produce\"}"), Value("kafka_network_requestmetrics_totaltimems_count{request=\"Produce\"}"));
        Assert.Equal(Value("kafka_network_requestmetrics_requests_total{request=\"Produce\"}"), Value("kafka_network_requestmetrics_totaltimems_bucket{request=\"Produce\",le=\"+Inf\"}"));
        Assert.True(Value("actors_journal_commit_seconds_count") > 0);
        Assert.True(Value("actors_journal_bytes_total") > 0);
        Assert.True(Value("dotnet_gc_collections_total{gc_heap_generation=\"gen0\"}") >= 0);

        using var topologies = new TopologyClient(Node);
        topologies.Put("counting", Topology);
        Until("kafka_streams_stream_task_metrics_process_total{topology=\"counting\"}", 3);
        Until("kafka_streams_stream_task_metrics_dropped_records_total{topology=\"counting\",reason=\"unreadable\"}", 1);
        Until("actors_topology_lag{topology=\"counting\"}", 0);
        Until("actors_topology_running{topology=\"counting\"}", 1);
        Until("kafka_consumergroup_lag_sum{consumergroup=\"counting\",topic=\"orders\"}", 0);
        topologies.Delete("counting");
        Polling.Until(() => Text, text => !text.Contains("\"counting\"", StringComparison.Ordinal), 20, "a topology's figures end with it");
    }

    [KcatFact]
    public void A_groups_lag_grows_while_nobody_reads()
    {
        Tool.Run("kcat", ["-b", Node.Kafka, "-t", "lagging", "-P"], "a\nb\n").Succeeded();
        Tool.Run("kcat", ["-b", Node.Kafka, "-G", "readers", "-c", "2", "-X", "auto.offset.reset=earliest", "lagging"]).Succeeded();
        Until("kafka_consumergroup_lag_sum{consumergroup=\"readers\",topic=\"lagging\"}", 0);
        Tool.Run("kcat", ["-b", Node.Kafka, "-t", "lagging", "-P"], "c\nd\ne\n").Succeeded();
        Until("kafka_consumergroup_lag_sum{consumergroup=\"readers\",topic=\"lagging\"}", 3);
    }

    [KcatFact]
    public void What_was_answered_with_an_error_is_counted_by_API_and_error_and_no_label_has_what_a_client_said()
    {
        Tool.Run("kcat", ["-b", Node.Kafka, "-t", "orders", "-P"], "a\n").Succeeded();
        const string outOfRange = "kafka_network_requestmetrics_errors_total{request=\"Fetch\",error=\"OFFSET_OUT_OF_RANGE\"}";
        Assert.Equal(-1, Value(outOfRange));
        Tool.Run("kcat", ["-b", Node.Kafka, "-t", "orders", "-C", "-o", "77", "-e", "-X", "auto.offset.reset=error", "-X", "client.id=told-by-client"]);
        Assert.True(Value(outOfRange) >= 1, Text);
        Tool.Run("kcat", ["-b", Node.Kafka, "-L", "-t", "told by client"]);
        Assert.True(Value("kafka_network_requestmetrics_errors_total{request=\"Metadata\",error=\"INVALID_TOPIC_EXCEPTION\"}") >= 1, Text);
        Assert.DoesNotMatch("error=\"(NONE|None)\"", Text);
        Assert.DoesNotContain("told", Text);
    }

    [KcatFact]
    public void Figures_of_a_topic_and_a_group_end_with_them()
    {
        Tool.Run("kcat", ["-b", Node.Kafka, "-t", "passing", "-P"], "a\n").Succeeded();
        Tool.Run("kcat", ["-b", Node.Kafka, "-G", "passers", "-c", "1", "-X", "auto.offset.reset=earliest", "passing"]).Succeeded();
        Until("kafka_consumergroup_lag_sum{consumergroup=\"passers\",topic=\"passing\"}", 0);
        Assert.Contains("topic=\"passing\"", Text);
        Polling.Until(() => Tool.Run("dotnet", [Cli, "groups", "delete", "--group", "passers", "--bootstrap-server", Node.Kafka]), result => result.ExitCode == 0, 20, "the group is deleted");
        Tool.Run("dotnet", [Cli, "topics", "delete", "--topic", "passing", "--bootstrap-server", Node.Kafka]).Succeeded();
        Polling.Until(() => Text, text => !text.Contains("passing", StringComparison.Ordinal) && !text.Contains("passers", StringComparison.Ordinal), 20, "no figure has their names");
    }

    [Fact]
    public void Every_line_is_of_the_format_and_every_sample_stands_under_its_type()
    {
        var type = "";
        foreach (var line in Text.TrimEnd('\n').Split('\n'))
        {
            Assert.Matches("^(# HELP [a-z0-9_]+ \\S.*|# TYPE [a-z0-9_]+ (counter|gauge|histogram)|[a-z0-9_]+(\\{[a-z_]+=\"[^\"]*\"(,[a-z_]+=\"[^\"]*\")*\\})? [-+0-9.Ee]+)$", line);
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal)) type = line.Split(' ')[2];
            else if (line[0] != '#') Assert.Matches($"^{type}(_bucket|_sum|_count)?$", Regex.Match(line, "^[a-z0-9_]+").Value);
        }
    }
}
