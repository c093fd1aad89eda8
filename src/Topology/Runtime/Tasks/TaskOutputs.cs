using System.Buffers;
using Actors.Client;
using Actors.Protocol.Records;

namespace Actors.Topology.Runtime;

/// <summary>
/// What a task writes while it processes a chunk: copied here, for the task's spans end with its calls, and posted to the producer afterwards.
/// Used again for each chunk; nothing is allocated per record. Of a store's changes only the keys are noted: a row's last state before the
/// commit is all that its change-log needs, and until then a crash leaves the change-log as the last commit did.
/// </summary>
internal sealed class TaskOutputs(
    int partition, IReadOnlyDictionary<string, int> partitionCounts, IReadOnlyDictionary<StoreDescription, StoreChanges> changes, int largestRecord) : ITaskSink
{
    /// <summary>Change-log bytes that wait for the commit at most; beyond they are written before it.</summary>
    private const long MostUnwritten = 16 << 20;

    private const int None = -1;

    private readonly List<Entry> _entries = [];
    private readonly ArrayBufferWriter<byte> _bytes = new(64 << 10);

    private readonly record struct Entry(string Topic, int Partition, int Start, int KeyLength, int ValueLength, long Timestamp, RecordHeader[]? Headers);

    public int Count => _entries.Count;

    public int LargestRecord => largestRecord;

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

    public void ChangeLog(StoreDescription store, ReadOnlySpan<byte> key, ReadOnlySpan<byte> state, bool tombstone, long timestamp) =>
        changes[store].Note(key, state.Length);

    /// <summary>Whether so many changes wait that they should be written now.</summary>
    public bool HasManyChanges => changes.Values.Sum(c => c.Bytes) > MostUnwritten;

    /// <summary>Adds the rows that changed, as they are now; the task must rest.</summary>
    /// <param name="stores">The task's stores.</param>
    /// <param name="now">The timestamp of rows that are gone.</param>
    public void AddChanges(IReadOnlyCollection<TaskStore> stores, long now)
    {
        foreach (var store in stores)
        {
            var topic = store.Description.ChangeLogTopic;
            changes[store.Description].Take(key =>
            {
                var start = _bytes.WrittenCount;
                var row = store.Find(key);
                _bytes.Write(key);
                if (row < 0)
                {
                    _entries.Add(new Entry(topic, partition, start, key.Length, None, Math.Max(0, now), null));
                    return;
                }
                var state = store.State(row, out var timestamp);
                _bytes.Write(state);
                _entries.Add(new Entry(topic, partition, start, key.Length, state.Length, timestamp, null));
            });
        }
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

/// <summary>The keys of a store's rows that its change-log does not have as they are.</summary>
internal sealed class StoreChanges(StoreSnapshot snapshot)
{
    private ByteTable _keys = new();

    /// <summary>About as many bytes as the rows have.</summary>
    public long Bytes { get; private set; }

    public void Note(ReadOnlySpan<byte> key, int stateLength)
    {
        snapshot.Changed(key, stateLength);
        if (_keys.Find(key) >= 0) return;
        _keys.Add(key, default);
        Bytes += key.Length + stateLength;
    }

    /// <summary>Gives each key once, and forgets them.</summary>
    public void Take(RowKeyAction changed)
    {
        for (var row = 0; row < _keys.Limit; row++)
            if (_keys.IsLive(row)) changed(_keys.Key(row));
        if (_keys.Count > 0) _keys = new ByteTable();
        Bytes = 0;
    }
}
