namespace Akka.Persistence.Sql.Storage;

/// <summary>What a store is opened with.</summary>
internal sealed record StoreSettings(
    string ConnectionString, bool AutoInitialize, long GroupCommitBytes, int BufferSize, Sqlite.Synchronous Synchronous, int MaxPages = 0);

/// <summary>One database: a writer, and reads beside it. Journal, snapshot store and queries of an actor system share it.</summary>
internal abstract class SqlStore : IDisposable
{
    private readonly GroupCommitter _committer;

    protected SqlStore(WriteSession session, StoreSettings settings, Action<Exception, string> warn) =>
        _committer = new GroupCommitter(session, settings.GroupCommitBytes, settings.BufferSize, warn);

    protected Task Opened => _committer.Opened;

    public void Start() => _committer.Start();

    /// <summary>Stores a work; the task ends on the writer's thread once it is durable, or failed.</summary>
    public Task Write(Work work) => _committer.Add(work);

    /// <summary>The next events of a range, at least one if there is any.</summary>
    public abstract Task<IReadOnlyList<StoredEvent>> ReadEvents(EventRange range);

    /// <summary>The highest number ever stored for the id, deleted events included; 0 when there is none.</summary>
    public abstract Task<long> HighestSequenceNumber(string persistenceId);

    /// <summary>At most <paramref name="max"/> ids after the given one, in ordinal order.</summary>
    public abstract Task<IReadOnlyList<string>> PersistenceIds(string after, int max);

    public abstract Task<SnapshotRow?> LoadSnapshot(SnapshotRange range);

    /// <summary>Commits what waits and closes all connections.</summary>
    public virtual void Dispose() => _committer.Dispose();
}
