using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Xunit;
using Xunit.Abstractions;

namespace Actors.Node.Tests;

/// <summary>Topologies over HTTP and from a directory.</summary>
public sealed class TopologySpec(NodeOfClass fixture, ITestOutputHelper output) : IClassFixture<NodeOfClass>
{
    private NodeUnderTest Node => fixture.Node;

    private static string Counting(string name, string source, string sink) => $$"""
        topology {
          name = {{name}}
          commit-interval = 200ms
          sources { lines { topic = {{source}}, key = string, value = string } }
          flows {
            counted { from = lines, stages = [
              { group-by = value }
              { aggregate { cnt = "COUNT(*)" } }
              { to { topic = {{sink}}, key = string, value = json } } ] }
          }
        }
        """;

    [Fact]
    public void A_wrong_topology_is_refused_with_the_place_and_the_reason_of_every_error()
    {
        using var topologies = new TopologyClient(Node);
        var (status, body) = topologies.Put("wrong", """
            topology {
              name = wrong
              sources { lines { topic = lines, key = string, value = strng } }
              flows {
                counted { from = lines, stages = [
                  { filtr = "a > 1" } ] }
              }
            }
            """);
        output.WriteLine(body);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        var errors = JsonDocument.Parse(body).RootElement.GetProperty("errors").EnumerateArray().ToList();
        Assert.Equal(
            [("wrong.conf", 3, "topology.sources.lines.value"), ("wrong.conf", 6, "topology.flows.counted.stages[0].filtr")],
            errors.Select(e => (e.GetProperty("file").GetString(), e.GetProperty("line").GetInt32(), e.GetProperty("field").GetString())));
        Assert.All(errors, e => Assert.Equal(["file", "line", "column", "field", "message"], e.EnumerateObject().Select(field => field.Name)));
        Assert.All(errors, e => Assert.True(e.GetProperty("column").GetInt32() > 1 && e.GetProperty("message").GetString()!.Length > 5));
        Assert.Equal(HttpStatusCode.NotFound, topologies.Get("wrong").Status);
    }

    [Fact]
    public void An_include_is_refused_with_its_place()
    {
        using var topologies = new TopologyClient(Node);
        var (status, body) = topologies.Put("including", "\n  include \"more.conf\"\n" + Counting("including", "lines", "counts"));
        output.WriteLine(body);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        var error = Assert.Single(JsonDocument.Parse(body).RootElement.GetProperty("errors").EnumerateArray());
        Assert.Equal(("including.conf", 2, 3), (error.GetProperty("file").GetString(), error.GetProperty("line").GetInt32(), error.GetProperty("column").GetInt32()));
        Assert.Equal(HttpStatusCode.NotFound, topologies.Get("including").Status);
    }

    [Fact]
    public void A_deployment_is_new_then_the_same_then_in_conflict_then_deleted_then_gone()
    {
        using var topologies = new TopologyClient(Node);
        var text = Counting("lived", "lived-in", "lived-out");
        Assert.Equal(HttpStatusCode.Created, topologies.Put("lived", text).Status);
        Assert.Equal(HttpStatusCode.OK, topologies.Put("lived", text).Status);
        Assert.Equal(HttpStatusCode.Conflict, topologies.Put("lived", text + "\n# other").Status);
        Assert.Contains("\"lived\"", topologies.List());
        Assert.Equal(HttpStatusCode.NoContent, topologies.Delete("lived"));
        Assert.Equal(HttpStatusCode.NotFound, topologies.Get("lived").Status);
        Assert.Equal(HttpStatusCode.NotFound, topologies.Delete("lived"));
        Assert.DoesNotContain("\"lived\"", topologies.List());
    }

    [KcatFact]
    public void Without_its_source_topic_it_waits_by_name_and_starts_soon_after_the_topic_is_made()
    {
        using var topologies = new TopologyClient(Node);
        Assert.Equal(HttpStatusCode.Created, topologies.Put("waiting", Counting("waiting", "late-lines", "late-counts")).Status);
        var waiting = Polling.Until(() => topologies.Get("waiting"), t => t.Reason == "late-lines", 10, "it waits");
        Assert.Equal("restoring", waiting.State);
        Tool.Run("kcat", ["-b", Node.Kafka, "-t", "late-lines", "-P"], "a\nb\na\n").Succeeded();
        var watch = Stopwatch.StartNew();
        Polling.Until(() => topologies.Get("waiting"), t => t is { State: "running", Tasks: > 0 }, 10, "it runs");
        // A second is what the topology has; three times that is what a busy machine gets here.
        output.WriteLine($"running {watch.ElapsedMilliseconds} ms after its source topic was there");
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(3), $"it ran only after {watch.Elapsed}");
        Polling.Until(
            () => Tool.Run("kcat", ["-b", Node.Kafka, "-t", "late-counts", "-C", "-e", "-q", "-f", "%k %s\\n"]).Succeeded().Text,
            text => text.Contains("a {\"value\":\"a\",\"cnt\":2}") && text.Contains("b {\"value\":\"b\",\"cnt\":1}"), 10, "the counts");
    }

    [KcatFact]
    public void What_a_task_failed_with_is_told_with_its_next_try_and_how_often_it_failed_in_a_row()
    {
        using var topologies = new TopologyClient(Node);
        Tool.Run("kcat", ["-b", Node.Kafka, "-t", "broken-lines", "-P"], "{broken\n").Succeeded();
        topologies.Put("failing", "topology { name = failing, sources { l { topic = broken-lines } }, flows { f { from = l, stages = [ { to { topic = unbroken-lines } } ] } } }");
        var body = Polling.Until(() => JsonDocument.Parse(topologies.Get("failing").Body).RootElement,
            t => t.GetProperty("last_error") is { ValueKind: JsonValueKind.Object } last && last.GetProperty("in_a_row").GetInt32() >= 2 && t.GetProperty("state").GetString() == "failed", 20, "it has failed twice");
        var error = body.GetProperty("last_error");
        Assert.Contains("topic: broken-lines, partition: 0, offset: 0: the value of 7 bytes is no json", error.GetProperty("message").GetString());
        var pause = error.GetProperty("retry_at").GetInt64() - error.GetProperty("timestamp").GetInt64();
        Assert.Equal(500L << (error.GetProperty("in_a_row").GetInt32() - 1), pause);
        var task = Assert.Single(body.GetProperty("tasks").EnumerateArray());
        Assert.Equal(error.GetRawText(), task.GetProperty("last_error").GetRawText());
        topologies.Delete("failing");
    }

    [Fact]
    public void A_directory_s_topologies_are_there_when_the_node_is_ready_and_a_wrong_one_ends_it_with_2()
    {
        var directory = Directory.CreateTempSubdirectory("actors-topologies-");
        try
        {
            var file = Path.Combine(directory.FullName, "counting.conf");
            File.WriteAllText(file, Counting("from-file", "file-lines", "file-counts"));
            using (var node = NodeUnderTest.Start("--topologies", directory.FullName))
            {
                using var topologies = new TopologyClient(node);
                Assert.Equal(HttpStatusCode.OK, topologies.Get("from-file").Status);
                Assert.Equal(0, node.Terminate());
                // Another text in the file: the live one stays.
                File.AppendAllText(file, "# other");
                node.StartAgain("--topologies", directory.FullName);
                Polling.Until(() => node.Output, text => text.Contains("another text is deployed as topology from-file"), 5, "the warning");
                Assert.Equal(0, node.Terminate());
            }
            File.WriteAllText(file, "topology {\n  name = from-file\n  nonsense = 1\n}");
            var including = Path.Combine(directory.FullName, "including.conf");
            File.WriteAllText(including, "include \"counting.conf\"\n" + Counting("including", "lines", "counts"));
            var data = Path.Combine(directory.FullName, "data");
            var refused = Tool.Run("dotnet", [NodeUnderTest.Dll, "--data", data, "--kafka", "127.0.0.1:0", "--http", "127.0.0.1:0", "--topologies", directory.FullName], seconds: 20);
            Assert.Equal(2, refused.ExitCode);
            Assert.Contains($"{file}:3:3: topology.nonsense: ", refused.Error);
            Assert.Contains("\n      nonsense = 1\n      ^\n", refused.Error);
            Assert.Contains($"{including}:1:1: ", refused.Error);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }
}
