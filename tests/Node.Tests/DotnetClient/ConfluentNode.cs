using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Xunit;

namespace Actors.Node.Tests.DotnetClient;

/// <summary>A node, and Confluent.Kafka's clients of it.</summary>
public sealed class ConfluentNode : IDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Lazy<IAdminClient> _admin;
    private readonly Lazy<IProducer<string?, string?>> _producer;

    public ConfluentNode()
    {
        _admin = new(() => new AdminClientBuilder(new AdminClientConfig { BootstrapServers = Node.Kafka }).Build());
        _producer = new(() => Producer(_ => { }));
    }

    public NodeUnderTest Node { get; } = NodeUnderTest.Start();

    public IAdminClient Admin => _admin.Value;

    /// <summary>The settings that a consumer of these tests begins with: no commits of its own, the first record first, no topic made by asking for it.</summary>
    public ConsumerConfig Reading(string group) => new()
    {
        BootstrapServers = Node.Kafka, GroupId = group, EnableAutoCommit = false, AutoOffsetReset = AutoOffsetReset.Earliest, AllowAutoCreateTopics = false, FetchWaitMaxMs = 50,
    };

    public async Task<string> CreateAsync(string name, int partitions = 1, params (string Name, string Value)[] configs)
    {
        await Admin.CreateTopicsAsync([new TopicSpecification { Name = name, NumPartitions = partitions, ReplicationFactor = 1, Configs = configs.ToDictionary(c => c.Name, c => c.Value) }]);
        return name;
    }

    public IProducer<string?, string?> Producer(Action<ProducerConfig> settings)
    {
        var config = new ProducerConfig { BootstrapServers = Node.Kafka };
        settings(config);
        return new ProducerBuilder<string?, string?>(config).Build();
    }

    /// <summary>Writes value after value into one partition.</summary>
    public async Task FillAsync(string topic, int partition, params string[] values) =>
        await Task.WhenAll(values.Select(value => _producer.Value.ProduceAsync(new TopicPartition(topic, partition), new Message<string?, string?> { Value = value })));

    /// <summary>Reads so many records from a place on, as a consumer without a group.</summary>
    public List<ConsumeResult<string?, string?>> Read(TopicPartitionOffset from, int count)
    {
        using var consumer = new ConsumerBuilder<string?, string?>(Reading("reader")).Build();
        consumer.Assign(from);
        return consumer.Take(count);
    }

    public void Dispose()
    {
        if (_producer.IsValueCreated) _producer.Value.Dispose();
        if (_admin.IsValueCreated) _admin.Value.Dispose();
        Node.Dispose();
    }
}

internal static class Reading
{
    /// <summary>The next records, so many; fails when they are not there in time.</summary>
    public static List<ConsumeResult<string?, string?>> Take(this IConsumer<string?, string?> consumer, int count)
    {
        var records = new List<ConsumeResult<string?, string?>>();
        while (records.Count < count)
        {
            var next = consumer.Consume(ConfluentNode.Patience);
            Assert.True(next is not null, $"{records.Count} of {count} records came within {ConfluentNode.Patience}");
            records.Add(next);
        }
        return records;
    }

    public static IEnumerable<string?> Values(this IEnumerable<ConsumeResult<string?, string?>> records) => records.Select(record => record.Message.Value);
}

/// <summary>A test that needs the system's librdkafka. Where it is not installed the test is skipped, but on CI it runs and fails.</summary>
public sealed class LibrdkafkaFactAttribute : FactAttribute
{
    public LibrdkafkaFactAttribute() => Skip = Librdkafka.Missing;
}

/// <summary>As <see cref="LibrdkafkaFactAttribute"/>, for several cases.</summary>
public sealed class LibrdkafkaTheoryAttribute : TheoryAttribute
{
    public LibrdkafkaTheoryAttribute() => Skip = Librdkafka.Missing;
}

internal static class Librdkafka
{
    private const string Name = "librdkafka.so.1";

    /// <summary>Why a test with Confluent.Kafka cannot run here; null when it can.</summary>
    public static readonly string? Missing = Environment.GetEnvironmentVariable("CI") == "true" || NativeLibrary.TryLoad(Name, out _)
        ? null
        : "librdkafka is not installed (Debian: apt-get install librdkafka1)";

    [ModuleInitializer]
    internal static void UseTheSystems() =>
        NativeLibrary.SetDllImportResolver(typeof(Library).Assembly, (name, _, _) => name == "librdkafka" && NativeLibrary.TryLoad(Name, out var found) ? found : 0);
}
