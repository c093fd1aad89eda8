using Actors.Client;
using Actors.Node.Tests;
using Xunit;

namespace Actors.Cluster.Tests;

/// <summary>Twelve partitions, four clients: each writes through any node's address, and reads in a group through any node's address.</summary>
public sealed class ClientsSpec
{
    private const int RecordsEach = 100;
    private static readonly string Folder = Path.Combine(NodeUnderTest.Root, "tests/Cluster.Tests/Clients");

    [ClusterFact]
    public Task At_three_nodes_on_PostgreSQL() => AtThreeNodesAsync("postgres");

    [ClusterFact]
    public Task At_three_nodes_on_SQLite() => AtThreeNodesAsync("sqlite");

    [ClientsFact]
    public async Task At_a_node_alone()
    {
        using var node = NodeUnderTest.Start();
        await EveryClientThroughEveryNodeAsync(node.Kafka);
    }

    private static async Task AtThreeNodesAsync(string storage)
    {
        using var cluster = new ThreeNodes(storage);
        await cluster.CreateTopicAsync();
        Assert.Equal("4/4/4", cluster.Counts(cluster.Bootstrap));
        await EveryClientThroughEveryNodeAsync([.. cluster.Nodes.Select(node => node.Kafka)]);
    }

    private static async Task EveryClientThroughEveryNodeAsync(params string[] nodes)
    {
        foreach (var client in (string[])["kcat", "confluent", "kafka-python", "kafkajs"])
        {
            await CreateAsync(nodes[^1], client);
            for (var n = 0; n < nodes.Length; n++)
                Run(client, "produce", nodes[n], $"{client}-{n}", RecordsEach);
            var expected = Enumerable.Range(0, nodes.Length).SelectMany(n => Enumerable.Range(0, RecordsEach).Select(i => $"{client}-{n}-{i}")).Order().ToArray();
            for (var n = 0; n < nodes.Length; n++)
                Assert.Equal(expected, Run(client, "consume", nodes[n], $"readers-of-{client}-{n}", expected.Length).Order());
        }
    }

    private static async Task CreateAsync(string bootstrap, string topic)
    {
        await using var client = new ClusterClient(new ClusterOptions { BootstrapServers = bootstrap });
        await using var admin = new Admin(client);
        await admin.CreateTopicAsync(new NewTopic(topic, ThreeNodes.Partitions));
    }

    private static string[] Run(string client, string what, string bootstrap, string name, int count) => (client switch
    {
        "kcat" when what == "produce" => Tool.Run("kcat", ["-b", bootstrap, "-P", "-t", client, "-K:"], string.Concat(Enumerable.Range(0, count).Select(i => $"{i}:{name}-{i}\n"))),
        "kcat" => Tool.Run("kcat", ["-b", bootstrap, "-X", "auto.offset.reset=earliest", "-c", $"{count}", "-q", "-G", name, client]),
        "kafkajs" => Tool.Run("node", [Path.Combine(Folder, "kafkajs.js"), what, bootstrap, client, name, $"{count}"]),
        _ => Tool.Run("/usr/bin/python3", [Path.Combine(Folder, "clients.py"), client, what, bootstrap, client, name, $"{count}"]),
    }).Succeeded().Lines;
}
