using Akka.Actor;
using Akka.Coordination;

namespace Actors.Ownership;

/// <summary>
/// A lease that stands on its node's: a row that names the owner node, renewed by nobody, for the node's row is. It is lost when
/// the node is put out, and not before. Configured as <c>lease-class = "Actors.Ownership.SqlLease, Actors.Ownership"</c>, and used by
/// sharding's and the singleton's <c>use-lease</c>. Of its settings only <c>lease-operation-timeout</c> counts.
/// </summary>
public sealed class SqlLease(LeaseSettings settings, ExtendedActorSystem system) : Lease(settings)
{
    private readonly NodeLeaseOfSystem _node = NodeLeaseOfSystem.Get(system);
    private Action<Exception>? _lost;
    private bool _held;

    internal void Acquired(Action<Exception> lost)
    {
        Volatile.Write(ref _lost, lost);
        Volatile.Write(ref _held, true);
    }

    internal void Released() => Volatile.Write(ref _held, false);

    /// <inheritdoc cref="Acquire(Action{Exception})"/>
    public override Task<bool> Acquire() => Acquire(static _ => { });

    /// <summary>
    /// True when the lease was free, was this node's, or its owner has been put out, which this does when the owner's lease was seen to run
    /// out or its process has ended. False when it may be alive, or when this node's own lease does not hold.
    /// </summary>
    /// <param name="leaseLostCallback">Called once if the node is put out while it holds the lease; on a thread of the lease, so it must not wait.</param>
    /// <exception cref="LeaseException">The database failed, or the node has no lease yet.</exception>
    /// <exception cref="LeaseTimeoutException">It took longer than <c>lease-operation-timeout</c>; asking again is safe.</exception>
    public override Task<bool> Acquire(Action<Exception> leaseLostCallback)
    {
        return InTime("Acquire", node => node.AcquireAsync(this, leaseLostCallback), node => node.ReleaseAsync(this));
    }

    /// <inheritdoc/>
    public override Task<bool> Release() => InTime("Release", node => node.ReleaseAsync(this));

    /// <summary>Whether it was acquired, and the node's lease holds at this moment.</summary>
    public override bool CheckLease() => Volatile.Read(ref _held) && _node.Lease is { Holds: true };

    internal void LoseTo(LeaseException cause)
    {
        Released();
        Volatile.Read(ref _lost)?.Invoke(cause);
    }

    private async Task<bool> InTime(string what, Func<NodeLease, Task<bool>> operation, Func<NodeLease, Task<bool>>? undo = null)
    {
        var node = _node.Lease ?? throw new LeaseException($"{what} of {Settings.LeaseName}: the node has no lease yet.");
        try
        {
            return await operation(node).WaitAsync(Settings.TimeoutSettings.OperationTimeout).ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            // Nobody will know of what is taken later.
            if (undo is not null) _ = undo(node).ContinueWith(static task => task.Exception, TaskScheduler.Default);
            throw new LeaseTimeoutException($"{what} of {Settings.LeaseName} took longer than {Settings.TimeoutSettings.OperationTimeout}.", e);
        }
    }
}
