using Akka.Actor;
using Akka.Event;

namespace Actors.Topology.Runtime;

/// <summary>How it ends: for now, for good on this node, or for all.</summary>
internal sealed partial class TopologyActor
{
    private void BeginEnd(End end)
    {
        if (_end is not null)
        {
            // The node stops meanwhile, and its next start removes the rest; or another node has removed it.
            if (end.How == Ending.Stop) _stop.Cancel();
            return;
        }
        _end = end;
        Timers.CancelAll();
        // What is removed need not be committed.
        if (end.How != Ending.Stop)
            foreach (var task in _tasks.Values) task.Tell(new TaskActor.End(Commit: false));
        if (end.How == Ending.Stop) _stop.Cancel();
        if (!_preparing && !_leaving) CloseMember();
    }

    private void CloseMember()
    {
        if (_member is null) FinishEnd();
        else _member.CloseAsync(leaveForGood: true).AsTask().PipeTo(Self, success: () => new MemberClosed(), failure: error => LogAndClose(error));
    }

    private object LogAndClose(Exception error)
    {
        _log.Warning("Topology {0} did not leave its group: {1}", _plan.Name, error.Message);
        return new MemberClosed();
    }

    private void FinishEnd()
    {
        if (_end!.How == Ending.Stop) Context.Stop(Self);
        else RemoveAsync(_end.How == Ending.Remove).PipeTo(Self, success: () => new Ended(null), failure: error => new Ended(error));
    }

    private async Task RemoveAsync(bool everywhere)
    {
        // This node's first, for the rest may become another's to remove.
        var snapshots = Path.Combine(_settings.SnapshotDirectory, _plan.Name);
        if (Directory.Exists(snapshots)) Directory.Delete(snapshots, recursive: true);
        if (everywhere) await TopologyPreparation.RemoveAsync(_cluster, _plan, InstanceId, _settings, _stop.Token);
    }

    private void Stop(Ended ended)
    {
        if (ended.Error is { } error) _log.Warning("Topology {0} left something behind: {1}", _plan.Name, error.Message);
        else if (_end!.How == Ending.Remove) Context.Parent.Tell(new Removed());
        Context.Stop(Self);
    }
}
