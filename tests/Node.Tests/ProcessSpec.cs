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
        File.Delete(file);
    }

    private static ToolResult Run(params string[] arguments) => Tool.Run("dotnet", [NodeUnderTest.Dll, .. arguments], seconds: 20);
}
