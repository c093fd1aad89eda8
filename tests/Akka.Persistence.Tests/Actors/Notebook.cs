using Akka.Actor;

namespace Akka.Persistence.Tests;

/// <summary>Persists its notes as one unit, commands waiting meanwhile; answered by Noted for each.</summary>
public sealed record Note(params string[] Texts);

/// <summary>Persists its notes as one unit, commands going on meanwhile; answered by Noted for each.</summary>
public sealed record NoteAsync(params string[] Texts);

/// <summary>Persists something the journal rejects.</summary>
public sealed record NoteUnserialisable;

/// <summary>Answered by Said, once everything persisted before is stored.</summary>
public sealed record SayAfter(string Text);

public sealed record Read;

public sealed record Snap;

public sealed record Erase(long To);

public sealed record Throw(bool AfterNote = false);

public sealed record Noted(string Text, long Number);

public sealed record Said(string Text);

public sealed record Contents(string Texts, long LastNumber, string Recovery);

public sealed record Failed(string How, string Cause);

/// <summary>A persistent actor for specifications: a list of notes.</summary>
public sealed class Notebook : UntypedPersistentActor
{
    private readonly List<string> _notes = [];
    private readonly List<string> _recovery = [];
    private readonly IActorRef _observer;
    private long _expected = 1;

    public Notebook(string persistenceId, IActorRef observer) => (PersistenceId, _observer) = (persistenceId, observer);

    public override string PersistenceId { get; }

    public static Props Props(string persistenceId, IActorRef observer) => Akka.Actor.Props.Create(() => new Notebook(persistenceId, observer));

    protected override void OnRecover(object message)
    {
        switch (message)
        {
            case SnapshotOffer { Snapshot: Blob snapshot } offer:
                _notes.AddRange(snapshot.Note.Split(','));
                _expected = offer.Metadata.SequenceNr + 1;
                _recovery.Add($"snapshot {offer.Metadata.SequenceNr}");
                break;
            case Blob { Note: "bad" }:
                throw new InvalidOperationException("this note cannot be recovered");
            case Blob blob:
                if (LastSequenceNr != _expected++) _observer.Tell(new Failed("gap", $"{LastSequenceNr}"));
                _notes.Add(blob.Note);
                _recovery.Add($"{LastSequenceNr}");
                break;
            case RecoveryCompleted:
                if (LastSequenceNr != _expected - 1) _observer.Tell(new Failed("gap", $"{LastSequenceNr} at the end"));
                _observer.Tell("recovered");
                break;
        }
    }

    protected override void OnCommand(object message)
    {
        var asker = Sender;
        switch (message)
        {
            case Note note:
                PersistAll(note.Texts.Select(Blob.Of), Apply);
                break;
            case NoteAsync note:
                PersistAllAsync(note.Texts.Select(Blob.Of), Apply);
                break;
            case NoteUnserialisable:
                PersistAsync(new Unserialisable(), _ => asker.Tell(new Noted("impossible", LastSequenceNr)));
                break;
            case SayAfter say:
                DeferAsync(say, s => Sender.Tell(new Said(s.Text)));
                break;
            case Read:
                asker.Tell(new Contents(string.Join(',', _notes), LastSequenceNr, string.Join(' ', _recovery)));
                break;
            case Snap:
                SaveSnapshot(Blob.Of(string.Join(',', _notes)));
                break;
            case Erase erase:
                DeleteMessages(erase.To);
                break;
            case Throw { AfterNote: true }:
                PersistAsync(Blob.Of("before the throw"), Apply);
                throw new InvalidOperationException("thrown by a command");
            case Throw:
                throw new InvalidOperationException("thrown by a command");
            case SaveSnapshotSuccess or SaveSnapshotFailure or DeleteMessagesSuccess or DeleteMessagesFailure:
                _observer.Tell(message);
                break;
        }
    }

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr) => _observer.Tell(new Failed($"failure of {sequenceNr}", cause.Message));

    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr)
    {
        _observer.Tell(new Failed($"rejection of {sequenceNr}", cause.Message));
        Context.Stop(Self);
    }

    protected override void OnRecoveryFailure(Exception reason, object? message = null) => _observer.Tell(new Failed("recovery", reason.Message));

    private void Apply(Blob blob)
    {
        _notes.Add(blob.Note);
        Sender.Tell(new Noted(blob.Note, LastSequenceNr));
    }
}
