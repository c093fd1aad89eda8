using System.Buffers;
using Actors.Client;
using Actors.Protocol.Records;

namespace Actors.Topology.Runtime;

/// <summary>
/// What a task writes while it processes a chunk: copied here, for the task's spans end with its calls, and posted to the producer afterwards.
/// Used again for each chunk; nothing is allocated per record.
/// </summary>
internal sealed class TaskOutputs(int partition, IReadOnlyDictionary<string, int> partitionCounts, IReadOnlyDictionary<StoreDescription, IChangeTracker> changes)
    : ITaskSink
{
    private const int None = -1;

    private readonly List<Entry> _entries = [];
    private readonly ArrayBufferWriter<byte> _bytes = new(64 << 10);

    private readonly record struct Entry(string Topic, int Partition, int Start, int KeyLength, int ValueLength, long Timestamp, RecordHeader[]? Headers);

    public int Count => _entries.Count;

    public void Output(in OutputRecord record)
    {
        // A windowed key goes where its plain key would; the others are left to the producer, which does the same.
        var to = record.HasKey && record.Target.IsWindowed ? Partitioner.ForKey(record.PartitionKey, partitionCounts[record.Target.Topic]) : None;
        var start = _bytes.WrittenCount;
        _bytes.Write(record.Key);
        _bytes.Write(record.Value);
        _entries.Add(new Entry(record.Target.Topic, to, start, record.HasKey ? record.Key.Length : None, record.HasValue ? record.Value.Length : None,
            record.Timestamp, HeadersOf(record.Headers)));
    }

    public void ChangeLog(StoreDescription store, ReadOnlySpan<byte> key, ReadOnlySpan<byte> state, bool tombstone, long timestamp)
    {
        var start = _bytes.WrittenCount;
        _bytes.Write(key);
        _bytes.Write(state);
        _entries.Add(new Entry(store.ChangeLogTopic, partition, start, key.Length, tombstone ? None : state.Length, timestamp, null));
        changes[store].Changed(key, state.Length);
    }

    /// <summary>Hands all records to the producer, in order, and forgets them.</summary>
    public async ValueTask PostAsync(Producer producer, CancellationToken cancellation)
    {
        for (var i = 0; i < _entries.Count; i++)
        {
            var posting = producer.PostAsync(RecordAt(i), cancellation);
            if (posting.IsCompletedSuccessfully) posting.GetAwaiter().GetResult();
            else await posting;
        }
        _entries.Clear();
        _bytes.ResetWrittenCount();
    }

    private ProducerRecord RecordAt(int index)
    {
        var entry = _entries[index];
        var keyLength = Math.Max(0, entry.KeyLength);
        ReadOnlyMemory<byte>? key = entry.KeyLength == None ? null : _bytes.WrittenMemory.Slice(entry.Start, keyLength);
        ReadOnlyMemory<byte>? value = entry.ValueLength == None ? null : _bytes.WrittenMemory.Slice(entry.Start + keyLength, entry.ValueLength);
        return new ProducerRecord(entry.Topic, key, value, entry.Partition == None ? null : entry.Partition, entry.Timestamp, entry.Headers);
    }

    private static RecordHeader[]? HeadersOf(IReadOnlyList<Expressions.RecordHeader> headers)
    {
        if (headers.Count == 0) return null;
        var copied = new RecordHeader[headers.Count];
        for (var i = 0; i < copied.Length; i++) copied[i] = new RecordHeader(headers[i].Name, headers[i].Value);
        return copied;
    }
}

/// <summary>Told of each change of a store.</summary>
internal interface IChangeTracker
{
    void Changed(ReadOnlySpan<byte> key, int stateLength);
}
