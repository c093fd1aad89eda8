namespace Actors.Machines;

/// <summary>A topic's partition, by name.</summary>
public readonly record struct TopicPartition(string Topic, int Partition)
{
    public override string ToString() => $"{Topic}-{Partition}";
}

/// <summary>A way of assigning that a member can take part in, with what it tells the leader about itself; in the member's order of preference.</summary>
public sealed record GroupProtocol(string Name, byte[] Metadata)
{
    public bool Equals(GroupProtocol? other) => other is not null && Name == other.Name && Metadata.AsSpan().SequenceEqual(other.Metadata);

    public override int GetHashCode() => HashCode.Combine(Name, Metadata.Length);
}

/// <summary>What a group can be told to do. Describing and reading offsets are methods of <see cref="GroupMachine"/>.</summary>
public abstract record GroupCommand;

/// <summary>JoinGroup. Its <see cref="JoinReply"/> is released under <paramref name="Token"/>, at once or when the rebalance's join phase ends.</summary>
/// <param name="Token">Names the waiting request; unique among those the group still holds.</param>
/// <param name="MemberId">Empty for a member that has none yet.</param>
/// <param name="NewId">Random; makes the id of a new member.</param>
/// <param name="RebalanceTimeoutMs">For requests without one, the session timeout.</param>
/// <param name="RequiresKnownMemberId">From version 4 on: a new dynamic member is first given its id (MEMBER_ID_REQUIRED).</param>
/// <param name="CanSkipAssignment">From version 9 on: a replaced static leader is told to skip the assignment.</param>
public sealed record JoinGroup(long Token, string MemberId, string? InstanceId, Guid NewId, string ClientId, string ClientHost, int SessionTimeoutMs, int RebalanceTimeoutMs,
    string ProtocolType, IReadOnlyList<GroupProtocol> Protocols, bool RequiresKnownMemberId, bool CanSkipAssignment) : GroupCommand;

/// <summary>What the leader assigns to a member.</summary>
public sealed record MemberAssignment(string MemberId, byte[] Assignment);

/// <summary>SyncGroup. Its <see cref="SyncReply"/> is released under <paramref name="Token"/>, at once or when the leader's assignment is there.</summary>
public sealed record SyncGroup(long Token, string MemberId, string? InstanceId, int GenerationId, string? ProtocolType, string? ProtocolName,
    IReadOnlyList<MemberAssignment> Assignments) : GroupCommand;

/// <summary>Heartbeat. Answered by <see cref="GroupReply"/>; with a <paramref name="Token"/> it may be kept while the group is stable, and is then released under it as soon as there is news.</summary>
/// <param name="Token">Null: answer at once. Otherwise it names the waiting request, as in <see cref="JoinGroup"/>.</param>
public sealed record Heartbeat(string MemberId, string? InstanceId, int GenerationId, long? Token = null) : GroupCommand;

/// <summary>Timer: a kept heartbeat is answered, there was no news.</summary>
public sealed record HeartbeatKept(string MemberId, long Token) : GroupCommand;

/// <summary>Names a member to remove: by its id, or a static one by its instance id alone.</summary>
public sealed record LeavingMember(string MemberId, string? InstanceId);

/// <summary>LeaveGroup, one or several members. Answered by <see cref="LeaveReply"/>.</summary>
public sealed record LeaveGroup(IReadOnlyList<LeavingMember> Members) : GroupCommand;

/// <summary>An offset to commit; metadata null is kept as the empty text.</summary>
public readonly record struct OffsetToCommit(TopicPartition Partition, long Offset, int LeaderEpoch, string? Metadata);

/// <summary>OffsetCommit, by a member, or by anyone (generation -1, no member id) while the group is empty. Answered by <see cref="OffsetsReply"/>.</summary>
public sealed record CommitOffsets(string MemberId, string? InstanceId, int GenerationId, IReadOnlyList<OffsetToCommit> Offsets) : GroupCommand;

/// <summary>OffsetDelete. Answered by <see cref="OffsetsReply"/>.</summary>
public sealed record DeleteOffsets(IReadOnlyList<TopicPartition> Partitions) : GroupCommand;

/// <summary>DeleteGroups, for this one. Answered by <see cref="GroupReply"/>.</summary>
public sealed record DeleteGroup : GroupCommand;

/// <summary>Topics were deleted: their offsets go. No answer.</summary>
public sealed record ForgetTopics(IReadOnlyCollection<string> Topics) : GroupCommand;

/// <summary>Removes offsets that are past their retention (Kafka: <c>offsets.retention.minutes</c>), and the group when it is empty and none are left. Sent at a steady pace. No answer.</summary>
public sealed record ExpireOffsets(long RetentionMs) : GroupCommand;

/// <summary>Recovery is over: sessions of stored members begin anew. No answer; the first command after recovery.</summary>
public sealed record GroupRecovered : GroupCommand;

/// <summary>Timer: a member's session (or a new member's wait) ran out.</summary>
/// <param name="ServedForMs">For how long the coordinator has served without a break: when that is less than the session, the member could not be heard and its session begins anew.</param>
public sealed record SessionExpired(string MemberId, long ServedForMs = long.MaxValue) : GroupCommand;

/// <summary>Timer: a member that was given its id did not come back.</summary>
public sealed record PendingMemberExpired(string MemberId) : GroupCommand;

/// <summary>Timer: the join phase ends with those who are there.</summary>
public sealed record JoinPhaseEnded(long Rebalance) : GroupCommand;

/// <summary>Timer: members that have not synced are out.</summary>
public sealed record SyncPhaseEnded(int GenerationId) : GroupCommand;
