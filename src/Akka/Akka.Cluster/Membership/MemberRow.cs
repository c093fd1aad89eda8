#nullable enable
using System.Collections.Immutable;

namespace Akka.Cluster.Membership;

/// <summary>A member as the database has it.</summary>
/// <param name="Node">Which incarnation of which node.</param>
/// <param name="Roles">What it said when it joined.</param>
/// <param name="Status">Where it is on its way.</param>
/// <param name="PreviousStatus">Where it was before: a removed member was Down or Exiting.</param>
/// <param name="UpNumber">Its age, <see cref="Member.NotUpYet"/> until it comes up.</param>
/// <param name="Renewals">Counts up while it lives.</param>
/// <param name="ExitingConfirmed">Whether it has handed over all that it had.</param>
/// <param name="Version">Counts its status changes; the next one names it.</param>
internal sealed record MemberRow(
    UniqueAddress Node, ImmutableHashSet<string> Roles, MemberStatus Status, MemberStatus PreviousStatus, int UpNumber, long Renewals, bool ExitingConfirmed, long Version)
{
    public bool IsLive => Status is not (MemberStatus.Down or MemberStatus.Removed);

    public bool WasUp => UpNumber != Member.NotUpYet;

    public Member At(MemberStatus status) => Member.Create(Node, status == MemberStatus.Joining ? Member.NotUpYet : UpNumber, status, Roles);
}

/// <summary>A status change that is due; it is made only if nobody has changed the member since it was read.</summary>
internal abstract record MemberChange(UniqueAddress Node, long Version);

/// <summary>Joining to Up, with the next age.</summary>
internal sealed record BringUp(UniqueAddress Node, long Version) : MemberChange(Node, Version);

/// <summary>Leaving to Exiting.</summary>
internal sealed record StartExiting(UniqueAddress Node, long Version) : MemberChange(Node, Version);

/// <summary>Exiting or Down to Removed.</summary>
internal sealed record Remove(UniqueAddress Node, long Version) : MemberChange(Node, Version);

/// <summary>To Down, if it has not renewed since it was read and the one who decides is not down itself.</summary>
internal sealed record DownSilent(UniqueAddress Node, long Version, long Renewals, UniqueAddress Decider) : MemberChange(Node, Version);

/// <summary>How members are judged.</summary>
/// <param name="RenewEvery">How often each member counts up.</param>
/// <param name="AcceptablePause">How long an unchanged count must be read until a member is unreachable.</param>
/// <param name="DownAfter">How long a member is unreachable until it is declared down; null for never.</param>
/// <param name="MinMembers">How many members there must be before any comes up.</param>
/// <param name="MinMembersOfRole">The same by role.</param>
internal sealed record MembershipRules(
    TimeSpan RenewEvery, TimeSpan AcceptablePause, TimeSpan? DownAfter, int MinMembers, ImmutableDictionary<string, int> MinMembersOfRole)
{
    /// <summary>A living member has counted up after this time, though the database may have kept a renewal waiting: who is refused by its port as well goes by this.</summary>
    public TimeSpan Suspicious => RenewEvery * 3;

    /// <summary>Reads further apart than this say nothing of the time between them.</summary>
    public TimeSpan LongestGap => TimeSpan.FromTicks(Math.Max(AcceptablePause.Ticks / 2, RenewEvery.Ticks * 2));
}

/// <summary>What one reading of all rows led to.</summary>
/// <param name="State">The cluster as it is seen now.</param>
/// <param name="Events">What changed, in order.</param>
/// <param name="Changes">What this node should now try to change.</param>
/// <param name="Probes">Members whose port should be tried, for they are new or late.</param>
/// <param name="RemovedFrom">The status from which this node itself was removed; null while it is a member.</param>
/// <param name="ReadSoon">Whether something is about to be decided.</param>
internal sealed record Observation(
    ClusterEvent.CurrentClusterState State,
    IReadOnlyList<ClusterEvent.IClusterDomainEvent> Events,
    IReadOnlyList<MemberChange> Changes,
    IReadOnlyList<UniqueAddress> Probes,
    MemberStatus? RemovedFrom,
    bool ReadSoon);
