#nullable enable
using System.Collections.Immutable;
using Akka.Actor;

namespace Akka.Cluster.Membership;

/// <summary>
/// One node's judgement of the cluster: rows read and time in, events and due changes out. It reads no clock and touches no
/// database. The rows are the truth about who is a member; who is silent, each node judges for itself, by its own clock and by
/// what it has read: a count is old only after it was read unchanged for the whole pause, and time without readings does not
/// count, so a database that was away makes nobody unreachable.
/// </summary>
internal sealed class MembershipMachine(UniqueAddress self, MembershipRules rules)
{
    private readonly Dictionary<UniqueAddress, Peer> _peers = [];
    private TimeSpan? _lastRead;
    private ClusterEvent.CurrentClusterState _state = new();
    private bool _ended;

    public ClusterEvent.CurrentClusterState State => _state;

    /// <summary>The member's port refused a connection: no process is there. It is believed once a renewal is overdue too.</summary>
    public void Refused(UniqueAddress node)
    {
        if (_peers.TryGetValue(node, out var peer)) peer.RefusedAt ??= peer.Row.Renewals;
    }

    /// <summary>All rows of the cluster were read, after this node's own was renewed.</summary>
    public Observation Observe(IReadOnlyList<MemberRow> rows, TimeSpan now)
    {
        if (_ended) return new Observation(_state, [], [], [], null, ReadSoon: false);
        var events = new List<ClusterEvent.IClusterDomainEvent>();
        var first = _lastRead is null;
        var gap = !first && now - _lastRead > rules.LongestGap;
        _lastRead = now;

        var memberEvents = new List<ClusterEvent.IClusterDomainEvent>();
        Vanish(rows, memberEvents);
        // The oldest first: nobody is to look like the oldest who is not, and a node's next incarnation joins after its last one was removed.
        foreach (var row in rows.OrderBy(Age).ThenBy(r => r.Status == MemberStatus.Removed ? 0 : 1).ThenBy(r => r.Node)) See(row, now, first, memberEvents);
        foreach (var peer in _peers.Values) Judge(peer, now, gap, events);
        events.AddRange(memberEvents);

        var removedFrom = RemovalOfSelf(events);
        var before = _state;
        _state = Summary();
        Compare(before, _state, events);
        if (removedFrom is not null)
        {
            _ended = true;
            return new Observation(_state, events, [], [], removedFrom, ReadSoon: false);
        }
        var changes = DueChanges(now);
        return new Observation(_state, events, changes, [.. Probes(now)], null, changes.Count > 0 || _peers.Values.Any(p => p.UnreachableSince is null && IsLate(p, now)));
    }

    /// <summary>Who was removed before it was ever up made way for whoever came after it.</summary>
    private static int Age(MemberRow row) => row is { Status: MemberStatus.Removed, UpNumber: Member.NotUpYet } ? 0 : row.UpNumber;

    private void Vanish(IReadOnlyList<MemberRow> rows, List<ClusterEvent.IClusterDomainEvent> events)
    {
        var there = rows.Select(r => r.Node).ToHashSet();
        foreach (var peer in _peers.Values.Where(p => !there.Contains(p.Row.Node)).OrderBy(p => p.Row.Node).ToList())
        {
            var previous = peer.Row.Status == MemberStatus.Exiting ? MemberStatus.Exiting : MemberStatus.Down;
            Move(peer, peer.Row with { Status = MemberStatus.Removed, PreviousStatus = previous }, events);
            _peers.Remove(peer.Row.Node);
        }
    }

    private void See(MemberRow row, TimeSpan now, bool first, List<ClusterEvent.IClusterDomainEvent> events)
    {
        if (!_peers.TryGetValue(row.Node, out var peer))
        {
            if (row.Status == MemberStatus.Removed) return;
            _peers.Add(row.Node, peer = new Peer(row, now));
            // What was before this node came is not news.
            if (first) events.Add(Event(row, row.Status));
            else Announce(null, row, events);
            return;
        }
        if (row.Renewals != peer.Row.Renewals)
        {
            peer.UnchangedSince = now;
            peer.Renewed = true;
            // One renewal may have been written just before the end and read just after it; two mean life.
            if (row.Renewals >= peer.RefusedAt + 2) peer.RefusedAt = null;
        }
        Move(peer, row, events);
        if (row.Status == MemberStatus.Removed) _peers.Remove(row.Node);
    }

    private static void Move(Peer peer, MemberRow row, List<ClusterEvent.IClusterDomainEvent> events)
    {
        Announce(peer.Row.Status, row, events);
        peer.Row = row;
    }

    private static void Announce(MemberStatus? from, MemberRow row, List<ClusterEvent.IClusterDomainEvent> events)
    {
        foreach (var status in StatusPath.Between(from, row)) events.Add(Event(row, status));
    }

    private void Judge(Peer peer, TimeSpan now, bool gap, List<ClusterEvent.IClusterDomainEvent> events)
    {
        if (peer.Row.Node == self) return;
        var renewed = peer.Renewed;
        peer.Renewed = false;
        if (gap)
        {
            // The others were perhaps as cut off as this node was, and are given a whole pause again.
            peer.UnchangedSince = now;
            if (peer.UnreachableSince is not null) peer.UnreachableSince = now;
        }
        if (peer.UnreachableSince is not null)
        {
            if (!renewed || peer.RefusedAt is not null || !peer.Row.IsLive) return;
            peer.UnreachableSince = null;
            events.Add(new ClusterEvent.ReachableMember(peer.Row.At(peer.Row.Status)));
        }
        else if (peer.Row.IsLive && IsSilent(peer, now))
        {
            peer.UnreachableSince = now;
            events.Add(new ClusterEvent.UnreachableMember(peer.Row.At(peer.Row.Status)));
        }
    }

    private bool IsSilent(Peer peer, TimeSpan now) =>
        now - peer.UnchangedSince >= rules.AcceptablePause || peer.RefusedAt is not null && IsLate(peer, now);

    private bool IsLate(Peer peer, TimeSpan now) => peer.Row.Node != self && peer.Row.IsLive && now - peer.UnchangedSince >= rules.Suspicious;

    private IEnumerable<UniqueAddress> Probes(TimeSpan now)
    {
        foreach (var peer in _peers.Values)
        {
            if (peer.Row.Node == self || !peer.Row.IsLive || peer.RefusedAt is not null) continue;
            if (peer.ProbedAt is { } probed && (now - probed < rules.RenewEvery || !IsLate(peer, now))) continue;
            peer.ProbedAt = now;
            yield return peer.Row.Node;
        }
    }

    /// <summary>Null while this node is a member; else the status before its removal, after the events that end its membership.</summary>
    private MemberStatus? RemovalOfSelf(List<ClusterEvent.IClusterDomainEvent> events)
    {
        if (_peers.TryGetValue(self, out var own))
        {
            if (own.Row.Status != MemberStatus.Down) return null;
            // Who is down hears of nothing more: its removal is as good as done.
            events.Add(Event(own.Row with { Status = MemberStatus.Removed, PreviousStatus = MemberStatus.Down }, MemberStatus.Removed));
            _peers.Remove(self);
            return MemberStatus.Down;
        }
        var removed = events.OfType<ClusterEvent.MemberRemoved>().LastOrDefault(e => e.Member.UniqueAddress == self);
        return removed?.PreviousStatus ?? MemberStatus.Down;
    }

    private List<MemberChange> DueChanges(TimeSpan now)
    {
        var leads = Equals(_state.Leader, self.Address);
        var decides = rules.DownAfter is not null && Equals(Oldest()?.Row.Node, self);
        var changes = new List<MemberChange>();
        foreach (var peer in _peers.Values.OrderBy(p => p.Row.Node))
        {
            if ((leads || peer.Row.Node == self) && DueStep(peer, leads) is { } step) changes.Add(step);
            else if (decides && peer.Row is { IsLive: true, Status: not MemberStatus.Exiting } && now - peer.UnreachableSince >= rules.DownAfter)
                changes.Add(new DownSilent(peer.Row.Node, peer.Row.Version, peer.Row.Renewals, self));
        }
        return changes;
    }

    /// <summary>The leader moves everyone on; a node that leaves need not wait for it.</summary>
    private MemberChange? DueStep(Peer peer, bool leads) => peer.Row switch
    {
        { Status: MemberStatus.Joining } row when leads && peer.UnreachableSince is null && EnoughMembers() => new BringUp(row.Node, row.Version),
        { Status: MemberStatus.Leaving } row when peer.UnreachableSince is null => new StartExiting(row.Node, row.Version),
        { Status: MemberStatus.Exiting } row when row.ExitingConfirmed || peer.UnreachableSince is not null => new Remove(row.Node, row.Version),
        { Status: MemberStatus.Down } row when leads => new Remove(row.Node, row.Version),
        _ => null,
    };

    private bool EnoughMembers()
    {
        var live = _peers.Values.Where(p => p.Row.IsLive).ToList();
        return live.Count >= rules.MinMembers && rules.MinMembersOfRole.All(least => live.Count(p => p.Row.Roles.Contains(least.Key)) >= least.Value);
    }

    /// <summary>The oldest member that lives, as far as is known here; it alone declares others down.</summary>
    private Peer? Oldest() => _peers.Values.Where(p => p.Row.IsLive && p.UnreachableSince is null).OrderBy(p => p.Row.At(p.Row.Status), Member.AgeOrdering).FirstOrDefault();

    private ClusterEvent.CurrentClusterState Summary()
    {
        var members = _peers.Values.Select(p => p.Row.At(p.Row.Status)).ToImmutableSortedSet();
        var unreachable = _peers.Values.Where(p => p.UnreachableSince is not null).Select(p => p.Row.At(p.Row.Status)).ToImmutableHashSet();
        var candidates = members.Where(m => m.Status is not (MemberStatus.Down or MemberStatus.Removed) && !unreachable.Contains(m)).ToList();
        var roleLeaders = candidates.SelectMany(m => m.Roles).Distinct()
            .ToImmutableDictionary(role => role, role => Leader(candidates.Where(m => m.HasRole(role)))!, StringComparer.Ordinal);
        return new ClusterEvent.CurrentClusterState(members, unreachable, [.. candidates.Select(m => m.Address)], Leader(candidates), roleLeaders);
    }

    private static Address? Leader(IEnumerable<Member> candidates) =>
        candidates.OrderBy(m => m.Status switch
        {
            MemberStatus.Up or MemberStatus.Leaving => 0,
            MemberStatus.Joining => 1,
            _ => 2,
        }).ThenBy(m => m.Address, Member.AddressOrdering).FirstOrDefault()?.Address;

    private static void Compare(ClusterEvent.CurrentClusterState before, ClusterEvent.CurrentClusterState after, List<ClusterEvent.IClusterDomainEvent> events)
    {
        if (!Equals(before.Leader, after.Leader)) events.Add(new ClusterEvent.LeaderChanged(after.Leader));
        foreach (var role in before.RoleLeaders.Keys.Union(after.RoleLeaders.Keys).Order(StringComparer.Ordinal))
        {
            var leader = after.RoleLeader(role);
            if (!Equals(before.RoleLeader(role), leader)) events.Add(new ClusterEvent.RoleLeaderChanged(role, leader));
        }
    }

    private static ClusterEvent.IClusterDomainEvent Event(MemberRow row, MemberStatus status)
    {
        var member = row.At(status);
        return status switch
        {
            MemberStatus.Joining => new ClusterEvent.MemberJoined(member),
            MemberStatus.Up => new ClusterEvent.MemberUp(member),
            MemberStatus.Leaving => new ClusterEvent.MemberLeft(member),
            MemberStatus.Exiting => new ClusterEvent.MemberExited(member),
            MemberStatus.Down => new ClusterEvent.MemberDowned(member),
            MemberStatus.Removed => new ClusterEvent.MemberRemoved(member, row.PreviousStatus == MemberStatus.Exiting ? MemberStatus.Exiting : MemberStatus.Down),
            _ => throw new ArgumentOutOfRangeException(nameof(status), status, "No such status is stored"),
        };
    }

    private sealed class Peer(MemberRow row, TimeSpan seen)
    {
        public MemberRow Row { get; set; } = row;

        public TimeSpan UnchangedSince { get; set; } = seen;

        public TimeSpan? UnreachableSince { get; set; }

        /// <summary>The count at which its port refused a connection.</summary>
        public long? RefusedAt { get; set; }

        public TimeSpan? ProbedAt { get; set; }

        public bool Renewed { get; set; }
    }
}
