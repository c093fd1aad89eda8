using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Actors.Node.Tests;

/// <summary>What a node sends and says by configuration: metrics to an OpenTelemetry collector, log lines of JSON.</summary>
public sealed class TelemetrySpec : IDisposable
{
    private readonly string _config = Path.GetTempFileName();

    public void Dispose() => File.Delete(_config);

    /// <summary>A collector that keeps what it gets.</summary>
    private sealed class Collector : IDisposable
    {
        private readonly HttpListener _listener = new();

        public Collector()
        {
            var probe = new TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            Endpoint = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}";
            probe.Stop();
            _listener.Prefixes.Add(Endpoint + "/");
            _listener.Start();
            _ = ListenAsync();
        }

        public string Endpoint { get; }

        public ConcurrentQueue<(string Path, string? Type, string Body)> Posts { get; } = new();

        public void Dispose() => _listener.Close();

        private async Task ListenAsync()
        {
            while (_listener.IsListening)
            {
                try
                {
                    var http = await _listener.GetContextAsync();
                    using var body = new MemoryStream();
                    await http.Request.InputStream.CopyToAsync(body);
                    // Names and labels are text within the protobuf.
                    Posts.Enqueue((http.Request.Url!.AbsolutePath, http.Request.ContentType, Encoding.Latin1.GetString(body.ToArray())));
                    http.Response.Close();
                }
                catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
                {
                    return;
                }
            }
        }
    }

    [KcatFact]
    public void Metrics_go_to_an_OpenTelemetry_collector()
    {
        using var collector = new Collector();
        File.WriteAllText(_config, $"actors.telemetry.otlp {{ endpoint = \"{collector.Endpoint}\", interval = 500ms }}");
        using var node = NodeUnderTest.Start("--config", _config);
        Tool.Run("kcat", ["-b", node.Kafka, "-t", "exported", "-P"], "a\n").Succeeded();
        string[] wanted = ["kafka_server_brokertopicmetrics_messagesin", "exported", "kafka.request.duration", "akka.persistence.sql.commit.duration", "dotnet.gc.collections", "actors_partitions_led"];
        Polling.Until(() => string.Join(", ", wanted.Where(w => !collector.Posts.Any(p => p.Body.Contains(w, StringComparison.Ordinal)))), missing => missing.Length == 0, 30, "the collector has all; missing");
        Assert.All(collector.Posts, post => Assert.Equal(("/v1/metrics", "application/x-protobuf"), (post.Path, post.Type)));
        Assert.Equal(0, node.Terminate());
    }

    [KcatFact]
    public void Requests_and_commits_go_to_an_OpenTelemetry_collector_as_spans_without_a_records_content()
    {
        using var collector = new Collector();
        File.WriteAllText(_config, $"actors.telemetry.otlp {{ endpoint = \"{collector.Endpoint}\", interval = 500ms, traces = 1 }}");
        using var node = NodeUnderTest.Start("--config", _config);
        using var topologies = new TopologyClient(node);
        Tool.Run("kcat", ["-b", node.Kafka, "-t", "traced", "-P", "-K", ":", "-X", "client.id=tracing-client"], "hush-key:{\"n\":\"hush-value\"}\n").Succeeded();
        topologies.Put("copying", "topology { name = copying, sources { t { topic = traced } }, flows { f { from = t, stages = [ { to { topic = copied } } ] } } }");
        Tool.Run("kcat", ["-b", node.Kafka, "-t", "traced", "-C", "-o", "77", "-e", "-X", "auto.offset.reset=error"]);
        string[] wanted = ["Produce", "tracing-client", "kafka.api.version", "OFFSET_OUT_OF_RANGE", "commit", "copying", "kafka.streams.task.id"];
        Polling.Until(() => string.Join(", ", wanted.Where(w => !collector.Posts.Any(p => p.Path == "/v1/traces" && p.Body.Contains(w, StringComparison.Ordinal)))), missing => missing.Length == 0, 30, "the collector has all; missing");
        Assert.All(collector.Posts, post => Assert.DoesNotContain("hush", post.Body));
        Assert.Equal(0, node.Terminate());
    }

    [KcatFact]
    public void A_log_of_JSON_lines_says_what_failed_without_a_records_content()
    {
        File.WriteAllText(_config, "actors.log.format = json");
        using var node = NodeUnderTest.Start("--config", _config);
        using var topologies = new TopologyClient(node);
        Tool.Run("kcat", ["-b", node.Kafka, "-t", "cards", "-P", "-K", ":"], "hush-key:{hush-value\n").Succeeded();
        topologies.Put("paying", "topology { name = paying, sources { cards { topic = cards } }, flows { f { from = cards, stages = [ { to { topic = paid } } ] } } }");
        Polling.Until(() => topologies.Get("paying"), t => t.State == "failed", 30, "the topology fails");
        var failed = Polling.Until(() => node.Output.Split('\n').FirstOrDefault(line => line.Contains("of topology paying failed", StringComparison.Ordinal)) ?? "", line => line.Length > 0, 10, "the log says so");
        var entry = JsonDocument.Parse(failed).RootElement;
        Assert.Equal(["timestamp", "level", "logger", "message", "exception"], entry.EnumerateObject().Select(p => p.Name));
        Assert.Equal("ERROR", entry.GetProperty("level").GetString());
        Assert.Matches(@"^Task 0_0 of topology paying failed, \d+ in a row, and is tried again in [\d.]+ s$", entry.GetProperty("message").GetString());
        Assert.Contains("topic: cards, partition: 0, offset: 0: the value of 11 bytes is no json", entry.GetProperty("exception").GetString());
        Assert.True(Math.Abs((entry.GetProperty("timestamp").GetDateTime() - DateTime.UtcNow).TotalMinutes) < 5);
        Assert.All(node.Output.Split('\n').Where(line => !line.StartsWith("ready: ", StringComparison.Ordinal)), line => JsonDocument.Parse(line).Dispose());
        Assert.DoesNotContain("hush", node.Output);
    }

    [Fact]
    public void A_collectors_address_that_is_none_is_refused_with_its_place()
    {
        File.WriteAllText(_config, "actors.telemetry.otlp.endpoint = \"collector:4318\"");
        var failure = Assert.Throws<InvalidOperationException>(() => { try { NodeUnderTest.Start("--config", _config).Dispose(); } catch (AggregateException e) { throw e.GetBaseException(); } });
        Assert.Contains(":1:34: actors.telemetry.otlp.endpoint: \"collector:4318\" is no http or https address", failure.Message);
    }
}
