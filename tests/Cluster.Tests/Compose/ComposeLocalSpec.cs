using Actors.Node.Tests;
using Xunit;

namespace Actors.Cluster.Tests;

/// <summary>tests/compose-local on a small compose file: a web server in a node's place, and a service that waits for it.</summary>
public sealed class ComposeLocalSpec : IDisposable
{
    private const string Services = """
        x-image: &image { image: actors, entrypoint: ["/bin/sh", "-c"] }
        services:
          node1:
            <<: *image
            command:
              - |
                echo "listens $$LISTENERS; others know $$ADVERTISED; keeps $$DATA; is $$ACTORS_NODE_ID; journal $$JOURNAL; $${NOT_SET-literal}"
                touch $$DATA/was-here
                exec python3 -m http.server --bind $$LISTEN 8080
            environment:
              ACTORS_NODE_ID: 1
              LISTEN: 0.0.0.0
              LISTENERS: INTERNAL://0.0.0.0:29092,EXTERNAL://0.0.0.0:9092
              ADVERTISED: INTERNAL://node1:29092,EXTERNAL://localhost:9092
              JOURNAL: Host=postgres;Username=postgres
              DATA: /data
            ports: ["9092:9092", "8081:8080"]
            volumes: ["node1-data:/data"]
            healthcheck: { test: ["CMD", "curl", "-fsS", "-o", "/dev/null", "http://localhost:8080/"] }
          consumer:
            <<: *image
            depends_on: { node1: { condition: service_healthy } }
            environment: { BROKERS: "node1:29092" }
            command: ["echo $$BROKERS; exec sleep ${HOW_LONG:-600}"]
          postgres:
            <<: *image
            command: ["exec sleep 600"]
        """;

    private readonly string _file = Path.GetTempFileName();
    private readonly LocalCompose _compose;

    public ComposeLocalSpec()
    {
        File.WriteAllText(_file, Services);
        _compose = LocalCompose.Up([], _file);
    }

    public void Dispose()
    {
        _compose.Dispose();
        File.Delete(_file);
    }

    [ToolFact("/usr/bin/python3", "curl")]
    public void Each_service_has_an_address_of_its_own_that_stands_wherever_others_name_it()
    {
        Assert.Equal(["consumer", "node1", "postgres"], _compose.Containers.Keys.Order());
        Assert.All(_compose.Containers.Values, container => Assert.Equal("up", container.Status));
        Assert.Equal(3, _compose.Containers.Values.Select(container => container.Address).Distinct().Count());
        var (node, data) = (_compose["node1"].Address, Path.GetFullPath(Path.Combine(_compose["node1"].Log, "../../volumes/node1-data")));
        Assert.Contains(
            $"listens INTERNAL://{node}:29092,EXTERNAL://{node}:9092; others know INTERNAL://{node}:29092,EXTERNAL://{node}:9092; "
            + $"keeps {data}; is 1; journal Host={_compose["postgres"].Address};Username=postgres; literal", _compose.Log("node1"));
        Assert.True(File.Exists(Path.Combine(data, "was-here")));
        Assert.Equal($"{node}:29092\n", _compose.Log("consumer"));
    }

    [ToolFact("/usr/bin/python3", "curl")]
    public void Services_are_multiplied_killed_started_again_paused_and_stopped()
    {
        _compose.Scale("consumer", 3);
        Assert.Equal(["up", "up", "up"], Consumers());
        var third = _compose["consumer_3"];
        _compose.Kill("consumer_3");
        Assert.Equal("ended", _compose["consumer_3"].Status);
        _compose.Scale("consumer", 3);
        Assert.Equal(("up", third.Address), (_compose["consumer_3"].Status, _compose["consumer_3"].Address));
        _compose.Scale("consumer", 1);
        Assert.Equal(["up", "ended", "ended"], Consumers());
        using var pause = Task.Run(() => _compose.Pause("consumer", TimeSpan.FromSeconds(1)));
        var state = $"/proc/{_compose["consumer"].Pid}/stat";
        Polling.Until(() => File.ReadAllText(state).Split(") ")[1][0], letter => letter == 'T', 10, "the pause");
        pause.Wait();
        Assert.NotEqual('T', File.ReadAllText(state).Split(") ")[1][0]);
        _compose.Stop("node1");
        Assert.Equal("ended", _compose["node1"].Status);
        Assert.Equal("up", _compose.Start("node1").Status);

        IEnumerable<string> Consumers() => from container in _compose.Containers.Values where container.Service == "consumer" orderby container.Name select container.Status;
    }

    [ToolFact("/usr/bin/python3", "curl")]
    public void A_node_more_is_made_of_the_last_ones_service()
    {
        var added = _compose.AddNode();
        Assert.Equal(("node2", "up"), (added.Name, added.Status));
        var said = _compose.Log("node2");
        Assert.Contains($"listens INTERNAL://{added.Address}:29092,EXTERNAL://{added.Address}:9092; others know INTERNAL://{added.Address}:29092,EXTERNAL://{added.Address}:9092", said);
        Assert.Contains("node2-data; is 2;", said);
    }
}
