using System.Collections.Immutable;
using Actors.Protocol;

namespace Actors.Machines;

internal sealed partial class GroupDraft
{
    public void Join(JoinGroup join)
    {
        var isUnknown = join.MemberId.Length == 0;
        if (join.SessionTimeoutMs < settings.MinSessionTimeoutMs || join.SessionTimeoutMs > settings.MaxSessionTimeoutMs)
            Answer(join, new JoinReply(ErrorCode.InvalidSessionTimeout, join.MemberId));
        else if (!isUnknown && !State.Exists)
            Answer(join, new JoinReply(ErrorCode.UnknownMemberId, join.MemberId));
        else if (!Accepts(join))
        {
            if (State.Members.TryGetValue(join.MemberId, out var member))
                Remove(member);
            Answer(join, new JoinReply(ErrorCode.GroupMaxSizeReached, ""));
        }
        else if (!State.Supports(join.ProtocolType, join.Protocols))
            Answer(join, new JoinReply(ErrorCode.InconsistentGroupProtocol, join.MemberId));
        else if (isUnknown)
            JoinAsNew(join);
        else
            JoinAsKnown(join);
        TryCompleteJoin();
    }

    public void Sync(SyncGroup sync)
    {
        var error = CheckSync(sync);
        if (error == ErrorCode.None && State.Phase == GroupPhase.PreparingRebalance)
            error = ErrorCode.RebalanceInProgress;
        if (error != ErrorCode.None)
        {
            _released.Add(new ReleasedReply(sync.Token, SyncReply.Of(error)));
            return;
        }
        var member = State.Members[sync.MemberId];
        RemovePendingSync(sync.MemberId);
        if (State.Phase == GroupPhase.Stable)
        {
            RestartSession(member);
            _released.Add(new ReleasedReply(sync.Token, new SyncReply(ErrorCode.None, State.ProtocolType, State.ProtocolName, member.Assignment)));
            return;
        }
        if (member.SyncToken is { } superseded)
            _released.Add(new ReleasedReply(superseded, SyncReply.Of(ErrorCode.RebalanceInProgress)));
        Set(member with { SyncToken = sync.Token });
        if (State.LeaderId == sync.MemberId)
            Assign(sync.Assignments);
    }

    private ErrorCode CheckSync(SyncGroup sync)
    {
        if (State.IsEmpty)
            return ErrorCode.UnknownMemberId;
        if (State.CheckMember(sync.MemberId, sync.InstanceId) is var error and not ErrorCode.None)
            return error;
        if (sync.GenerationId != State.GenerationId)
            return ErrorCode.IllegalGeneration;
        return (sync.ProtocolType ?? State.ProtocolType) != State.ProtocolType || (sync.ProtocolName ?? State.ProtocolName) != State.ProtocolName
            ? ErrorCode.InconsistentGroupProtocol
            : ErrorCode.None;
    }

    private void Assign(IReadOnlyList<MemberAssignment> assignments)
    {
        var byMember = new Dictionary<string, byte[]>();
        foreach (var (memberId, assignment) in assignments)
            byMember[memberId] = assignment;
        State = State with { Phase = GroupPhase.Stable, StateTimestamp = now };
        foreach (var member in State.Members.Values)
        {
            var assigned = member with { Assignment = byMember.GetValueOrDefault(member.MemberId) ?? [], SyncToken = null };
            Set(assigned);
            if (member.SyncToken is not { } token)
                continue;
            _released.Add(new ReleasedReply(token, new SyncReply(ErrorCode.None, State.ProtocolType, State.ProtocolName, assigned.Assignment)));
            RestartSession(assigned);
        }
        _events.Add(Stored());
    }

    private void RemovePendingSync(string memberId)
    {
        if (!State.PendingSync.Contains(memberId))
            return;
        State = State with { PendingSync = State.PendingSync.Remove(memberId) };
        if (State.PendingSync.IsEmpty)
            _timers.Add(TimerChange.Cancel(SyncKey));
    }

    /// <summary>Whether the group has room. While members rejoin, those who are there first count, so that a group over a lowered bound shrinks.</summary>
    private bool Accepts(JoinGroup join)
    {
        if (join.MemberId.Length == 0 && join.RequiresKnownMemberId && State.Pending.Count >= settings.MaxSize)
            return false;
        State.Members.TryGetValue(join.MemberId, out var member);
        return State.Phase switch
        {
            GroupPhase.PreparingRebalance => member?.JoinToken is not null || State.AwaitingJoin < settings.MaxSize,
            GroupPhase.CompletingRebalance or GroupPhase.Stable => member is not null || State.Members.Count < settings.MaxSize,
            _ => true,
        };
    }

    private void JoinAsNew(JoinGroup join)
    {
        if (!State.Exists)
            State = State with { Phase = GroupPhase.Empty };
        var memberId = $"{join.InstanceId ?? join.ClientId}-{join.NewId}";
        if (join.InstanceId is { } instance)
        {
            if (State.Static.TryGetValue(instance, out var oldId))
                ReplaceStatic(join, State.Members[oldId], memberId);
            else
                Add(join, memberId);
        }
        else if (join.RequiresKnownMemberId)
        {
            State = State with { Pending = State.Pending.Add(memberId) };
            _timers.Add(TimerChange.Start(PendingKey(memberId), join.SessionTimeoutMs, new PendingMemberExpired(memberId)));
            Answer(join, new JoinReply(ErrorCode.MemberIdRequired, memberId));
        }
        else
            Add(join, memberId);
    }

    private void JoinAsKnown(JoinGroup join)
    {
        if (State.Pending.Contains(join.MemberId) && join.InstanceId is null)
        {
            RemovePending(join.MemberId);
            Add(join, join.MemberId);
            return;
        }
        if (State.CheckMember(join.MemberId, join.InstanceId) is var error and not ErrorCode.None)
        {
            Answer(join, new JoinReply(error, join.MemberId));
            return;
        }
        var member = State.Members[join.MemberId];
        var isSame = member.Protocols.AsSpan().SequenceEqual(join.Protocols.ToArray());
        var isLeader = State.LeaderId == join.MemberId;
        // The same protocols again: the answer got lost. A stable group's leader asks for a rebalance that way, as its topics may have changed.
        if (isSame && (State.Phase == GroupPhase.CompletingRebalance || (State.Phase == GroupPhase.Stable && !isLeader)))
        {
            RestartSession(member);
            Answer(join, Joined(join.MemberId));
        }
        else
        {
            Rejoin(join, member);
            MaybePrepareRebalance();
        }
    }

    private void Add(JoinGroup join, string memberId)
    {
        var isFirst = State.Members.IsEmpty;
        Set(new GroupMember
        {
            MemberId = memberId,
            InstanceId = join.InstanceId,
            ClientId = join.ClientId,
            ClientHost = join.ClientHost,
            SessionTimeoutMs = join.SessionTimeoutMs,
            RebalanceTimeoutMs = join.RebalanceTimeoutMs,
            Protocols = [.. join.Protocols],
            IsNew = true,
            JoinToken = join.Token,
        });
        State = State with
        {
            ProtocolType = isFirst ? join.ProtocolType : State.ProtocolType,
            LeaderId = State.LeaderId ?? memberId,
            Static = join.InstanceId is { } instance ? State.Static.SetItem(instance, memberId) : State.Static,
        };
        // It has no id to heartbeat with until it is answered; should its client be gone, it must not stay for ever.
        RestartSession(State.Members[memberId]);
        MaybePrepareRebalance();
        State = State with { HasNewcomer = State.InitialDelayLeftMs is not null && State.Members.Count > 1 };
    }

    private void Rejoin(JoinGroup join, GroupMember member)
    {
        if (member.JoinToken is { } superseded)
            _released.Add(new ReleasedReply(superseded, new JoinReply(ErrorCode.RebalanceInProgress, member.MemberId)));
        Set(member with
        {
            Protocols = [.. join.Protocols],
            SessionTimeoutMs = join.SessionTimeoutMs,
            RebalanceTimeoutMs = join.RebalanceTimeoutMs,
            JoinToken = join.Token,
        });
    }

    /// <summary>A static member came back under a new id: it takes the old one's place, and the old one is fenced.</summary>
    private void ReplaceStatic(JoinGroup join, GroupMember old, string newId)
    {
        if (old.JoinToken is { } joining)
            _released.Add(new ReleasedReply(joining, new JoinReply(ErrorCode.FencedInstanceId, old.MemberId)));
        if (old.SyncToken is { } syncing)
            _released.Add(new ReleasedReply(syncing, SyncReply.Of(ErrorCode.FencedInstanceId)));
        ReleaseHeartbeat(old, ErrorCode.FencedInstanceId);
        _timers.Add(TimerChange.Cancel(SessionKey(old.MemberId)));
        var oldLeader = State.LeaderId;
        var wasLeader = oldLeader == old.MemberId;
        State = State with
        {
            Members = State.Members.Remove(old.MemberId),
            AwaitingJoin = State.AwaitingJoin - (old.JoinToken is null ? 0 : 1),
            Static = State.Static.SetItem(join.InstanceId!, newId),
            LeaderId = wasLeader ? newId : oldLeader,
            PendingSync = State.PendingSync.Contains(old.MemberId) ? State.PendingSync.Remove(old.MemberId).Add(newId) : State.PendingSync,
        };
        var member = old with { MemberId = newId, ClientId = join.ClientId, ClientHost = join.ClientHost, JoinToken = null, SyncToken = null, HeartbeatToken = null };
        Rejoin(join, member);
        RestartSession(State.Members[newId]);
        if (State.Phase != GroupPhase.Stable || State.SelectProtocol() != State.ProtocolName)
        {
            MaybePrepareRebalance();
            return;
        }
        // Nothing changes for the others. An old client must not take itself for the leader now, so it is told the leader's old id.
        Set(State.Members[newId] with { JoinToken = null });
        var skips = join.CanSkipAssignment && wasLeader;
        Answer(join, new JoinReply(ErrorCode.None, newId, State.GenerationId, State.ProtocolType, State.ProtocolName,
            (join.CanSkipAssignment ? State.LeaderId : oldLeader) ?? "", skips) { Members = skips ? MembersForLeader() : [] });
        _events.Add(Stored());
    }

    private void MaybePrepareRebalance()
    {
        if (State.Phase is GroupPhase.Empty or GroupPhase.Stable or GroupPhase.CompletingRebalance)
            PrepareRebalance();
    }

    private void Answer(JoinGroup join, JoinReply reply) => _released.Add(new ReleasedReply(join.Token, reply));
}
