using Xunit;

namespace Actors.Machines.Tests;

/// <summary>A group machine with a journal, a clock and timers beside it, as the actor would keep them.</summary>
internal sealed class GroupHarness(GroupSettings? settings = null)
{
    private readonly Dictionary<string, (long Due, long Order, GroupCommand Command)> _timers = [];
    private readonly List<(string Manifest, byte[] Bytes)> _journal = [];
    private long _timerOrder;

    public GroupMachine Machine { get; private set; } = new(settings);

    public long Now { get; private set; } = 1_000_000;

    public IReadOnlyCollection<string> Timers => _timers.Keys;

    public (IReadOnlyList<IMachineEvent> Events, IReadOnlyList<ReleasedReply> Released, object? Reply) Do(GroupCommand command)
    {
        var (state, snapshot) = (Machine.State, Machine.ToSnapshot().Write());
        var decision = Machine.Decide(command, Now);
        Assert.Same(state, Machine.State);
        Assert.Equal(snapshot, Machine.ToSnapshot().Write());
        foreach (var @event in decision.Events)
        {
            _journal.Add((GroupEvents.Manifest(@event), GroupEvents.Write(@event)));
            Machine.Apply(@event, Machine.AppliedSequenceNr + 1);
        }
        if (decision.Change is { } change)
            Machine.Apply(change);
        foreach (var timer in decision.Timers)
            if (timer.IsCancel)
                _timers.Remove(timer.Key);
            else
                _timers[timer.Key] = (Now + timer.DelayMs, _timerOrder++, (GroupCommand)timer.Command!);
        return (decision.Events, decision.Released, decision.Reply);
    }

    /// <summary>Goes to the next timer that is due by then and takes it; null, and the time is then, when there is none.</summary>
    public (string Key, GroupCommand Command)? NextTimer(long until)
    {
        var due = _timers.Where(timer => timer.Value.Due <= until).OrderBy(timer => timer.Value.Due).ThenBy(timer => timer.Value.Order).Select(timer => timer.Key).FirstOrDefault();
        if (due is null)
        {
            Now = until;
            return null;
        }
        _timers.Remove(due, out var timer);
        Now = Math.Max(Now, timer.Due);
        return (due, timer.Command);
    }

    /// <summary>The actor starts again: its timers and whom it would have answered are gone.</summary>
    public void Restart()
    {
        Machine = Recovered();
        _timers.Clear();
        Do(new GroupRecovered());
    }

    public GroupMachine Recovered()
    {
        var machine = new GroupMachine(settings);
        foreach (var (manifest, bytes) in _journal)
            machine.Apply(GroupEvents.Read(manifest, bytes), machine.AppliedSequenceNr + 1);
        return machine;
    }

    public static Guid Id(int number) => new(0, 0, 0, 0, 0, 0, 0, (byte)(number >> 24), (byte)(number >> 16), (byte)(number >> 8), (byte)number);
}
