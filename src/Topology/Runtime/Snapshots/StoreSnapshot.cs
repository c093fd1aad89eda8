using Actors.Client;

namespace Actors.Topology.Runtime;

/// <summary>
/// A store's snapshot on disk: chunks of rows under a manifest that names the change-log's offset they stand for. Each time only the rows changed
/// since are added; when those outweigh the rest, everything is written anew. A snapshot that is damaged, or of another change-log, is as good as none.
/// </summary>
internal sealed class StoreSnapshot
{
    /// <summary>A snapshot in more pieces than this is written anew.</summary>
    private const int MostChunks = 64;

    private const int RowOverhead = 16;

    private readonly TopologyRuntimeSettings _settings;
    private readonly SnapshotFiles _files;
    private readonly TopicPartition _changeLog;
    private readonly Guid _topicId;
    private ByteTable _changed = new();
    private long _changedBytes;
    private long _triedAt;
    private bool _anew;
    private bool _postponed;
    private SnapshotManifest? _manifest;

    public StoreSnapshot(TopologyRuntimeSettings settings, string directory, TopicPartition changeLog, Guid topicId)
    {
        _settings = settings;
        _files = new SnapshotFiles(directory);
        (_changeLog, _topicId) = (changeLog, topicId);
        _triedAt = settings.Time.GetTimestamp();
    }

    /// <summary>A row has changed: the next snapshot has it.</summary>
    public void Changed(ReadOnlySpan<byte> key, int stateLength)
    {
        if (_changed.Find(key) < 0) _changed.Add(key, default);
        _changedBytes += key.Length + stateLength + RowOverhead;
    }

    /// <summary>Whether enough has changed, or long enough ago, to be worth a snapshot.</summary>
    public bool IsDue => _changed.Count > 0
        && ((!_postponed && _changedBytes >= _settings.SnapshotBytes) || _settings.Time.GetElapsedTime(_triedAt) >= _settings.SnapshotInterval);

    /// <summary>Whether anything has changed since the last one.</summary>
    public bool HasChanges => _changed.Count > 0;

    /// <summary>Fills an empty store; gives the change-log's offset to go on from, or null where there is no snapshot to use.</summary>
    /// <param name="store">The store.</param>
    /// <param name="restore">Takes a row: the task's own restoring.</param>
    /// <param name="logStart">The first offset of the change-log.</param>
    /// <param name="logEnd">Its next offset: a snapshot beyond it is of a log that lost its end.</param>
    /// <param name="cancellation">Gives up.</param>
    public async ValueTask<long?> LoadAsync(TaskStore store, RestoreRow restore, long logStart, long logEnd, CancellationToken cancellation)
    {
        if (await _files.ReadManifestAsync(cancellation) is not { } manifest) return null;
        if (manifest.Topic != _changeLog.Topic || manifest.TopicId != _topicId || manifest.Partition != _changeLog.Partition) return null;
        if (manifest.Offset < logStart || manifest.Offset > logEnd) return null;
        // All chunks are read and checked before the first row is taken: a store is filled whole or not at all.
        var chunks = new List<byte[]>();
        foreach (var chunk in manifest.Chunks)
        {
            if (await _files.ReadChunkAsync(chunk, cancellation) is not { } bytes) return null;
            chunks.Add(bytes);
        }
        foreach (var chunk in chunks) SnapshotChunk.Read(chunk, (key, state, tombstone, timestamp) => restore(store.Description.Name, key, state, tombstone, timestamp));
        _manifest = manifest;
        return manifest.Offset;
    }

    /// <summary>Writes what has changed. The store must rest meanwhile, and all its changes up to the offset must be committed.</summary>
    /// <exception cref="IOException">The directory takes no files; the last snapshot is as it was, or as good as none.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public async ValueTask TakeAsync(TaskStore store, long changeLogOffset, CancellationToken cancellation)
    {
        var old = _manifest?.Chunks ?? [];
        var written = old.Sum(c => c.Bytes);
        var largest = old.Count == 0 ? 0 : old.Max(c => c.Bytes);
        _anew |= old.Count >= MostChunks || _manifest is null || written + _changedBytes > 2 * Math.Max(largest, store.MemoryBytes) + SnapshotChunk.MostBytes;
        var number = _manifest?.NextChunk ?? 0;
        var chunks = _anew ? new List<SnapshotChunkInfo>() : [.. old];
        foreach (var bytes in _anew ? SnapshotChunk.Write(store.Rows()) : SnapshotChunk.Write(Changes(store)))
            chunks.Add(await _files.WriteChunkAsync(number++, bytes, cancellation));
        var manifest = new SnapshotManifest(_changeLog.Topic, _topicId, _changeLog.Partition, changeLogOffset, number, chunks);
        await _files.WriteManifestAsync(manifest, cancellation);
        _manifest = manifest;
        Forget();
        (_triedAt, _anew, _postponed) = (_settings.Time.GetTimestamp(), false, false);
    }

    /// <summary>It could not be taken: however much changes, it is due again after an interval only.</summary>
    public void Postpone()
    {
        // What is to be written as a whole needs no changes, which would only grow meanwhile.
        if (_anew) Forget();
        (_triedAt, _postponed) = (_settings.Time.GetTimestamp(), true);
    }

    private void Forget()
    {
        _changed = new ByteTable();
        _changedBytes = 0;
    }

    private IEnumerable<SnapshotRow> Changes(TaskStore store)
    {
        for (var row = 0; row < _changed.Limit; row++)
            if (_changed.IsLive(row))
                yield return Change(store, row);
    }

    private SnapshotRow Change(TaskStore store, int row)
    {
        var key = _changed.Key(row);
        var found = store.Find(key);
        if (found < 0) return new SnapshotRow(key.ToArray(), null, -1);
        var state = store.State(found, out var timestamp);
        return new SnapshotRow(key.ToArray(), state.ToArray(), timestamp);
    }
}

/// <summary>Takes a row into a store.</summary>
internal delegate void RestoreRow(string store, ReadOnlySpan<byte> key, ReadOnlySpan<byte> state, bool tombstone, long timestamp);
