namespace Actors.Client;

/// <summary>How a <see cref="GroupMember"/> takes part in its group. Names and defaults are Kafka's.</summary>
public sealed record GroupOptions
{
    public required string GroupId { get; init; }

    /// <summary>A static member's name (KIP-345): it may be away for <see cref="SessionTimeout"/> and come back to its partitions without a rebalance.</summary>
    public string? GroupInstanceId { get; init; }

    /// <summary>The topics to share. One that does not exist is taken up once it does.</summary>
    public required IReadOnlyCollection<string> Topics { get; init; }

    /// <summary>In order of preference; all members must offer one in common. Cooperative if all of them are.</summary>
    public IReadOnlyList<IAssignor> Assignors { get; init; } = [new RangeAssignor()];

    /// <summary>Without a heartbeat for so long the coordinator takes the member for dead. Kafka's <c>session.timeout.ms</c>.</summary>
    public TimeSpan SessionTimeout { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>How long members have to join again in a rebalance. Kafka's <c>max.poll.interval.ms</c>.</summary>
    public TimeSpan RebalanceTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Kafka's <c>heartbeat.interval.ms</c>; at most a third of <see cref="SessionTimeout"/> makes sense.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(3);

    internal void Check()
    {
        ArgumentException.ThrowIfNullOrEmpty(GroupId);
        if (Assignors.Count == 0) throw new ArgumentException("a group member needs an assignor", nameof(Assignors));
        if (HeartbeatInterval <= TimeSpan.Zero || HeartbeatInterval >= SessionTimeout)
            throw new ArgumentException("the heartbeat's interval must be shorter than the session's time-out", nameof(HeartbeatInterval));
    }
}

/// <summary>
/// Told of each change to a member's partitions, one call at a time; heartbeats go on meanwhile. An exception ends the membership.
/// </summary>
public interface IRebalanceListener
{
    /// <summary>These partitions are the member's now, beside those it kept.</summary>
    ValueTask OnAssignedAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellation);

    /// <summary>These partitions go to others; offsets may still be committed.</summary>
    ValueTask OnRevokedAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellation);

    /// <summary>These partitions may be others' already: the member was away too long. Commits are refused.</summary>
    ValueTask OnLostAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellation);
}

/// <summary>What a member is in its group at the moment.</summary>
/// <param name="MemberId">Given by the coordinator; empty before the first join.</param>
/// <param name="Generation">Counts rebalances; -1 while not a member.</param>
/// <param name="Assignor">The assignor that the members agreed on.</param>
/// <param name="IsLeader">Whether this member assigns for the group.</param>
public sealed record Membership(string MemberId, int Generation, string Assignor, bool IsLeader)
{
    internal static readonly Membership None = new("", -1, "", false);
}
