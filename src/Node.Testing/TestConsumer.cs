using Actors.Client;
using Actors.Protocol.Records;

namespace Actors.Node.Testing;

/// <summary>
/// Reads a topic from its beginning: all of its partitions, or, as a member of a group, those that the group gives it. A topic that is not there yet is
/// waited for. For one reader at a time.
/// </summary>
public sealed class TestConsumer : IAsyncDisposable
{
    private readonly ClusterClient _client;
    private readonly string _topic;
    private readonly TimeSpan _patience;
    private readonly Queue<TestRecord> _read = new();
    private readonly Consumer? _member;
    private Fetcher? _fetcher;

    internal TestConsumer(ClusterClient client, string topic, string? group, TimeSpan patience)
    {
        (_client, _topic, _patience) = (client, topic, patience);
        if (group is not null)
            _member = new Consumer(client, new ConsumerOptions { Group = new GroupOptions { GroupId = group, Topics = [topic] } });
    }

    /// <summary>The next record of any partition.</summary>
    /// <exception cref="TimeoutException">None comes within the node's <see cref="TestNodeOptions.Patience"/>.</exception>
    public async Task<TestRecord> NextAsync(CancellationToken cancellation = default) => (await TakeAsync(1, cancellation))[0];

    /// <summary>The next so many records; those of one partition are in order.</summary>
    /// <exception cref="TimeoutException">They do not come; the message has those that came.</exception>
    public async Task<IReadOnlyList<TestRecord>> TakeAsync(int count, CancellationToken cancellation = default)
    {
        var taken = new List<TestRecord>();
        await ReadUntilAsync(() => taken.Count == count, taken.Add, () => $"{count} records are waited for; those that came: {string.Join("; ", taken)}", cancellation);
        return taken;
    }

    /// <summary>Reads the topic as a table, the last record of each key, until it is as it should be; tombstones take their key out.</summary>
    /// <exception cref="TimeoutException">It does not come to that; the message has the table as it was last.</exception>
    public async Task<IReadOnlyDictionary<string, TestRecord>> TableAsync(Func<IReadOnlyDictionary<string, TestRecord>, bool> isComplete, CancellationToken cancellation = default)
    {
        var table = new Dictionary<string, TestRecord>();
        await ReadUntilAsync(() => isComplete(table), Take, () => $"the table is not what is waited for; it is {string.Join("; ", table.Values)}", cancellation);
        return table;

        void Take(TestRecord record)
        {
            if (record.Value is null) table.Remove(record.Key ?? "");
            else table[record.Key ?? ""] = record;
        }
    }

    /// <summary>Commits, in a group, what was read so far.</summary>
    /// <exception cref="InvalidOperationException">It reads without a group.</exception>
    public async Task CommitAsync(CancellationToken cancellation = default)
    {
        if (_member is null) throw new InvalidOperationException("only a member of a group commits");
        await _member.CommitAsync(cancellation);
    }

    /// <summary>Leaves the group and closes.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_member is not null) await _member.DisposeAsync();
        if (_fetcher is not null) await _fetcher.DisposeAsync();
    }

    private async Task ReadUntilAsync(Func<bool> isDone, Action<TestRecord> take, Func<string> complaint, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(_patience);
        try
        {
            while (!isDone())
            {
                while (_read.Count == 0) await ReadChunkAsync(deadline.Token);
                take(_read.Dequeue());
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"{_topic}, after {_patience}: {complaint()}");
        }
    }

    private async Task ReadChunkAsync(CancellationToken cancellation)
    {
        var chunk = _member is not null ? await _member.ReadAsync(cancellation) : await (_fetcher ??= await FetchAsync(cancellation)).ReadAsync(cancellation);
        foreach (var batch in chunk.Batches)
        {
            using var reader = new RecordBatchReader(batch.Bytes);
            foreach (var record in reader)
            {
                if (record.Offset >= chunk.Offset)
                    _read.Enqueue(new TestRecord(chunk.Partition, record.Offset, DateTimeOffset.FromUnixTimeMilliseconds(record.Timestamp), record.Key?.ToArray(), record.Value?.ToArray()));
            }
        }
    }

    private async Task<Fetcher> FetchAsync(CancellationToken cancellation)
    {
        TopicMetadata? topic;
        await using (var admin = new Admin(_client))
        {
            while ((topic = (await admin.ListTopicsAsync(cancellation)).FirstOrDefault(each => each.Name == _topic)) is null)
                await Task.Delay(20, cancellation);
        }
        var fetcher = new Fetcher(_client);
        fetcher.Assign(topic.Partitions.Select(partition => KeyValuePair.Create(new TopicPartition(_topic, partition.Index), LogicalOffset.Earliest)));
        return fetcher;
    }
}
