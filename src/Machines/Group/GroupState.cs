using System.Collections.Immutable;
using Actors.Protocol;

namespace Actors.Machines;

/// <summary>A group's state, with Kafka's names.</summary>
public enum GroupPhase
{
    /// <summary>It does not exist.</summary>
    Dead,

    /// <summary>It has no members, perhaps offsets.</summary>
    Empty,

    /// <summary>Members are (re)joining.</summary>
    PreparingRebalance,

    /// <summary>All have joined; the leader's assignment is awaited.</summary>
    CompletingRebalance,

    /// <summary>Every member has its assignment.</summary>
    Stable,
}

/// <summary>A member of a group. <see cref="JoinToken"/>, <see cref="SyncToken"/> and <see cref="HeartbeatToken"/> name the requests of its that wait.</summary>
internal sealed record GroupMember
{
    public required string MemberId { get; init; }

    public required string? InstanceId { get; init; }

    public required string ClientId { get; init; }

    public required string ClientHost { get; init; }

    public required int SessionTimeoutMs { get; init; }

    public required int RebalanceTimeoutMs { get; init; }

    public required ImmutableArray<GroupProtocol> Protocols { get; init; }

    public byte[] Assignment { get; init; } = [];

    /// <summary>It waits for its first generation and cannot heartbeat yet.</summary>
    public bool IsNew { get; init; }

    public long? JoinToken { get; init; }

    public long? SyncToken { get; init; }

    /// <summary>A heartbeat that is kept, so that a rebalance can be told at once.</summary>
    public long? HeartbeatToken { get; init; }

    public byte[] MetadataFor(string? protocol) => Protocols.FirstOrDefault(known => known.Name == protocol)?.Metadata ?? [];
}

/// <summary>All of a group but its offsets; immutable. What of it outlives a restart is stored by <see cref="GroupGenerationStored"/>.</summary>
internal sealed record GroupState
{
    public static readonly GroupState Dead = new();

    public GroupPhase Phase { get; init; }

    public int GenerationId { get; init; }

    public string? ProtocolType { get; init; }

    public string? ProtocolName { get; init; }

    public string? LeaderId { get; init; }

    /// <summary>When the stored generation was stored: for an empty group, since when it is empty.</summary>
    public long StateTimestamp { get; init; } = -1;

    /// <summary>By member id.</summary>
    public ImmutableSortedDictionary<string, GroupMember> Members { get; init; } = ImmutableSortedDictionary.Create<string, GroupMember>(StringComparer.Ordinal);

    /// <summary>Static members' ids by instance id.</summary>
    public ImmutableDictionary<string, string> Static { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Ids given by MEMBER_ID_REQUIRED whose owners have not come back.</summary>
    public ImmutableHashSet<string> Pending { get; init; } = [];

    /// <summary>Members of this generation that have not synced.</summary>
    public ImmutableHashSet<string> PendingSync { get; init; } = [];

    /// <summary>Members whose JoinGroup waits.</summary>
    public int AwaitingJoin { get; init; }

    /// <summary>Counts join phases, so that the timer of an earlier one is known.</summary>
    public long Rebalance { get; init; }

    /// <summary>Not null in a first join phase that is kept open (group.initial.rebalance.delay.ms): how much longer it may be prolonged.</summary>
    public int? InitialDelayLeftMs { get; init; }

    /// <summary>A member joined since the first join phase was last prolonged.</summary>
    public bool HasNewcomer { get; init; }

    public bool Exists => Phase != GroupPhase.Dead;

    public bool IsEmpty => Phase is GroupPhase.Empty or GroupPhase.Dead;

    public bool AllJoined => AwaitingJoin == Members.Count && Pending.IsEmpty;

    public static GroupState Of(GroupGenerationStored stored) => new()
    {
        Phase = stored.Members.Count == 0 ? GroupPhase.Empty : GroupPhase.Stable,
        GenerationId = stored.GenerationId,
        ProtocolType = stored.ProtocolType,
        ProtocolName = stored.ProtocolName,
        LeaderId = stored.LeaderId,
        StateTimestamp = stored.Timestamp,
        Members = stored.Members.Select(member => new GroupMember
        {
            MemberId = member.MemberId,
            InstanceId = member.InstanceId,
            ClientId = member.ClientId,
            ClientHost = member.ClientHost,
            SessionTimeoutMs = member.SessionTimeoutMs,
            RebalanceTimeoutMs = member.RebalanceTimeoutMs,
            Protocols = [.. member.Protocols],
            Assignment = member.Assignment,
        }).ToImmutableSortedDictionary(member => member.MemberId, member => member, StringComparer.Ordinal),
        Static = stored.Members.Where(member => member.InstanceId is not null).ToImmutableDictionary(member => member.InstanceId!, member => member.MemberId),
    };

    /// <summary>Whether someone may speak as this member. Source: Kafka's <c>validateCurrentMember</c>.</summary>
    public ErrorCode CheckMember(string memberId, string? instanceId)
    {
        if (instanceId is not null)
        {
            if (!Static.TryGetValue(instanceId, out var current))
                return ErrorCode.UnknownMemberId;
            if (current != memberId)
                return ErrorCode.FencedInstanceId;
        }
        return Members.ContainsKey(memberId) ? ErrorCode.None : ErrorCode.UnknownMemberId;
    }

    /// <summary>Whether a joiner's protocols fit: the same type, and at least one that all members have.</summary>
    public bool Supports(string protocolType, IReadOnlyList<GroupProtocol> protocols) => IsEmpty
        ? protocolType.Length > 0 && protocols.Count > 0
        : ProtocolType == protocolType && protocols.Any(protocol => Members.Values.All(member => member.Protocols.Any(known => known.Name == protocol.Name)));

    /// <summary>The vote: of the protocols all members have, the one most members put first; of equals the one that the first voter named.</summary>
    public string SelectProtocol()
    {
        var common = Members.Values.Select(member => member.Protocols.Select(protocol => protocol.Name)).Aggregate((left, right) => left.Intersect(right)).ToHashSet();
        if (common.Count == 0)
            throw new BrokenInvariantException("The group's members have no protocol in common.");
        return Members.Values.Select(member => member.Protocols.First(protocol => common.Contains(protocol.Name)).Name)
            .GroupBy(name => name).MaxBy(votes => votes.Count())!.Key;
    }
}

/// <summary>The state from now on.</summary>
internal sealed record GroupBecame(GroupState State) : IVolatileChange;
