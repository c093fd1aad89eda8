using System.Globalization;
using System.Text;
using Actors.Client;
using Actors.Protocol.Records;

namespace Actors.Topology.Runtime;

/// <summary>One entry of the deployments' topic.</summary>
/// <param name="Name">The topology.</param>
/// <param name="Text">Null: it is deleted, and what it had made is removed.</param>
/// <param name="Remover">It is being deleted, by this node; null while it lives.</param>
/// <param name="Offset">Where the entry stands.</param>
internal sealed record DeploymentRecord(string Name, string? Text, int? Remover, long Offset);

/// <summary>
/// The internal compacted topic <c>__actors_topologies</c>: topologies' texts by name. It is read from its beginning, and followed. A deletion is two
/// entries: the text again with the header <c>deleted-by</c>, a node's number, before anything is removed, and a tombstone afterwards.
/// </summary>
internal sealed class DeploymentTopic(ClusterClient cluster) : IAsyncDisposable
{
    public const string Name = "__actors_topologies";

    private const string RemoverHeader = "deleted-by";

    private static readonly TopicPartition Only = new(Name, 0);

    private readonly Producer _producer = new(cluster);

    /// <summary>Makes the topic where needed, gives all entries, says that they were all, and then each new one; ends only by cancellation or an error.</summary>
    public async Task FollowAsync(Action<DeploymentRecord> entry, Action loaded, CancellationToken cancellation)
    {
        await using var admin = new Admin(cluster);
        await admin.EnsureTopicAsync(new NewTopic(Name, 1, Configs: new Dictionary<string, string> { ["cleanup.policy"] = "compact" }), cancellation);
        var start = (await admin.ListOffsetsAsync(new Dictionary<TopicPartition, long> { [Only] = LogicalOffset.Earliest }, cancellation: cancellation))[Only].Offset;
        var end = (await admin.ListOffsetsAsync(new Dictionary<TopicPartition, long> { [Only] = LogicalOffset.Latest }, cancellation: cancellation))[Only].Offset;
        await using var fetcher = new Fetcher(cluster);
        fetcher.Assign(Only, start);
        var isLoaded = start >= end;
        if (isLoaded) loaded();
        while (true)
        {
            var chunk = await fetcher.ReadAsync(cancellation);
            foreach (var batch in chunk.Batches) Read(batch.Bytes, chunk.Offset, entry);
            if (isLoaded || chunk.NextOffset < end) continue;
            isLoaded = true;
            loaded();
        }
    }

    private static void Read(ReadOnlyMemory<byte> batch, long from, Action<DeploymentRecord> entry)
    {
        using var records = new RecordBatchReader(batch);
        foreach (var record in records)
            if (record.Offset >= from && record.Key is { } key)
                entry(new DeploymentRecord(Encoding.UTF8.GetString(key.Span), record.Value is { } text ? Encoding.UTF8.GetString(text.Span) : null, RemoverOf(record.Headers), record.Offset));
    }

    private static int? RemoverOf(RecordHeaders headers)
    {
        foreach (var header in headers)
            if (header.Key == RemoverHeader && header.Value is { } value && int.TryParse(value.Span, CultureInfo.InvariantCulture, out var node)) return node;
        return null;
    }

    /// <summary>Writes an entry; gives it once it is acknowledged, with the offset -1 where the broker did not say.</summary>
    public async Task<DeploymentRecord> WriteAsync(string name, string? text, int? remover)
    {
        // A bare null would become an empty value here, by way of byte[].
        var value = text is null ? default(ReadOnlyMemory<byte>?) : Encoding.UTF8.GetBytes(text);
        RecordHeader[] headers = remover is { } node ? [new RecordHeader(RemoverHeader, Encoding.UTF8.GetBytes(node.ToString(CultureInfo.InvariantCulture)))] : [];
        var written = await _producer.SendAsync(new ProducerRecord(Name, Encoding.UTF8.GetBytes(name), value, Only.Partition, Headers: headers));
        return new DeploymentRecord(name, text, remover, written.Offset);
    }

    public ValueTask DisposeAsync() => _producer.DisposeAsync();
}
