using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;

namespace Akka.Persistence.Journal;

/// <summary>
/// A journal that stores and replays asynchronously. Answers leave from the thread that completes the task, in the order of
/// the events; one write is in flight a persistent actor, so no order across writes is to be kept.
/// </summary>
public abstract class AsyncWriteJournal : WriteJournalBase, IAsyncRecovery
{
    private readonly PluginBreaker _breaker;

    protected AsyncWriteJournal()
    {
        var mode = JournalConfig.GetString("replay-filter.mode", "off");
        if (mode.ToLowerInvariant() is not ("off" or "disabled" or "false"))
            throw new ConfigurationException($"{Self.Path.Name}.replay-filter.mode = {mode}: this stand-in has no replay filter but [off].");
        _breaker = PluginBreaker.Of(Context, JournalConfig);
    }

    /// <summary>
    /// Stores the writes of one <see cref="WriteMessages"/>, all or none. The result holds an exception for each write that
    /// was rejected, null for each that was stored; null or empty means that all were. A failed task means that none may
    /// have been stored, or that it is unknown.
    /// </summary>
    protected abstract Task<IImmutableList<Exception?>?> WriteMessagesAsync(IEnumerable<AtomicWrite> messages);

    /// <summary>Deletes events up to and including the sequence number, but remembers the highest number ever stored.</summary>
    protected abstract Task DeleteMessagesToAsync(string persistenceId, long toSequenceNr);

    public abstract Task ReplayMessagesAsync(
        IActorContext context, string persistenceId, long fromSequenceNr, long toSequenceNr, long max,
        Action<IPersistentRepresentation> recoveryCallback);

    public abstract Task<long> ReadHighestSequenceNrAsync(string persistenceId, long fromSequenceNr);

    /// <summary>Messages of the plugin's own.</summary>
    protected virtual bool ReceivePluginInternal(object message) => false;

    protected override bool Receive(object message) => ReceiveWriteJournal(message) || ReceivePluginInternal(message);

    protected bool ReceiveWriteJournal(object message)
    {
        switch (message)
        {
            case WriteMessages write:
                Write(write);
                return true;
            case ReplayMessages replay:
                Replay(replay);
                return true;
            case DeleteMessagesTo delete:
                Delete(delete);
                return true;
            default:
                return false;
        }
    }

    protected static Exception TryUnwrapException(Exception e)
    {
        while (e is AggregateException { InnerExceptions: [var inner] }) e = inner;
        return e;
    }

    private void Write(WriteMessages message)
    {
        var self = Self;
        Task<IImmutableList<Exception?>?> write;
        try
        {
            var writes = PreparePersistentBatch(message.Messages).ToArray();
            write = writes.Length == 0
                ? Task.FromResult<IImmutableList<Exception?>?>(null)
                : _breaker.Run((journal: this, writes), static state => state.journal.WriteMessagesAsync(state.writes));
        }
        catch (Exception e)
        {
            write = Task.FromException<IImmutableList<Exception?>?>(e);
        }
        write.Then((message, self), static (done, state) =>
        {
            if (done.IsCompletedSuccessfully) AnswerStored(state.message, done.Result, state.self);
            else AnswerFailed(state.message, Reason(done), state.self);
        });
    }

    private static void AnswerStored(WriteMessages message, IImmutableList<Exception?>? rejections, IActorRef self)
    {
        var writes = message.Messages.Count(m => m is AtomicWrite);
        if (rejections is { Count: > 0 } && rejections.Count != writes)
        {
            AnswerFailed(message, new InvalidOperationException($"The journal answered {writes} writes with {rejections.Count} results."), self);
            return;
        }
        var anyRejected = rejections?.Any(r => r is not null) == true;
        var successful = new WriteMessagesSuccessful(message.ActorInstanceId);
        // An actor that stops at a rejection is to see it before it may send its next write.
        if (!anyRejected) message.PersistentActor.Tell(successful, self);
        var write = 0;
        foreach (var envelope in message.Messages)
        {
            if (envelope is not AtomicWrite atomic)
            {
                message.PersistentActor.Tell(new LoopMessageSuccess(envelope.Payload, message.ActorInstanceId), envelope.Sender);
                continue;
            }
            var rejection = anyRejected ? rejections![write] : null;
            write++;
            foreach (var persistent in atomic.Events)
            {
                object answer = rejection is null
                    ? new WriteMessageSuccess(persistent, message.ActorInstanceId)
                    : new WriteMessageRejected(persistent, rejection, message.ActorInstanceId);
                message.PersistentActor.Tell(answer, persistent.Sender);
            }
        }
        if (anyRejected) message.PersistentActor.Tell(successful, self);
    }

    private static void AnswerFailed(WriteMessages message, Exception cause, IActorRef self)
    {
        var writes = message.Messages.Count(m => m is AtomicWrite);
        message.PersistentActor.Tell(new WriteMessagesFailed(cause, writes) { ActorInstanceId = message.ActorInstanceId }, self);
        foreach (var envelope in message.Messages)
        {
            if (envelope is not AtomicWrite atomic)
            {
                message.PersistentActor.Tell(new LoopMessageSuccess(envelope.Payload, message.ActorInstanceId), envelope.Sender);
                continue;
            }
            foreach (var persistent in atomic.Events)
                message.PersistentActor.Tell(new WriteMessageFailure(persistent, cause, message.ActorInstanceId), persistent.Sender);
        }
    }

    private void Replay(ReplayMessages message)
    {
        var context = Context;
        var self = Self;
        ReplayAsync(message, context).Then((message, self), static (done, state) =>
        {
            object answer = done.IsCompletedSuccessfully ? new RecoverySuccess(done.Result) : new ReplayMessagesFailure(Reason(done));
            state.message.PersistentActor.Tell(answer, state.self);
        });
    }

    private async Task<long> ReplayAsync(ReplayMessages message, IActorContext context)
    {
        var highest = await _breaker.Run(
            (journal: this, message),
            static state => state.journal.ReadHighestSequenceNrAsync(state.message.PersistenceId, Math.Max(0, state.message.FromSequenceNr - 1))).ConfigureAwait(false);
        var to = Math.Min(message.ToSequenceNr, highest);
        if (message.Max > 0 && message.FromSequenceNr <= to)
        {
            await ReplayMessagesAsync(context, message.PersistenceId, message.FromSequenceNr, to, message.Max, persistent =>
            {
                // Deleted events take no part, nor do their sequence numbers.
                if (!persistent.IsDeleted) message.PersistentActor.Tell(new ReplayedMessage(persistent), ActorRefs.NoSender);
            }).ConfigureAwait(false);
        }
        return highest;
    }

    private void Delete(DeleteMessagesTo message)
    {
        var self = Self;
        _breaker.Run((journal: this, message), static state => state.journal.DeleteMessagesToAsync(state.message.PersistenceId, state.message.ToSequenceNr))
            .Then((message, self), static (done, state) =>
            {
                object answer = done.IsCompletedSuccessfully
                    ? new DeleteMessagesSuccess(state.message.ToSequenceNr)
                    : new DeleteMessagesFailure(Reason(done), state.message.ToSequenceNr);
                state.message.PersistentActor.Tell(answer, state.self);
            });
    }

    private static Exception Reason(Task task) => task.Exception is { } e ? TryUnwrapException(e) : new TaskCanceledException(task);
}
