using Actors.Protocol.Messages;

namespace Actors.Client;

/// <summary>A member as the group's leader sees it when it assigns.</summary>
/// <param name="MemberId">Given by the coordinator.</param>
/// <param name="GroupInstanceId">A static member's own name; null for others.</param>
/// <param name="Topics">What it subscribes to.</param>
/// <param name="Owned">What it has at the moment (KIP-429); empty from older members.</param>
/// <param name="Generation">The generation that <paramref name="Owned"/> is of; -1: unknown.</param>
/// <param name="UserData">Bytes of its assignor's own.</param>
public sealed record MemberSubscription(
    string MemberId, string? GroupInstanceId, IReadOnlyList<string> Topics, IReadOnlyList<TopicPartition> Owned, int Generation, byte[]? UserData)
{
    internal static MemberSubscription Of(JoinGroupResponse.JoinGroupResponseMember member)
    {
        var subscription = ConsumerProtocol.ReadSubscription(member.Metadata);
        return new MemberSubscription(
            member.MemberId, member.GroupInstanceId, subscription.Topics,
            [.. subscription.OwnedPartitions.SelectMany(t => t.Partitions.Select(p => new TopicPartition(t.Topic, p)))], subscription.GenerationId, subscription.UserData);
    }

    /// <summary>Kafka's order of members: static ones first, by their instance ids; then the others by member id.</summary>
    internal static int Compare(MemberSubscription one, MemberSubscription other) => (one.GroupInstanceId, other.GroupInstanceId) switch
    {
        ({ } a, { } b) => string.CompareOrdinal(a, b),
        ({ }, null) => -1,
        (null, { }) => 1,
        _ => string.CompareOrdinal(one.MemberId, other.MemberId),
    };
}

/// <summary>
/// Who gets which partitions. The member that the coordinator chose as leader runs it for the whole group; all members must offer one of the same name.
/// An assignor may mirror a decision made elsewhere: user data carries what it needs, to the leader and back.
/// </summary>
public interface IAssignor
{
    /// <summary>The name the members agree on, such as <c>range</c>.</summary>
    string Name { get; }

    /// <summary>Members keep their partitions through a rebalance and give up only what goes to others, in a second one (KIP-429).</summary>
    bool IsCooperative => false;

    /// <summary>What this member tells the leader's assignor; asked at each join.</summary>
    byte[]? UserData(IReadOnlyCollection<string> topics) => null;

    /// <summary>The assignment of every member, by member id.</summary>
    /// <param name="partitions">The number of partitions of each subscribed topic that exists.</param>
    /// <param name="members">All members of the group.</param>
    IReadOnlyDictionary<string, GroupAssignment> Assign(IReadOnlyDictionary<string, int> partitions, IReadOnlyList<MemberSubscription> members);

    /// <summary>What this member got; before the rebalance callbacks.</summary>
    void OnAssignment(GroupAssignment assignment, int generation)
    {
    }
}
