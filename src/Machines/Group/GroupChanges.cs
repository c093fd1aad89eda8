namespace Actors.Machines;

/// <summary>Something that happened in a group, for people who watch it.</summary>
public abstract record GroupChange;

/// <summary>A member is new in the group.</summary>
public sealed record MemberJoined(string MemberId, string? InstanceId, string ClientId, string ClientHost) : GroupChange;

/// <summary>A member is gone from the group. <paramref name="Reason"/> is for people, what the member did: left, timed out.</summary>
public sealed record MemberLeft(string MemberId, string? InstanceId, string ClientId, string ClientHost, string Reason) : GroupChange;

/// <summary>Members must join again: the generation that ends.</summary>
public sealed record RebalanceStarted(int GenerationId) : GroupChange;

/// <summary>All have joined a new generation; its assignment comes next. Without members: the group is empty now.</summary>
public sealed record GenerationStarted(int GenerationId, string? ProtocolName, string? LeaderId, int Members) : GroupChange;

/// <summary>What a member got; null where the group's protocol is not the consumers' or the bytes cannot be read.</summary>
public sealed record AssignedMember(string MemberId, string? InstanceId, string ClientId, string ClientHost, IReadOnlyList<TopicPartition>? Partitions);

/// <summary>Every member of the generation has its assignment.</summary>
public sealed record GenerationAssigned(int GenerationId, string? ProtocolName, IReadOnlyList<AssignedMember> Members) : GroupChange;

/// <summary>A group's state at one moment, to tell later what changed since.</summary>
public readonly struct GroupMark
{
    internal GroupMark(GroupState state) => State = state;

    internal GroupState State { get; }
}

internal static class GroupChanges
{
    /// <summary>What happened between two states, in the order in which it did.</summary>
    public static IReadOnlyList<GroupChange> Between(GroupState before, GroupCommand cause, GroupState after)
    {
        if (ReferenceEquals(before, after) || (ReferenceEquals(before.Members, after.Members) && before.Phase == after.Phase && before.GenerationId == after.GenerationId))
            return [];
        var changes = new List<GroupChange>();
        foreach (var (id, member) in before.Members)
            if (!after.Members.ContainsKey(id))
                changes.Add(new MemberLeft(id, member.InstanceId, member.ClientId, member.ClientHost, Reason(cause, member, after)));
        foreach (var (id, member) in after.Members)
            if (!before.Members.ContainsKey(id))
                changes.Add(new MemberJoined(id, member.InstanceId, member.ClientId, member.ClientHost));
        if (before.Phase is GroupPhase.Stable or GroupPhase.CompletingRebalance && before.Rebalance != after.Rebalance)
            changes.Add(new RebalanceStarted(before.GenerationId));
        if (before.GenerationId != after.GenerationId && after.Exists)
            changes.Add(new GenerationStarted(after.GenerationId, after.ProtocolName, after.LeaderId, after.Members.Count));
        // A static member that takes its own place again keeps the assignment under a new id.
        if (after.Phase == GroupPhase.Stable && (before.Phase != GroupPhase.Stable || changes.Count > 0))
            changes.Add(Assigned(after));
        return changes;
    }

    public static GenerationAssigned Assigned(GroupState state) => new(state.GenerationId, state.ProtocolName,
    [
        .. state.Members.Values.Select(member => new AssignedMember(member.MemberId, member.InstanceId, member.ClientId, member.ClientHost,
            state.ProtocolType == ConsumerSubscription.ProtocolType ? ConsumerSubscription.Partitions(member.Assignment) : null)),
    ]);

    private static string Reason(GroupCommand cause, GroupMember member, GroupState after) => cause switch
    {
        LeaveGroup => "left",
        SessionExpired => "timed out",
        JoinPhaseEnded => "did not rejoin in time",
        SyncPhaseEnded => "did not ask for its assignment in time",
        JoinGroup when member.InstanceId is { } instance && after.Static.ContainsKey(instance) => "was replaced by its next incarnation",
        JoinGroup => "found the group full",
        _ => "was removed",
    };
}
