using System.Collections.Immutable;
using Akka;
using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Akka.Persistence.Journal;
using Akka.Persistence.Query;
using Akka.Persistence.Snapshot;
using Akka.Streams.Dsl;

namespace Actors.Broker.Tests.Simulation;

/// <summary>A journal on <see cref="SimulatedStorage"/>, its delays on the system's scheduler.</summary>
public sealed class SimulatedJournal : AsyncWriteJournal
{
    private readonly SimulatedStorage _storage;
    private readonly int _incarnation;

    public SimulatedJournal(Config config)
    {
        _storage = SimulatedStorage.Find(config.GetString("storage"));
        _incarnation = _storage.Incarnation;
    }

    public override Task ReplayMessagesAsync(
        IActorContext context, string persistenceId, long fromSequenceNr, long toSequenceNr, long max, Action<IPersistentRepresentation> recoveryCallback)
    {
        foreach (var row in _storage.Read(persistenceId, fromSequenceNr, toSequenceNr).Take((int)Math.Min(max, int.MaxValue)))
            recoveryCallback(new Persistent(row.Payload(context.System), row.SequenceNr, persistenceId, row.Manifest, false, ActorRefs.NoSender, "w"));
        return Task.CompletedTask;
    }

    public override Task<long> ReadHighestSequenceNrAsync(string persistenceId, long fromSequenceNr)
    {
        var scheduler = Context.System.Scheduler;
        var done = new TaskCompletionSource<long>();
        _storage.RecoveryBegins(persistenceId);
        if (_storage.RecoveryTime > TimeSpan.Zero)
            scheduler.Advanced.ScheduleOnce(_storage.RecoveryTime, Look);
        else
            Look();
        return done.Task;

        void Look()
        {
            if (_storage.NeverRecover.Contains(persistenceId))
                return;
            if (_storage.HasPending(persistenceId))
                scheduler.Advanced.ScheduleOnce(TimeSpan.FromMilliseconds(5), Look);
            else
                done.SetResult(_storage.Highest(persistenceId));
        }
    }

    /// <summary>What is written at once is one persistent actor's, and is stored wholly or not at all.</summary>
    protected override async Task<IImmutableList<Exception?>?> WriteMessagesAsync(IEnumerable<AtomicWrite> messages)
    {
        var system = Context.System;
        var now = system.Scheduler.Now.UtcDateTime;
        var rows = messages.SelectMany(write => (IImmutableList<IPersistentRepresentation>)write.Payload)
            .Select(p => Row.Of(p.PersistenceId, p.SequenceNr, p.Payload, now, system)).ToList();
        await _storage.WriteAsync(rows, system.Scheduler, _incarnation).ConfigureAwait(false);
        return null;
    }

    protected override Task DeleteMessagesToAsync(string persistenceId, long toSequenceNr) =>
        _storage.DeleteAsync(persistenceId, toSequenceNr, Context.System.Scheduler, _incarnation);
}

/// <summary>Snapshots on <see cref="SimulatedStorage"/>.</summary>
public sealed class SimulatedSnapshotStore : SnapshotStore
{
    private readonly SimulatedStorage _storage;
    private readonly int _incarnation;

    public SimulatedSnapshotStore(Config config)
    {
        _storage = SimulatedStorage.Find(config.GetString("storage"));
        _incarnation = _storage.Incarnation;
    }

    protected override Task<SelectedSnapshot?> LoadAsync(string persistenceId, SnapshotSelectionCriteria criteria) =>
        Task.FromResult(_storage.LoadSnapshot(persistenceId, criteria.MaxSequenceNr) is { } row
            ? new SelectedSnapshot(new SnapshotMetadata(persistenceId, row.SequenceNr, row.Timestamp), row.Payload(Context.System))
            : null);

    protected override Task SaveAsync(SnapshotMetadata metadata, object snapshot) =>
        _storage.SaveSnapshotAsync(Row.Of(metadata.PersistenceId, metadata.SequenceNr, snapshot, metadata.Timestamp, Context.System), Context.System.Scheduler, _incarnation);

    protected override Task DeleteAsync(SnapshotMetadata metadata)
    {
        _storage.DeleteSnapshots(metadata.PersistenceId, metadata.SequenceNr, metadata.SequenceNr);
        return Task.CompletedTask;
    }

    protected override Task DeleteAsync(string persistenceId, SnapshotSelectionCriteria criteria)
    {
        _storage.DeleteSnapshots(persistenceId, criteria.MinSequenceNr, criteria.MaxSequenceNr);
        return Task.CompletedTask;
    }
}

/// <summary>Reads what is committed.</summary>
public sealed class SimulatedReadJournal(ActorSystem system, SimulatedStorageReference storage) : ICurrentEventsByPersistenceIdQuery, ICurrentPersistenceIdsQuery
{
    public Source<EventEnvelope, NotUsed> CurrentEventsByPersistenceId(string persistenceId, long fromSequenceNr, long toSequenceNr)
    {
        return storage.Storage.QueryTime > TimeSpan.Zero ? Source.FromTask(LaterAsync()).SelectMany(_ => Events()) : Source.From(Events());

        IEnumerable<EventEnvelope> Events() => storage.Storage.Query(persistenceId, fromSequenceNr, toSequenceNr)
            .Select(row => new EventEnvelope(new Sequence(row.SequenceNr), persistenceId, row.SequenceNr, row.Payload(system), row.Timestamp.Ticks, []));

        Task<bool> LaterAsync()
        {
            var later = new TaskCompletionSource<bool>();
            system.Scheduler.Advanced.ScheduleOnce(storage.Storage.QueryTime, () => later.SetResult(true));
            return later.Task;
        }
    }

    public Source<string, NotUsed> CurrentPersistenceIds() => Source.From(storage.Storage.Ids);
}

/// <summary>Keeps the storage's type out of a public signature.</summary>
public sealed class SimulatedStorageReference
{
    internal SimulatedStorageReference(SimulatedStorage storage) => Storage = storage;

    internal SimulatedStorage Storage { get; }
}

public sealed class SimulatedReadJournalProvider(ExtendedActorSystem system, Config config) : IReadJournalProvider
{
    public IReadJournal GetReadJournal() => new SimulatedReadJournal(system, new SimulatedStorageReference(SimulatedStorage.Find(config.GetString("storage"))));
}
