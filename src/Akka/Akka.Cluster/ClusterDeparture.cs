#nullable enable
using Akka.Actor;
using Akka.Cluster.Membership;

namespace Akka.Cluster;

/// <summary>
/// The way out, as phases of the coordinated shutdown: say that this node leaves, wait until it is told to exit while sharding and
/// singletons hand over, confirm that they have, wait for the removal. Nothing is waited for while the database does not answer.
/// </summary>
internal sealed class ClusterDeparture
{
    private readonly TaskCompletionSource _left = NewSource();
    private readonly TaskCompletionSource _exiting = NewSource();
    private readonly TaskCompletionSource _removed = NewSource();
    private readonly Cluster _cluster;
    private readonly MembershipThread _membership;
    private readonly CoordinatedShutdown _shutdown;
    private volatile TaskCompletionSource _outage = NewSource();

    public ClusterDeparture(Cluster cluster, MembershipThread membership, CoordinatedShutdown shutdown)
    {
        _cluster = cluster;
        _membership = membership;
        _shutdown = shutdown;
        shutdown.AddTask(CoordinatedShutdown.PhaseClusterLeave, "leave", Leave);
        shutdown.AddTask(CoordinatedShutdown.PhaseClusterExiting, "wait-exiting", () => IsLeaving ? FirstOf(_exiting.Task) : Nothing);
        shutdown.AddTask(CoordinatedShutdown.PhaseClusterExitingDone, "exiting-completed", Confirm);
        shutdown.AddTask(CoordinatedShutdown.PhaseClusterShutdown, "wait-shutdown", () => _exiting.Task.IsCompleted ? FirstOf(_removed.Task) : Nothing);
    }

    /// <summary>Ends when this node is a member no more.</summary>
    public Task Removed => _removed.Task;

    private static Task<Done> Nothing => Task.FromResult(Done.Instance);

    private bool IsLeaving => _left.Task.IsCompleted && !_cluster.IsTerminated;

    /// <summary>This node was seen with the status.</summary>
    public void Passed(MemberStatus status)
    {
        switch (status)
        {
            case MemberStatus.Leaving:
                _left.TrySetResult();
                break;
            case MemberStatus.Exiting:
                _left.TrySetResult();
                _exiting.TrySetResult();
                // Whoever asked it to leave: it is to end in order.
                _shutdown.Run(CoordinatedShutdown.ClusterLeavingReason.Instance);
                break;
            default: break;
        }
    }

    public void WasRemoved(MemberStatus previous)
    {
        _removed.TrySetResult();
        if (!_cluster.Settings.RunCoordinatedShutdownWhenDown) return;
        _shutdown.Run(previous == MemberStatus.Exiting ? CoordinatedShutdown.ClusterLeavingReason.Instance : CoordinatedShutdown.ClusterDowningReason.Instance);
    }

    public void Ended() => _removed.TrySetResult();

    public void DatabaseChanged(bool answers)
    {
        if (answers) _outage = NewSource();
        else _outage.TrySetResult();
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task<Done> Leave()
    {
        if (_cluster.IsTerminated || _cluster.SelfMember.Status is MemberStatus.Removed or MemberStatus.Down) return Done.Instance;
        _cluster.Leave(_cluster.SelfAddress);
        return await FirstOf(_left.Task).ConfigureAwait(false);
    }

    private async Task<Done> Confirm()
    {
        if (!_exiting.Task.IsCompleted || _cluster.IsTerminated) return Done.Instance;
        return await FirstOf(_membership.Ask(table => table.ConfirmExiting(_cluster.SelfUniqueAddress))).ConfigureAwait(false);
    }

    private async Task<Done> FirstOf(Task awaited)
    {
        await Task.WhenAny(awaited, _removed.Task, _outage.Task).ConfigureAwait(false);
        return Done.Instance;
    }
}
