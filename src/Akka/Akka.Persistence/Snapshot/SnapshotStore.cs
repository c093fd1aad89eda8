using Akka.Actor;
using Akka.Persistence.Journal;

namespace Akka.Persistence.Snapshot;

/// <summary>A snapshot store that works asynchronously; answers leave from the thread that completes the task.</summary>
public abstract class SnapshotStore : ActorBase
{
    private readonly PluginBreaker _breaker;

    protected SnapshotStore() => _breaker = PluginBreaker.Of(Context, Persistence.Instance.Apply(Context.System).ConfigFor(Self));

    /// <summary>The latest snapshot that meets the criteria, or null.</summary>
    protected abstract Task<SelectedSnapshot?> LoadAsync(string persistenceId, SnapshotSelectionCriteria criteria);

    /// <summary>Stores a snapshot; one with the same sequence number is replaced.</summary>
    protected abstract Task SaveAsync(SnapshotMetadata metadata, object snapshot);

    /// <summary>Deletes one snapshot; a timestamp of DateTime.MinValue means whenever it was saved.</summary>
    protected abstract Task DeleteAsync(SnapshotMetadata metadata);

    protected abstract Task DeleteAsync(string persistenceId, SnapshotSelectionCriteria criteria);

    /// <summary>Messages of the plugin's own.</summary>
    protected virtual bool ReceivePluginInternal(object message) => false;

    protected override bool Receive(object message)
    {
        var (asker, self) = (Sender, Self);
        switch (message)
        {
            case LoadSnapshot load:
                Load(load, asker, self);
                return true;
            case SaveSnapshot save:
                var metadata = new SnapshotMetadata(save.Metadata.PersistenceId, save.Metadata.SequenceNr, Context.System.Scheduler.Now.UtcDateTime);
                Answer(_breaker.Run((store: this, metadata, save.Snapshot), static s => s.store.SaveAsync(s.metadata, s.Snapshot)), new SaveSnapshotSuccess(metadata), e => new SaveSnapshotFailure(metadata, e), asker, self);
                return true;
            case DeleteSnapshot delete:
                Answer(_breaker.Run((store: this, delete.Metadata), static s => s.store.DeleteAsync(s.Metadata)), new DeleteSnapshotSuccess(delete.Metadata), e => new DeleteSnapshotFailure(delete.Metadata, e), asker, self);
                return true;
            case DeleteSnapshots delete:
                Answer(
                    _breaker.Run((store: this, delete), static s => s.store.DeleteAsync(s.delete.PersistenceId, s.delete.Criteria)),
                    new DeleteSnapshotsSuccess(delete.Criteria), e => new DeleteSnapshotsFailure(delete.Criteria, e), asker, self);
                return true;
            default:
                return ReceivePluginInternal(message);
        }
    }

    private void Load(LoadSnapshot load, IActorRef asker, IActorRef self)
    {
        if (load.Criteria.Equals(SnapshotSelectionCriteria.None))
        {
            asker.Tell(new LoadSnapshotResult(null, load.ToSequenceNr), self);
            return;
        }
        _breaker.Run((store: this, load), static s => s.store.LoadAsync(s.load.PersistenceId, s.load.Criteria.Limit(s.load.ToSequenceNr))).Then((load, asker, self), static (done, state) =>
        {
            object answer = done.IsCompletedSuccessfully ? new LoadSnapshotResult(done.Result, state.load.ToSequenceNr) : new LoadSnapshotFailed(Reason(done));
            state.asker.Tell(answer, state.self);
        });
    }

    private static void Answer(Task work, object success, Func<Exception, object> failure, IActorRef asker, IActorRef self) =>
        work.Then((success, failure, asker, self), static (done, state) =>
            state.asker.Tell(done.IsCompletedSuccessfully ? state.success : state.failure(Reason(done)), state.self));

    private static Exception Reason(Task task) => task.Exception is { InnerException: { } e } ? e : new TaskCanceledException(task);
}
