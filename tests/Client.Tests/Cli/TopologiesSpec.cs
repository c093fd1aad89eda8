using System.Net;
using System.Text;
using Actors.Client.Tests.Fakes;

namespace Actors.Client.Tests.Cli;

/// <summary><c>actors topologies</c> against a node's HTTP API as CONTRACTS has it, and against files.</summary>
public sealed class TopologiesSpec : IAsyncDisposable
{
    private const string Commercials = """
        topology {
          name = commercials
          sources { ratings { topic = ratings, key = string, value = json } }
          flows { by-brand { from = ratings, stages = [
            { group-by = brand }
            { aggregate { cnt = "COUNT(*)" } }
            { to { topic = counts, key = string, value = json } } ] } }
        }
        """;

    private readonly FakeCluster _cluster = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("actors-cli-");
    private readonly Dictionary<string, string> _deployed = [];

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    /// <summary>A node's three answers.</summary>
    private sealed class Node(Func<HttpMethod, string, string, (HttpStatusCode, string)> answer) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
        {
            var (status, body) = answer(request.Method, request.RequestUri!.ToString(), request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellation));
            return new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        }
    }

    private Task<Shell.Result> RunAsync(string commandLine) => new Shell(_cluster, () => new Node(Answer)).RunAsync(commandLine);

    private (HttpStatusCode, string) Answer(HttpMethod method, string uri, string body)
    {
        const string collection = "http://127.0.0.1:8080/topologies";
        Assert.StartsWith(collection, uri);
        var name = uri[collection.Length..].TrimStart('/');
        if (method == HttpMethod.Get && name.Length > 0)
            return name == "bad"
                ? (HttpStatusCode.OK, """
                    {"name":"bad","state":"failed","reason":"task 0_1: no json","guarantee":"at-least-once","last_error":{"message":"no json","timestamp":1700000000000,"in_a_row":4,"retry_at":1700000004000},
                     "tasks":[{"id":"0_0","node":1,"state":"running","lag":0,"last_error":null},
                              {"id":"0_1","node":1,"state":"failed","lag":7,"last_error":{"message":"no json","timestamp":1700000000000,"in_a_row":4,"retry_at":1700000004000}}]}
                    """)
                : (HttpStatusCode.NotFound, """{"error_code":40401,"message":"no topology"}""");
        if (method == HttpMethod.Get)
            return (HttpStatusCode.OK, """
                [{"name":"commercials","state":"running","guarantee":"at-least-once","tasks":[{"id":"0_0","node":1,"state":"running","lag":3},{"id":"0_1","node":1,"state":"running","lag":4}]},
                 {"name":"waiting","state":"restoring","guarantee":"at-least-once","tasks":[],"reason":"source topic views does not exist"}]
                """);
        if (method == HttpMethod.Delete) return _deployed.Remove(name) ? (HttpStatusCode.NoContent, "") : (HttpStatusCode.NotFound, """{"error_code":40401,"message":"no topology"}""");
        if (_deployed.TryGetValue(name, out var live)) return live == body ? (HttpStatusCode.OK, "") : (HttpStatusCode.Conflict, """{"error_code":40901,"message":"another text"}""");
        _deployed[name] = body;
        return (HttpStatusCode.Created, "");
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    [Fact]
    public async Task Deployed_topologies_are_listed_with_state_lag_and_reason()
    {
        var listed = await RunAsync("topologies list");
        Assert.Equal(
            """
            TOPOLOGY             STATE      GUARANTEE       TASKS  LAG        REASON
            commercials          running    at-least-once   2      7          -
            waiting              restoring  at-least-once   0      0          source topic views does not exist

            """, listed.Output);
        Assert.Contains("commercials          0_1    1      running    4\n", (await RunAsync("topologies list --tasks")).Output);
    }

    [Fact]
    public async Task A_topology_is_described_with_its_tasks_and_their_last_errors()
    {
        Assert.Equal(
            """
            TOPOLOGY             STATE      GUARANTEE       TASKS  LAG        REASON
            bad                  failed     at-least-once   2      7          task 0_1: no json

            Last error, at 2023-11-14T22:13:20Z, 4 in a row, tried again at 2023-11-14T22:13:24Z: no json

            TASK   NODE   STATE      LAG        FAILURES FAILED-AT            RETRY-AT             LAST-ERROR
            0_0    1      running    0          -        -                    -                    -
            0_1    1      failed     7          4        2023-11-14T22:13:20Z 2023-11-14T22:13:24Z no json

            """, (await RunAsync("topologies describe bad")).Output);
        Assert.Contains("\"in_a_row\": 4", (await RunAsync("topologies describe bad --output json")).Output);
        var missing = await RunAsync("topologies describe nowhere");
        Assert.Equal((1, ""), (missing.ExitCode, missing.Output));
        Assert.Contains("there is no topology nowhere", missing.Error);
    }

    [Fact]
    public async Task A_file_is_deployed_under_the_name_it_says()
    {
        var file = Write("a.conf", Commercials);
        Assert.Equal("Deployed topology commercials.\n", (await RunAsync($"topologies deploy {file}")).Output);
        Assert.Equal(Commercials, _deployed["commercials"]);
        Assert.Equal("Topology commercials is deployed already, unchanged.\n", (await RunAsync($"topologies deploy {file}")).Output);
        var other = await RunAsync($"topologies deploy {Write("b.conf", Commercials + "\n# changed")}");
        Assert.Equal(1, other.ExitCode);
        Assert.Contains("'actors topologies delete commercials' ends it", other.Error);
        Assert.Equal("Deleted topology commercials.\n", (await RunAsync("topologies delete commercials")).Output);
        Assert.Contains("there is no topology commercials", (await RunAsync("topologies delete commercials")).Error);
    }

    [Fact]
    public async Task What_a_deletion_removes_and_what_it_leaves_is_told_beforehand() =>
        Assert.Contains("Their offsets, state and internal topics are removed; source and sink topics stay.", (await RunAsync("topologies delete --help")).Output);

    [Fact]
    public async Task A_file_with_a_mistake_is_refused_with_its_place_and_nothing_is_deployed()
    {
        var good = Write("good.conf", Commercials);
        var bad = Write("bad.conf", Commercials.Replace("group-by = brand", "grop-by = brand"));
        var refused = await RunAsync($"topologies deploy {good} {bad}");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains($"{bad}:5:7: ", refused.Error);
        Assert.Contains("\n        { grop-by = brand }\n          ^\n", refused.Error);
        Assert.Empty(_deployed);
        var including = await RunAsync($"topologies deploy {good} {Write("including.conf", "include \"good.conf\"\n")}");
        Assert.Equal(1, including.ExitCode);
        Assert.Contains("including.conf:1:1: \"good.conf\": includes are not allowed here", including.Error);
        Assert.Empty(_deployed);
        Assert.Contains("there is no file nowhere.conf", (await RunAsync("topologies deploy nowhere.conf")).Error);
    }

    [Fact]
    public async Task A_topology_is_tested_without_a_node()
    {
        var file = Write("a.conf", Commercials);
        var input = Write("in.jsonl", """{"topic":"ratings","key":"x","value":{"brand":"Acme"},"timestamp":1000}""" + "\n");
        var shown = await RunAsync($"topologies test {file} --input {input}");
        Assert.Equal("""{"topic":"counts","key":"Acme","value":{"brand":"Acme","cnt":1},"timestamp":1000}""" + "\n", shown.Output);
        Assert.Equal(0, (await RunAsync($"topologies test {file} --input {input} --expect {Write("same.jsonl", shown.Output)}")).ExitCode);
        var different = await RunAsync($"topologies test {file} --input {input} --expect {Write("other.jsonl", shown.Output.Replace("\"cnt\":1", "\"cnt\":2"))}");
        Assert.Equal(1, different.ExitCode);
        Assert.Contains("other.jsonl:1", different.Error);
    }

    [Theory]
    [InlineData("topologies list --http nonsense:x", "--http nonsense:x: http://HOST:PORT is meant")]
    [InlineData("topologies test a.conf", "--input")]
    public async Task A_command_line_that_makes_no_sense_has_exit_code_2(string commandLine, string error)
    {
        var refused = await RunAsync(commandLine);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains(error, refused.Error);
    }

    [Fact]
    public async Task A_node_that_is_not_there_is_told_with_the_flag_to_use()
    {
        var result = await new Shell(_cluster).RunAsync("topologies list --http http://127.0.0.1:1");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("Is a node running there? Name another with --http http://HOST:PORT.", result.Error);
    }
}
