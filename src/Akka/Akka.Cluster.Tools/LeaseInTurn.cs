using Akka.Coordination;

namespace Akka.Cluster.Tools;

/// <summary>A lease whose operations run one after the other, so that a release by an actor that stops never undoes its successor's acquisition.</summary>
internal sealed class LeaseInTurn(Lease lease)
{
    private readonly object _gate = new();
    private Task _last = Task.CompletedTask;

    public Task<bool> Acquire(Action<Exception> lost) => Then(() => lease.Acquire(lost));

    public Task<bool> Release() => Then(lease.Release);

    private Task<bool> Then(Func<Task<bool>> operation)
    {
        lock (_gate)
        {
            var next = After(_last, operation);
            _last = next;
            return next;
        }
    }

    // How the operation before ended is its caller's matter.
    private static async Task<bool> After(Task before, Func<Task<bool>> operation)
    {
        await Task.WhenAny(before).ConfigureAwait(false);
        return await operation().ConfigureAwait(false);
    }
}
