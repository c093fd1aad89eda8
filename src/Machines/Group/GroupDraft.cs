using System.Collections.Immutable;
using Actors.Protocol;

namespace Actors.Machines;

/// <summary>A decision in the making: the state it leads to, what it journals, whom it answers. Lives for one <see cref="GroupMachine.Decide"/>.</summary>
internal sealed partial class GroupDraft(GroupState state, GroupSettings settings, long now)
{
    private readonly GroupState _before = state;
    private readonly List<IMachineEvent> _events = [];
    private readonly List<ReleasedReply> _released = [];
    private readonly List<TimerChange> _timers = [];

    public GroupState State { get; private set; } = state;

    public Decision ToDecision(object? reply = null) => new()
    {
        Events = _events,
        Reply = reply,
        Released = _released,
        Timers = _timers,
        Change = ReferenceEquals(State, _before) ? null : new GroupBecame(State),
    };

    public Decision Event(IMachineEvent @event, object? reply = null)
    {
        _events.Add(@event);
        return ToDecision(reply);
    }

    public void RestartSession(GroupMember member) => _timers.Add(TimerChange.Start(SessionKey(member.MemberId),
        member.IsNew ? settings.NewMemberJoinTimeoutMs : member.SessionTimeoutMs, new SessionExpired(member.MemberId)));

    public void SessionEnded(string memberId, long servedForMs)
    {
        // Who waits for an answer cannot heartbeat; the answer starts the session anew. New members alone wait only so long.
        if (!State.Members.TryGetValue(memberId, out var member) || (!member.IsNew && (member.JoinToken ?? member.SyncToken) is not null))
            return;
        if (servedForMs < member.SessionTimeoutMs)
        {
            RestartSession(member);
            return;
        }
        Remove(member);
        AfterRemoval();
    }

    public void PendingEnded(string memberId)
    {
        if (!State.Pending.Contains(memberId))
            return;
        RemovePending(memberId);
        TryCompleteJoin();
    }

    public void JoinPhaseEnded(long rebalance)
    {
        if (State.Phase != GroupPhase.PreparingRebalance || State.Rebalance != rebalance)
            return;
        if (State is { InitialDelayLeftMs: > 0 and var left, HasNewcomer: true })
        {
            var delay = Math.Min(settings.InitialRebalanceDelayMs, left);
            State = State with { InitialDelayLeftMs = left - delay, HasNewcomer = false };
            StartJoinTimer(delay);
        }
        else
            CompleteJoin();
    }

    public void SyncPhaseEnded(int generationId)
    {
        if (State.GenerationId != generationId || State.PendingSync.IsEmpty || State.Phase is not (GroupPhase.CompletingRebalance or GroupPhase.Stable))
            return;
        foreach (var memberId in State.PendingSync.Order(StringComparer.Ordinal))
            Remove(State.Members[memberId]);
        AfterRemoval();
    }

    public LeaveReply Leave(IReadOnlyList<LeavingMember> leaving)
    {
        var results = new List<LeftMember>(leaving.Count);
        foreach (var (memberId, instanceId) in leaving)
            results.Add(new LeftMember(memberId, instanceId, LeaveOne(memberId, instanceId)));
        TryCompleteJoin();
        return new LeaveReply(ErrorCode.None, results);
    }

    public GroupGenerationStored Stored() => new(State.GenerationId, State.ProtocolType, State.ProtocolName, State.LeaderId, now,
        [.. State.Members.Values.Select(member => new StoredMember(member.MemberId, member.InstanceId, member.ClientId, member.ClientHost,
            member.SessionTimeoutMs, member.RebalanceTimeoutMs, member.Protocols, member.Assignment))]);

    private ErrorCode LeaveOne(string memberId, string? instanceId)
    {
        if (memberId.Length == 0)
        {
            // An administrator removes a static member by its instance id alone.
            if (instanceId is null || !State.Static.TryGetValue(instanceId, out var current))
                return ErrorCode.UnknownMemberId;
            memberId = current;
        }
        else if (State.Pending.Contains(memberId))
        {
            RemovePending(memberId);
            return ErrorCode.None;
        }
        else if (State.CheckMember(memberId, instanceId) is var error and not ErrorCode.None)
            return error;
        Remove(State.Members[memberId]);
        if (State.Phase is GroupPhase.Stable or GroupPhase.CompletingRebalance)
            PrepareRebalance();
        return ErrorCode.None;
    }

    private void Set(GroupMember member)
    {
        var awaited = State.Members.TryGetValue(member.MemberId, out var old) && old.JoinToken is not null;
        State = State with
        {
            Members = State.Members.SetItem(member.MemberId, member),
            AwaitingJoin = State.AwaitingJoin + (member.JoinToken is null ? 0 : 1) - (awaited ? 1 : 0),
        };
    }

    /// <summary>Takes a member out and answers what it waits for; the rebalance is the caller's.</summary>
    private void Remove(GroupMember member)
    {
        ReleaseHeartbeat(member, ErrorCode.UnknownMemberId);
        if (member.JoinToken is { } join)
            _released.Add(new ReleasedReply(join, new JoinReply(ErrorCode.UnknownMemberId, "")));
        if (member.SyncToken is { } sync)
            _released.Add(new ReleasedReply(sync, SyncReply.Of(ErrorCode.UnknownMemberId)));
        _timers.Add(TimerChange.Cancel(SessionKey(member.MemberId)));
        var members = State.Members.Remove(member.MemberId);
        State = State with
        {
            Members = members,
            Static = member.InstanceId is { } instance ? State.Static.Remove(instance) : State.Static,
            PendingSync = State.PendingSync.Remove(member.MemberId),
            AwaitingJoin = State.AwaitingJoin - (member.JoinToken is null ? 0 : 1),
            LeaderId = State.LeaderId == member.MemberId ? members.Keys.FirstOrDefault() : State.LeaderId,
        };
    }

    private void RemovePending(string memberId)
    {
        State = State with { Pending = State.Pending.Remove(memberId) };
        _timers.Add(TimerChange.Cancel(PendingKey(memberId)));
    }

    private void AfterRemoval()
    {
        if (State.Phase is GroupPhase.Stable or GroupPhase.CompletingRebalance)
            PrepareRebalance();
        TryCompleteJoin();
    }

    /// <summary>The join phase begins: whoever waits for an assignment must join again.</summary>
    private void PrepareRebalance()
    {
        if (State.Phase == GroupPhase.CompletingRebalance)
            foreach (var member in State.Members.Values)
            {
                if (member.SyncToken is { } token)
                {
                    _released.Add(new ReleasedReply(token, SyncReply.Of(ErrorCode.RebalanceInProgress)));
                    RestartSession(member);
                }
                Set(member with { SyncToken = null, Assignment = [] });
            }
        if (State.Phase is GroupPhase.CompletingRebalance or GroupPhase.Stable)
            _timers.Add(TimerChange.Cancel(SyncKey));
        foreach (var member in State.Members.Values)
            if (member.HeartbeatToken is not null)
            {
                ReleaseHeartbeat(member, ErrorCode.RebalanceInProgress);
                Set(State.Members[member.MemberId] with { HeartbeatToken = null });
            }
        var isFirst = State.IsEmpty && settings.InitialRebalanceDelayMs > 0;
        var timeout = RebalanceTimeout();
        State = State with
        {
            Phase = GroupPhase.PreparingRebalance,
            Rebalance = State.Rebalance + 1,
            PendingSync = [],
            InitialDelayLeftMs = isFirst ? Math.Max(timeout - settings.InitialRebalanceDelayMs, 0) : null,
            HasNewcomer = false,
        };
        StartJoinTimer(isFirst ? settings.InitialRebalanceDelayMs : timeout);
    }

    /// <summary>Nobody is waited for in vain: the join phase ends as soon as all who are known have joined.</summary>
    private void TryCompleteJoin()
    {
        if (State is { Phase: GroupPhase.PreparingRebalance, InitialDelayLeftMs: null, AllJoined: true })
            CompleteJoin();
    }

    private void CompleteJoin()
    {
        foreach (var member in State.Members.Values.Where(member => member.JoinToken is null && member.InstanceId is null))
            Remove(member);
        if (!ElectLeader())
        {
            // Static members alone, none of them back: they keep their places until their sessions end.
            State = State with { Rebalance = State.Rebalance + 1, InitialDelayLeftMs = null };
            StartJoinTimer(RebalanceTimeout());
            return;
        }
        _timers.Add(TimerChange.Cancel(JoinKey));
        State = State with { GenerationId = State.GenerationId + 1, InitialDelayLeftMs = null, HasNewcomer = false };
        if (State.Members.IsEmpty)
        {
            State = State with { Phase = GroupPhase.Empty, ProtocolName = null, LeaderId = null, StateTimestamp = now };
            _events.Add(Stored());
            return;
        }
        State = State with { Phase = GroupPhase.CompletingRebalance, ProtocolName = State.SelectProtocol(), PendingSync = [.. State.Members.Keys] };
        foreach (var member in State.Members.Values)
        {
            if (member.JoinToken is { } token)
                _released.Add(new ReleasedReply(token, Joined(member.MemberId)));
            Set(member with { JoinToken = null, IsNew = false });
            RestartSession(State.Members[member.MemberId]);
        }
        _timers.Add(TimerChange.Start(SyncKey, RebalanceTimeout(), new SyncPhaseEnded(State.GenerationId)));
    }

    private bool ElectLeader()
    {
        if (State.Members.IsEmpty || (State.LeaderId is { } leader && State.Members[leader].JoinToken is not null))
            return true;
        if (State.Members.Values.FirstOrDefault(member => member.JoinToken is not null) is not { } joined)
            return false;
        State = State with { LeaderId = joined.MemberId };
        return true;
    }

    private JoinReply Joined(string memberId) => new(ErrorCode.None, memberId, State.GenerationId, State.ProtocolType, State.ProtocolName, State.LeaderId ?? "")
    {
        Members = State.LeaderId == memberId ? MembersForLeader() : [],
    };

    private List<JoinedMember> MembersForLeader() =>
        [.. State.Members.Values.Select(member => new JoinedMember(member.MemberId, member.InstanceId, member.MetadataFor(State.ProtocolName)))];

    private int RebalanceTimeout() => State.Members.Values.Select(member => member.RebalanceTimeoutMs).DefaultIfEmpty(0).Max();

    private void StartJoinTimer(int delayMs) => _timers.Add(TimerChange.Start(JoinKey, delayMs, new JoinPhaseEnded(State.Rebalance)));

    private const string JoinKey = "join", SyncKey = "sync";

    private static string SessionKey(string memberId) => $"session:{memberId}";

    private static string HeartbeatKey(string memberId) => $"heartbeat:{memberId}";

    private static string PendingKey(string memberId) => $"pending:{memberId}";
}
