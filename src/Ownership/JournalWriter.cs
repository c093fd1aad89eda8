using Akka.Actor;
using Akka.Persistence;

namespace Actors.Ownership;

/// <summary>The journal could not be written, or not read back, at start.</summary>
public sealed class JournalUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// Who this process is to the journal. The plugin gives each of its instances a uuid, writes it with every row, and tells nobody;
/// so a node writes one event at its start and reads its row back.
/// </summary>
public static class JournalWriter
{
    /// <summary>Prefix of the persistence ids that the first events stand under; the node's name follows.</summary>
    public const string PersistenceIdPrefix = "writer/";

    /// <summary>
    /// Writes the node's first event, creates the fence and registers the writer with it. Call it before anything else is
    /// persisted, and once a start: it leaves a row.
    /// </summary>
    /// <param name="system">The actor system, whose default journal is the SQL plugin.</param>
    /// <param name="database">The database that the plugin is configured with.</param>
    /// <param name="node">The node's name, the same at every start of the node and at no other node.</param>
    /// <param name="timeout">How long the journal may take to answer.</param>
    /// <returns>The writer's uuid, as it stands in <c>journal.writer_uuid</c>.</returns>
    /// <exception cref="JournalUnavailableException">The event could not be stored in time.</exception>
    public static async Task<string> LearnUuidAsync(
        ActorSystem system, JournalDatabase database, string node, TimeSpan timeout, CancellationToken cancellation = default)
    {
        var id = PersistenceIdPrefix + node;
        var stored = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        var actor = system.ActorOf(Props.Create(() => new FirstEvent(id, stored)));
        long number;
        try
        {
            number = await stored.Task.WaitAsync(timeout, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            throw new JournalUnavailableException($"The journal did not store the node's first event within {timeout}.", e);
        }
        finally
        {
            system.Stop(actor);
        }

        string uuid;
        await using (var connection = await database.OpenAsync(cancellation).ConfigureAwait(false))
        {
            await using var command = database.Command(connection, null, "writer-of-event", ("pid", id), ("number", number));
            uuid = await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false) as string
                ?? throw new JournalUnavailableException($"The journal acknowledged event {number} of {id}, yet the database has no such row.");
        }
        var fence = new Fence(database);
        await fence.EnsureCreatedAsync(cancellation).ConfigureAwait(false);
        await fence.RegisterAsync(uuid, cancellation).ConfigureAwait(false);
        return uuid;
    }

    private sealed class FirstEvent : ReceivePersistentActor
    {
        private readonly TaskCompletionSource<long> _stored;

        public FirstEvent(string persistenceId, TaskCompletionSource<long> stored)
        {
            PersistenceId = persistenceId;
            _stored = stored;
            Recover<RecoveryCompleted>(_ => Persist(Array.Empty<byte>(), _ => _stored.TrySetResult(LastSequenceNr)));
            CommandAny(Unhandled);
        }

        public override string PersistenceId { get; }

        // Earlier starts' events say nothing; only the highest number is needed.
        public override Recovery Recovery => Recovery.None;

        protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr) =>
            _stored.TrySetException(new JournalUnavailableException("The journal did not store the node's first event.", cause));

        protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr)
        {
            _stored.TrySetException(new JournalUnavailableException("The journal rejected the node's first event.", cause));
            Context.Stop(Self);
        }

        protected override void OnRecoveryFailure(Exception reason, object? message = null) =>
            _stored.TrySetException(new JournalUnavailableException("The journal could not be read.", reason));
    }
}
