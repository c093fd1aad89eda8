using Actors.Node.Tests;
using Xunit;

// Times are measured: one cluster at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Actors.Cluster.Tests;

/// <summary>A test with Kafka's clients: kcat, confluent-kafka, kafka-python, KafkaJS.</summary>
public class ClientsFactAttribute(params string[] programs) : ToolFactAttribute([
    .. programs, "kcat", "/usr/bin/python3", "/usr/lib/python3/dist-packages/confluent_kafka", "/usr/lib/python3/dist-packages/kafka",
    "node", Path.Combine(NodeUnderTest.Root, "tests/Cluster.Tests/Clients/node_modules/kafkajs"),
]);

/// <summary>A test with three nodes, and PostgreSQL or one folder of SQLite files below them.</summary>
public sealed class ClusterFactAttribute() : ClientsFactAttribute("/usr/lib/postgresql/15/bin/initdb", "curl");
