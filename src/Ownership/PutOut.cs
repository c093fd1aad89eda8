using System.Data.Common;
using System.Diagnostics;
using Actors.Machines;

namespace Actors.Ownership;

/// <summary>Carries a takeover's steps out, in their order, up to the point from which the owner's leases may be taken.</summary>
internal sealed class PutOut(LeaseSession session, JournalDatabase database, Action<string, Exception?>? log)
{
    /// <summary>How long the fence waits for transactions of the writer before its sessions are ended once more.</summary>
    private static readonly TimeSpan FencePatience = TimeSpan.FromMilliseconds(600);

    /// <summary>Puts a peer out, unless it was renewed since it was judged.</summary>
    /// <param name="verdict">Expired, refused or condemned.</param>
    /// <param name="patience">How long the steps may take together.</param>
    public bool Peer(NodeRow peer, Takeability verdict, long me, TimeSpan patience)
    {
        var first = Takeover.First(verdict.Verdict == TakeoverVerdict.Condemned ? LeaseState.Condemned : LeaseState.Live);
        return Carry(peer, first, () => session.Condemn(peer.Lease.Uid, verdict.Counter, me), verdict.Verdict.ToString(), patience);
    }

    /// <summary>Puts an earlier start of this node out.</summary>
    public void Former(NodeRow former, TimeSpan patience) =>
        Carry(former, Takeover.First(former.Lease.State), () => session.CondemnFormer(former.Lease.Uid), "started again", patience);

    private bool Carry(NodeRow owner, TakeoverStep step, Func<LeaseState> condemn, string why, TimeSpan patience)
    {
        var started = Stopwatch.GetTimestamp();
        while (step is not (TakeoverStep.TakeRows or TakeoverStep.GiveUp))
            step = Do(step, owner, condemn, () => Stopwatch.GetElapsedTime(started) < patience);
        if (step == TakeoverStep.TakeRows)
            log?.Invoke($"Node {owner.Lease.NodeId} ({owner.SessionName}) was put out ({why}) in {Stopwatch.GetElapsedTime(started).TotalMilliseconds:0} ms", null);
        return step == TakeoverStep.TakeRows;
    }

    private TakeoverStep Do(TakeoverStep step, NodeRow owner, Func<LeaseState> condemn, Func<bool> mayTryAgain)
    {
        switch (step)
        {
            case TakeoverStep.Condemn:
                return Takeover.After(step, Condemn(owner, condemn));
            case TakeoverStep.EndSessions:
                session.EndSessions(owner.SessionName);
                break;
            case TakeoverStep.FenceWriter:
                try
                {
                    new Fence(database).Add([owner.WriterUuid], FencePatience);
                }
                catch (TimeoutException) when (mayTryAgain())
                {
                    // A session that was opened after the others were ended.
                    return TakeoverStep.EndSessions;
                }
                break;
            case TakeoverStep.MarkOut:
                session.MarkOut(owner.Lease.Uid);
                break;
        }
        return Takeover.After(step);
    }

    private LeaseState Condemn(NodeRow owner, Func<LeaseState> condemn)
    {
        try
        {
            return condemn();
        }
        catch (DbException) when (!database.IsSqlite)
        {
            // The owner may be frozen within a renewal, so that its session keeps the row locked.
            session.EndSessions(owner.SessionName);
            return condemn();
        }
    }
}
