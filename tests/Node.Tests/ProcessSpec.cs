using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Xunit;

namespace Actors.Node.Tests;

/// <summary>The node as a process: its ready line, its exit codes, its HTTP.</summary>
public sealed class ProcessSpec
{
    [Fact]
    public void It_says_ready_and_answers_health_and_metrics_and_ends_with_0()
    {
        using var node = NodeUnderTest.Start();
        using var http = new HttpClient { BaseAddress = node.Http };
        var health = JsonDocument.Parse(http.GetStringAsync("health").Result).RootElement;
        Assert.Equal($$"""{"status":"up","node":1,"kafka":"{{node.Kafka}}","storage":"SQLite"}""", health.GetRawText());
        Assert.Matches("\nactors_partitions_led [0-9]+\n", http.GetStringAsync("metrics").Result);
        var cluster = JsonDocument.Parse(http.GetStringAsync("cluster").Result).RootElement;
        Assert.Equal(1, cluster.GetProperty("controller").GetInt32());
        var self = Assert.Single(cluster.GetProperty("nodes").EnumerateArray());
        Assert.Equal((1, node.Kafka, "up"), (self.GetProperty("id").GetInt32(), self.GetProperty("kafka").GetString(), self.GetProperty("status").GetString()));
        var missing = http.GetAsync("nothing").Result;
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        Assert.Equal(40401, JsonDocument.Parse(missing.Content.ReadAsStringAsync().Result).RootElement.GetProperty("error_code").GetInt32());
        Assert.Equal(0, node.Terminate());
    }

    [Fact]
    public void Ctrl_C_ends_it_with_0()
    {
        using var node = NodeUnderTest.Start();
        Assert.Equal(0, node.Terminate("INT"));
    }

    [Fact]
    public void Until_it_can_serve_health_is_503_and_starting_and_it_can_be_ended()
    {
        var folder = Directory.CreateTempSubdirectory("actors-node-").FullName;
        var config = Path.Combine(folder, "tasks.conf");
        // A node that only hosts tasks cannot serve before another one hosts the topics.
        File.WriteAllText(config, $"""
            ACTORS_NODE_ID = 1, ACTORS_ROLES = streams, ACTORS_REMOTE = "127.0.0.1:0"
            ACTORS_PROVIDER = SQLite.MS, ACTORS_JOURNAL = "Data Source={folder}/actors.db"
            """);
        var http = new Uri($"http://127.0.0.1:{FreePort()}");
        using var node = Process.Start(new ProcessStartInfo(
            "dotnet", [NodeUnderTest.Dll, "--config", Path.Combine(NodeUnderTest.Root, "hocon/cluster.conf"), "--config", config, "--data", folder, "--kafka", "127.0.0.1:0", "--http", http.Authority])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        try
        {
            var (output, error) = (node.StandardOutput.ReadToEndAsync(), node.StandardError.ReadToEndAsync());
            var health = Polling.Until(() => Get("health"), answer => answer.Status != default, 20, "it listens");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, health.Status);
            Assert.Matches("""^\{"status":"starting","node":1,"kafka":"127\.0\.0\.1:[0-9]+","storage":"SQLite"\}$""", health.Body);
            Assert.Equal((HttpStatusCode.ServiceUnavailable, """{"error_code":50301,"message":"the node is starting"}"""), Get("topologies"));
            NodeUnderTest.Signal(node, "TERM");
            Assert.True(node.WaitForExit(TimeSpan.FromSeconds(15)), "it did not end within 15 s of SIGTERM");
            Assert.True(node.ExitCode == 0, $"exit code {node.ExitCode}\n{error.Result}");
            Assert.Equal("", output.Result);
        }
        finally
        {
            if (!node.HasExited)
                node.Kill();
            Directory.Delete(folder, true);
        }

        (HttpStatusCode Status, string Body) Get(string path)
        {
            using var client = new HttpClient { BaseAddress = http };
            try
            {
                using var answer = client.GetAsync(path).Result;
                return (answer.StatusCode, answer.Content.ReadAsStringAsync().Result);
            }
            catch (AggregateException refused) when (refused.InnerException is HttpRequestException)
            {
                return default;
            }
        }
    }

    [Fact]
    public void What_keeps_it_from_starting_is_looked_at_in_the_order_of_the_exit_codes()
    {
        using var node = NodeUnderTest.Start();
        var folder = Directory.CreateTempSubdirectory("actors-node-");
        string[] inUse = ["--data", node.Data, "--kafka", node.Kafka, "--http", node.Http.Authority];
        Assert.Equal(3, Run(inUse).ExitCode);
        Assert.Equal(2, Run([.. inUse, "--node-id", "0"]).ExitCode);
        File.WriteAllText(Path.Combine(folder.FullName, "wrong.conf"), "actors.nothing = 1");
        Assert.Equal(2, Run([.. inUse, "--config", Path.Combine(folder.FullName, "wrong.conf")]).ExitCode);
        Assert.Equal(2, Run([.. inUse, "--topologies", folder.FullName]).ExitCode);
        folder.Delete(true);
    }

    [Fact]
    public void The_directory_of_the_journals_file_is_made_and_one_that_cannot_be_is_an_error()
    {
        var folder = Directory.CreateTempSubdirectory("actors-node-").FullName;
        using (var node = NodeUnderTest.Start("--config", Journal("new/deeper")))
            Assert.True(File.Exists(Path.Combine(folder, "new/deeper/actors.db")), node.Output);
        File.WriteAllText(Path.Combine(folder, "a-file"), "");
        var refused = Run("--config", Journal("a-file"), "--data", Path.Combine(folder, "data"), "--kafka", "127.0.0.1:0", "--http", "127.0.0.1:0");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains($"{Path.Combine(folder, "a.conf")}:1:50: akka.persistence.journal.sql.connection-string: ", refused.Error);
        Directory.Delete(folder, true);

        string Journal(string directory)
        {
            var file = Path.Combine(folder, "a.conf");
            var database = $"\"Data Source={Path.Combine(folder, directory, "actors.db")}\"";
            File.WriteAllText(file, string.Concat(new[] { "journal", "snapshot-store", "query.journal" }.Select(plugin => $"akka.persistence.{plugin}.sql.connection-string = {database}\n")));
            return file;
        }
    }

    [Fact]
    public void A_second_node_on_the_same_data_ends_with_3()
    {
        using var node = NodeUnderTest.Start();
        var second = Run("--data", node.Data, "--kafka", "127.0.0.1:0", "--http", "127.0.0.1:0");
        Assert.Equal(3, second.ExitCode);
        Assert.Contains(node.Data, second.Error);
    }

    [Fact]
    public void A_port_in_use_ends_with_4()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var data = Directory.CreateTempSubdirectory("actors-node-");
        var node = Run("--data", data.FullName, "--kafka", $"127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}", "--http", "127.0.0.1:0");
        Assert.Equal(4, node.ExitCode);
        data.Delete(true);
    }

    [Fact]
    public void Wrong_settings_end_with_2_and_name_file_line_column_and_key()
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, "actors {\n  broker.default-partitions = many\n  kafka.listne = \"x:1\"\n}\n");
        var node = Run("--config", file, "--what");
        Assert.Equal(2, node.ExitCode);
        Assert.Contains("--what", node.Error);
        node = Run("--config", file);
        Assert.Equal(2, node.ExitCode);
        Assert.Contains($"{file}:2:31: actors.broker.default-partitions: ", node.Error);
        Assert.Contains($"{file}:3:", node.Error);
        Assert.Contains("unknown key; known are advertised, connection-idle-timeout, listen, listeners, ", node.Error);
        var told = node.Error.TrimEnd('\n').Split('\n');
        Assert.All(told[..2], line => Assert.StartsWith(file, line));
        Assert.Equal(["      broker.default-partitions = many", new string(' ', 34) + "^", "      kafka.listne = \"x:1\"", new string(' ', 12) + "^"], told[2..]);
        File.Delete(file);
    }

    private static int FreePort()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        return ((IPEndPoint)free.LocalEndpoint).Port;
    }

    private static ToolResult Run(params string[] arguments) => Tool.Run("dotnet", [NodeUnderTest.Dll, .. arguments], seconds: 20);
}
