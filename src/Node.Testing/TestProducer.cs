using System.Text;
using System.Text.Json;
using Actors.Client;

namespace Actors.Node.Testing;

/// <summary>Writes text and JSON to topics, idempotently and with acks=all. What was sent is durable when a call returns.</summary>
public sealed class TestProducer : IAsyncDisposable
{
    private readonly Producer _producer;

    internal TestProducer(ClusterClient client) => _producer = new Producer(client);

    /// <summary>Sends one record.</summary>
    /// <param name="topic">A topic that is not there is created where the node does that.</param>
    /// <param name="key">Decides the partition; null: none.</param>
    /// <param name="value">Null: a tombstone.</param>
    /// <param name="timestamp">Null: now.</param>
    public async Task<RecordMetadata> SendAsync(string topic, string? key, string? value, DateTimeOffset? timestamp = null) =>
        await _producer.SendAsync(new ProducerRecord(topic, Bytes(key), Bytes(value), Timestamp: timestamp?.ToUnixTimeMilliseconds()));

    /// <summary>Sends one record whose value is an object's JSON, names as System.Text.Json writes them.</summary>
    public Task<RecordMetadata> SendJsonAsync<T>(string topic, string? key, T value, DateTimeOffset? timestamp = null) =>
        SendAsync(topic, key, JsonSerializer.Serialize(value), timestamp);

    /// <summary>Sends many records of text, in batches.</summary>
    public async Task SendAllAsync(string topic, IEnumerable<(string? Key, string? Value)> records)
    {
        foreach (var (key, value) in records) await _producer.PostAsync(new ProducerRecord(topic, Bytes(key), Bytes(value)));
        await _producer.FlushAsync();
    }

    /// <summary>Sends what still waits, and closes.</summary>
    public ValueTask DisposeAsync() => _producer.DisposeAsync();

    private static ReadOnlyMemory<byte>? Bytes(string? text) => text is null ? default(ReadOnlyMemory<byte>?) : Encoding.UTF8.GetBytes(text);
}
