using Actors.Node.Tests;
using Xunit;

namespace Actors.Groups.Tests;

/// <summary>Kafka's own clients, and what each needs on this machine.</summary>
public static class Clients
{
    public static readonly string Folder = Path.Combine(NodeUnderTest.Root, "tests/Groups.Tests/Clients");

    private static readonly Dictionary<string, string[]> Needs = new()
    {
        ["librdkafka"] = ["/usr/bin/python3", "/usr/lib/python3/dist-packages/confluent_kafka"],
        ["kafka-python"] = ["/usr/bin/python3", "/usr/lib/python3/dist-packages/kafka"],
        ["kafkajs"] = [Path.Combine(Folder, "node_modules/kafkajs")],
    };

    /// <summary>Why a test with these clients cannot run here; null when it can.</summary>
    public static string? Missing(params string[] clients)
    {
        // On CI a missing tool is a failure: the test runs.
        if (Environment.GetEnvironmentVariable("CI") == "true")
            return null;
        var missing = clients.SelectMany(client => Needs[client]).FirstOrDefault(path => !File.Exists(path) && !Directory.Exists(path));
        return missing is not null ? $"{missing} is missing: tests/run installs it" : clients.Contains("kafkajs") && !Tool.Exists("node") ? "node is not installed" : null;
    }
}

/// <summary>A test with these clients; skipped, with the reason, where one is not installed.</summary>
public sealed class ClientFactAttribute : FactAttribute
{
    public ClientFactAttribute(params string[] clients) => Skip = Clients.Missing(clients);
}
