using Actors.Protocol;

namespace Actors.Machines;

/// <summary>What holds for all groups; times in milliseconds.</summary>
/// <param name="MinSessionTimeoutMs">Kafka: <c>group.min.session.timeout.ms</c>.</param>
/// <param name="MaxSessionTimeoutMs">Kafka: <c>group.max.session.timeout.ms</c>.</param>
/// <param name="MaxSize">Members a group may have (Kafka: <c>group.max.size</c>), and ids it may have given to members that have not come back.</param>
/// <param name="InitialRebalanceDelayMs">How long an empty group's first join phase stays open for more (Kafka: <c>group.initial.rebalance.delay.ms</c>, there 3 s); 0: until all who are known have joined.</param>
/// <param name="MaxOffsetMetadataSize">Characters of a commit's metadata (Kafka: <c>offset.metadata.max.bytes</c>).</param>
/// <param name="NewMemberJoinTimeoutMs">How long a new member may wait for its first generation.</param>
/// <param name="KeepHeartbeatsMs">How long a heartbeat that may wait is kept at most; a little less than clients' usual interval of 3 s.</param>
public sealed record GroupSettings(int MinSessionTimeoutMs = 6_000, int MaxSessionTimeoutMs = 1_800_000, int MaxSize = 10_000, int InitialRebalanceDelayMs = 0,
    int MaxOffsetMetadataSize = 4_096, int NewMemberJoinTimeoutMs = 300_000, int KeepHeartbeatsMs = 2_900);

/// <summary>A consumer group: Kafka's classic group protocol (KIP-62, KIP-345, KIP-394, KIP-429's broker side) and its committed offsets.</summary>
/// <remarks>
/// Stored are completed generations and offsets; who is joining and whose session ends when is volatile, and a restart goes back to the last stored generation, as in Kafka.
/// JoinGroup, SyncGroup and a Heartbeat with a token are answered by <see cref="Decision.Released"/> only, everything else by <see cref="Decision.Reply"/>.
/// </remarks>
public sealed partial class GroupMachine
{
    private readonly GroupSettings _settings;
    private readonly SnapshotCadence _cadence = new();
    private readonly Dictionary<TopicPartition, CommittedOffset> _offsets;
    private GroupState _state;
    private GroupGenerationStored? _stored;
    private bool _isStored;

    /// <summary>A group that does not exist yet; the first join or commit makes it.</summary>
    public GroupMachine(GroupSettings? settings = null)
        : this(new GroupSnapshot(0, false, null, []), settings)
    {
    }

    private GroupMachine(GroupSnapshot snapshot, GroupSettings? settings)
    {
        _settings = settings ?? new GroupSettings();
        _offsets = new Dictionary<TopicPartition, CommittedOffset>(snapshot.Offsets);
        _stored = snapshot.Generation;
        _isStored = snapshot.Exists;
        _state = _stored is not null ? GroupState.Of(_stored) : snapshot.Exists ? new GroupState { Phase = GroupPhase.Empty } : GroupState.Dead;
        AppliedSequenceNr = snapshot.SequenceNr;
    }

    /// <summary>The journal sequence number of the last event applied.</summary>
    public long AppliedSequenceNr { get; private set; }

    /// <summary>The group's state; <see cref="GroupPhase.Dead"/> when it does not exist.</summary>
    public GroupPhase Phase => _state.Phase;

    /// <summary>Whether there is no such group, nor anybody who was told to join it under a member id.</summary>
    public bool IsUnused => _state is { Phase: GroupPhase.Dead, Pending.IsEmpty: true };

    /// <summary>The current generation; 0 before the first.</summary>
    public int GenerationId => _state.GenerationId;

    /// <summary>Committed offsets. Those not yet durable are in it: show them to nobody before they are.</summary>
    public IReadOnlyDictionary<TopicPartition, CommittedOffset> Offsets => _offsets;

    /// <summary>Whether a snapshot should be taken now.</summary>
    public bool SnapshotDue => _cadence.IsDue;

    internal GroupState State => _state;

    /// <summary>The state as it is now, for <see cref="ChangesSince"/>.</summary>
    public GroupMark Mark => new(_state);

    /// <summary>What a command changed, in order; mostly nothing.</summary>
    /// <param name="mark">Taken before the command was decided.</param>
    /// <param name="cause">The command, whose decision is applied.</param>
    public IReadOnlyList<GroupChange> ChangesSince(GroupMark mark, GroupCommand cause) => GroupChanges.Between(mark.State, cause, _state);

    internal GroupGenerationStored? StoredGeneration => _stored;

    /// <summary>Validates a command; see the commands for their answers.</summary>
    /// <param name="now">Epoch milliseconds.</param>
    public Decision Decide(GroupCommand command, long now)
    {
        var draft = new GroupDraft(_state, _settings, now);
        switch (command)
        {
            case JoinGroup join:
                draft.Join(join);
                break;
            case SyncGroup sync:
                draft.Sync(sync);
                break;
            case Heartbeat heartbeat:
                return draft.Heartbeat(heartbeat);
            case HeartbeatKept kept:
                draft.AnswerHeartbeat(kept.MemberId, kept.Token);
                break;
            case LeaveGroup leave:
                return draft.ToDecision(draft.Leave(leave.Members));
            case CommitOffsets commit:
                return DecideCommit(commit, draft, now);
            case DeleteOffsets delete:
                return DecideDeleteOffsets(delete.Partitions);
            case DeleteGroup:
                return DecideDelete();
            case ForgetTopics forget:
                return DecideForget(forget.Topics);
            case ExpireOffsets expire:
                return DecideExpiry(expire.RetentionMs, now);
            case GroupRecovered:
                foreach (var member in _state.Members.Values)
                    draft.RestartSession(member);
                break;
            case SessionExpired expired:
                draft.SessionEnded(expired.MemberId, expired.ServedForMs);
                break;
            case PendingMemberExpired expired:
                draft.PendingEnded(expired.MemberId);
                break;
            case JoinPhaseEnded ended:
                draft.JoinPhaseEnded(ended.Rebalance);
                break;
            case SyncPhaseEnded ended:
                draft.SyncPhaseEnded(ended.GenerationId);
                break;
            default:
                throw new ArgumentException($"{command.GetType().Name} is no command of a group.");
        }
        return draft.ToDecision();
    }

    /// <summary>Applies an event that has, or will have, this sequence number in the journal.</summary>
    /// <exception cref="BrokenInvariantException">A gap in sequence numbers.</exception>
    public void Apply(IMachineEvent @event, long sequenceNr)
    {
        if (sequenceNr != AppliedSequenceNr + 1)
            throw new BrokenInvariantException($"Event {sequenceNr} follows event {AppliedSequenceNr}: the journal has a gap.");
        switch (@event)
        {
            case GroupGenerationStored stored:
                _stored = stored;
                _state = GroupState.Of(stored);
                break;
            case OffsetsCommitted committed:
                foreach (var offset in committed.Offsets)
                    _offsets[offset.Partition] = new CommittedOffset(offset.Offset, offset.LeaderEpoch, offset.Metadata ?? "", committed.Timestamp);
                if (!_state.Exists)
                    _state = _state with { Phase = GroupPhase.Empty };
                break;
            case OffsetsRemoved removed:
                foreach (var partition in removed.Partitions)
                    _offsets.Remove(partition);
                break;
            case GroupRemoved:
                _stored = null;
                _state = GroupState.Dead;
                _offsets.Clear();
                break;
            default:
                throw new ArgumentException($"{@event.GetType().Name} is no event of a group.");
        }
        _isStored = @event is not GroupRemoved;
        AppliedSequenceNr = sequenceNr;
        _cadence.Applied();
    }

    /// <summary>Applies a decision's volatile change, after its events.</summary>
    public void Apply(IVolatileChange change) => _state = ((GroupBecame)change).State;

    /// <summary>What survives a restart now, after <see cref="AppliedSequenceNr"/>. It may be saved only once that event is durable, under that sequence number.</summary>
    public GroupSnapshot ToSnapshot() => new(AppliedSequenceNr, _isStored, _stored,
        [.. _offsets.OrderBy(pair => pair.Key.Topic, StringComparer.Ordinal).ThenBy(pair => pair.Key.Partition)]);

    /// <summary>A snapshot was taken and waits to be saved: <see cref="SnapshotDue"/> counts anew.</summary>
    public void SnapshotTaken() => _cadence.Taken();

    /// <summary>The machine of a saved snapshot.</summary>
    public static GroupMachine From(GroupSnapshot snapshot, GroupSettings? settings = null) => new(snapshot, settings);

    /// <summary>The group as DescribeGroups and ListGroups show it.</summary>
    public GroupDescription Describe()
    {
        var isStable = _state.Phase == GroupPhase.Stable;
        return new GroupDescription(_state.Phase, _state.ProtocolType ?? "", isStable ? _state.ProtocolName ?? "" : "",
        [
            .. _state.Members.Values.Select(member => new DescribedMember(member.MemberId, member.InstanceId, member.ClientId, member.ClientHost,
                isStable ? member.MetadataFor(_state.ProtocolName) : [], isStable ? member.Assignment : [])),
        ]);
    }

    /// <summary>Answers for all requests that wait, for an actor that stops.</summary>
    public IReadOnlyList<ReleasedReply> AnswerParked(ErrorCode error)
    {
        var replies = new List<ReleasedReply>();
        foreach (var member in _state.Members.Values)
        {
            if (member.JoinToken is { } join)
                replies.Add(new ReleasedReply(join, new JoinReply(error, member.IsNew ? "" : member.MemberId)));
            if (member.SyncToken is { } sync)
                replies.Add(new ReleasedReply(sync, SyncReply.Of(error)));
            if (member.HeartbeatToken is { } heartbeat)
                replies.Add(new ReleasedReply(heartbeat, new GroupReply(error)));
        }
        return replies;
    }
}
