using Actors.Protocol;

namespace Actors.Machines;

internal sealed partial class GroupDraft
{
    /// <summary>Part of its session for which a member's heartbeat is kept at most, so that the next one is in time even after one is lost.</summary>
    private const double KeptPartOfSession = 0.3;

    /// <summary>
    /// The classic protocol tells members of a rebalance in the answers to their heartbeats, sent every three seconds by default: peers of a joining or leaving member
    /// learn of it late. While the group is stable, the heartbeat of a member that says it can wait is kept: the answer is there when the news is.
    /// </summary>
    public Decision Heartbeat(Heartbeat heartbeat)
    {
        var error = Check(heartbeat);
        if (error is ErrorCode.None or ErrorCode.RebalanceInProgress)
            RestartSession(State.Members[heartbeat.MemberId]);
        if (heartbeat.Token is not { } token)
        {
            // Its client stopped waiting for the one before.
            if (error == ErrorCode.None && State.Members[heartbeat.MemberId].HeartbeatToken is { } kept)
                AnswerHeartbeat(heartbeat.MemberId, kept);
            return ToDecision(new GroupReply(error));
        }
        if (error != ErrorCode.None || State.Phase != GroupPhase.Stable)
        {
            _released.Add(new ReleasedReply(token, new GroupReply(error)));
            return ToDecision();
        }
        var member = State.Members[heartbeat.MemberId];
        ReleaseHeartbeat(member, ErrorCode.None);
        Set(member with { HeartbeatToken = token });
        var keepFor = Math.Min(settings.KeepHeartbeatsMs, (int)(member.SessionTimeoutMs * KeptPartOfSession));
        _timers.Add(TimerChange.Start(HeartbeatKey(member.MemberId), keepFor, new HeartbeatKept(member.MemberId, token)));
        return ToDecision();
    }

    public void AnswerHeartbeat(string memberId, long token)
    {
        if (!State.Members.TryGetValue(memberId, out var member) || member.HeartbeatToken != token)
            return;
        ReleaseHeartbeat(member, ErrorCode.None);
        Set(member with { HeartbeatToken = null });
    }

    private ErrorCode Check(Heartbeat heartbeat)
    {
        if (State.IsEmpty)
            return ErrorCode.UnknownMemberId;
        if (State.CheckMember(heartbeat.MemberId, heartbeat.InstanceId) is var error and not ErrorCode.None)
            return error;
        if (heartbeat.GenerationId != State.GenerationId)
            return ErrorCode.IllegalGeneration;
        return State.Phase == GroupPhase.PreparingRebalance ? ErrorCode.RebalanceInProgress : ErrorCode.None;
    }

    /// <summary>Answers the kept heartbeat, if there is one; taking its token off the member is the caller's.</summary>
    private void ReleaseHeartbeat(GroupMember member, ErrorCode error)
    {
        if (member.HeartbeatToken is not { } token)
            return;
        _released.Add(new ReleasedReply(token, new GroupReply(error)));
        _timers.Add(TimerChange.Cancel(HeartbeatKey(member.MemberId)));
    }
}
