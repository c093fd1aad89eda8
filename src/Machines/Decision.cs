namespace Actors.Machines;

/// <summary>A fact that goes to the journal. Only a machine's <c>Apply</c> gives it an effect, live and at recovery alike.</summary>
public interface IMachineEvent;

/// <summary>A change of what a machine knows but does not journal (parked requests, members that are still joining). It is applied right after the decision's events.</summary>
public interface IVolatileChange;

/// <summary>What a machine makes of a command: nothing has changed yet.</summary>
/// <remarks>
/// The caller applies <see cref="Events"/> in order (each with its journal sequence number) and then <see cref="Change"/>, writes the events as one atomic unit,
/// and lets replies leave when what was applied up to then is durable.
/// </remarks>
public sealed class Decision
{
    /// <summary>No events, no reply, no timers.</summary>
    public static readonly Decision Nothing = new();

    /// <summary>To be journaled as one atomic unit; often none.</summary>
    public IReadOnlyList<IMachineEvent> Events { get; init; } = [];

    /// <summary>The answer to the command; null when the command was parked or wants no answer.</summary>
    public object? Reply { get; init; }

    /// <summary>Answers to commands that were parked before, by the token they came with. The command's own answer is among them when its token is.</summary>
    public IReadOnlyList<ReleasedReply> Released { get; init; } = [];

    /// <summary>Timers to start (replacing one of the same key) and to cancel, in this order.</summary>
    public IReadOnlyList<TimerChange> Timers { get; init; } = [];

    /// <summary>The volatile part of the decision, or null.</summary>
    public IVolatileChange? Change { get; init; }

    /// <summary>A decision that only answers.</summary>
    public static Decision Answer(object reply) => new() { Reply = reply };
}

/// <summary>The answer to a command that was parked under <paramref name="Token"/>.</summary>
public readonly record struct ReleasedReply(long Token, object Reply);

/// <summary>Starts the timer <paramref name="Key"/> (once, after <paramref name="DelayMs"/> milliseconds it brings <paramref name="Command"/>), or cancels it when <paramref name="Command"/> is null.</summary>
public readonly record struct TimerChange(string Key, long DelayMs, object? Command)
{
    public static TimerChange Start(string key, long delayMs, object command) => new(key, delayMs, command);

    public static TimerChange Cancel(string key) => new(key, 0, null);

    public bool IsCancel => Command is null;
}

/// <summary>A state that the machine's own rules exclude: the actor must stop and recover.</summary>
public sealed class BrokenInvariantException(string message) : Exception(message);
