namespace Actors.Machines;

/// <summary>
/// A node's lease as the node itself sees it, and what it may conclude about its peers. Every time is read off this node's
/// monotonic clock; no two clocks are ever compared.
/// </summary>
/// <remarks>
/// The owner counts from the moment a renewal began, a peer from the moment it had read the renewed counter. The renewal was
/// durable between the two, so that the owner's time runs out first, by the margin, as long as the clocks' rates differ by less.
/// </remarks>
public sealed class OwnershipMachine
{
    private readonly OwnershipSettings _settings;
    private readonly Dictionary<long, Peer> _peers = [];
    private TimeSpan _nextRenewal;
    private TimeSpan _nextRead;
    private TimeSpan? _lastRead;
    private TimeSpan _lastRenewal;

    /// <summary>A lease whose row was written by an insert that began at <paramref name="inserted"/>.</summary>
    public OwnershipMachine(OwnershipSettings settings, long uid, TimeSpan inserted)
    {
        if (settings.Fault is { } fault)
            throw new ArgumentException(fault, nameof(settings));
        _settings = settings;
        Uid = uid;
        Deadline = inserted + settings.Tenure;
        _lastRenewal = inserted;
        _nextRenewal = inserted + settings.Renewal;
        _nextRead = inserted;
    }

    public long Uid { get; }

    /// <summary>From then on this node acknowledges and serves nothing, unless a renewal moves it.</summary>
    public TimeSpan Deadline { get; private set; }

    /// <summary>A renewal was refused: this incarnation is over.</summary>
    public bool IsFenced { get; private set; }

    public IEnumerable<PeerView> Peers => _peers.Values.Select(peer => new PeerView(peer.Row, peer.Since, peer.Expired, peer.Refused));

    public bool Holds(TimeSpan now) => !IsFenced && now < Deadline;

    /// <summary>Renewals go before looks at the peers. A fenced node has nothing to do any more.</summary>
    public OwnershipDue Next(TimeSpan now)
    {
        if (IsFenced)
            return new OwnershipDue(OwnershipTask.Wait, TimeSpan.MaxValue);
        if (now >= _nextRenewal)
            return new OwnershipDue(OwnershipTask.Renew, now);
        var read = NextRead();
        return now >= read ? new OwnershipDue(OwnershipTask.Read, now) : new OwnershipDue(OwnershipTask.Wait, read < _nextRenewal ? read : _nextRenewal);
    }

    /// <summary>A renewal began at <paramref name="started"/> and was answered at <paramref name="ended"/>; <paramref name="kept"/> is false when the row was no longer live.</summary>
    public void Renewed(TimeSpan started, TimeSpan ended, bool kept)
    {
        if (!kept)
        {
            IsFenced = true;
            return;
        }
        if (started + _settings.Tenure > Deadline)
            Deadline = started + _settings.Tenure;
        if (started - _lastRenewal > _settings.LongestGap || ended - started > _settings.LongestGap)
            Unwatch();
        _lastRenewal = ended;
        _nextRenewal = started + _settings.Renewal;
    }

    /// <summary>A renewal did not succeed, as far as this node knows: the peers' may not either.</summary>
    public void RenewalFailed(TimeSpan now)
    {
        Unwatch();
        _nextRenewal = now + _settings.ReadEvery;
    }

    /// <summary>All nodes' rows, asked for at <paramref name="started"/> and received at <paramref name="ended"/>.</summary>
    public void Read(TimeSpan started, TimeSpan ended, IReadOnlyCollection<NodeLeaseRow> rows)
    {
        var continuous = _lastRead is { } last && started - last <= _settings.LongestGap && ended - started <= _settings.LongestGap;
        foreach (var row in rows)
        {
            if (row.Uid == Uid)
                IsFenced |= row.State != LeaseState.Live;
            else if (_peers.TryGetValue(row.Uid, out var peer))
                Seen(peer, row, started, ended, continuous);
            else
                _peers.Add(row.Uid, new Peer(row, ended));
        }
        var present = rows.Select(row => row.Uid).ToHashSet();
        // A row is only deleted after its node was put out.
        foreach (var gone in _peers.Keys.Where(uid => !present.Contains(uid)).ToArray())
            _peers.Remove(gone);
        IsFenced |= !present.Contains(Uid);
        _lastRead = ended;
        _nextRead = ended + _settings.ReadEvery;
    }

    /// <summary>A look at the peers did not succeed: what they did meanwhile is unknown, so their time begins anew with the next one.</summary>
    public void ReadFailed(TimeSpan now)
    {
        Unwatch();
        _nextRead = now + _settings.ReadEvery;
    }

    /// <summary>
    /// A peer's connection closed, and its address refused one that was tried at <paramref name="attempted"/>. Ignored when
    /// the peer was first seen after that: then it is its former incarnation that has ended.
    /// </summary>
    public void ConnectionRefused(long uid, TimeSpan attempted)
    {
        if (!_peers.TryGetValue(uid, out var peer) || peer.FirstSeen > attempted || peer.RefusedAt is not null)
            return;
        peer.RefusedAt = attempted;
        // Its last renewal may be later than the last look.
        _nextRead = attempted;
    }

    /// <summary>Whether what <paramref name="owner"/> owns may be taken, by a node that has it to do.</summary>
    public Takeability MayTakeFrom(long owner, TimeSpan now)
    {
        if (owner == Uid)
            return new Takeability(TakeoverVerdict.Own, 0);
        if (!Holds(now))
            return new Takeability(TakeoverVerdict.NotHolding, 0);
        if (!_peers.TryGetValue(owner, out var peer))
            return new Takeability(TakeoverVerdict.Live, 0);
        var verdict = peer.Row.State switch
        {
            LeaseState.Out => TakeoverVerdict.Out,
            LeaseState.Condemned => TakeoverVerdict.Condemned,
            _ => peer.Refused ? TakeoverVerdict.Refused : peer.Expired ? TakeoverVerdict.Expired : TakeoverVerdict.Live,
        };
        return new Takeability(verdict, peer.Row.Counter);
    }

    /// <summary>What came before the next look does not count.</summary>
    private void Unwatch()
    {
        _lastRead = null;
        foreach (var peer in _peers.Values)
            peer.Expired = false;
    }

    private void Seen(Peer peer, NodeLeaseRow row, TimeSpan started, TimeSpan ended, bool continuous)
    {
        var unchanged = row.Counter == peer.Row.Counter;
        peer.Row = row;
        if (!unchanged || !continuous)
        {
            peer.Since = ended;
            peer.Expired = false;
        }
        else if (started - peer.Since >= _settings.Lease)
        {
            peer.Expired = true;
        }
        if (peer.Refused && !unchanged)
            // Its address refuses us and yet it renews: it lives, behind something that refuses in its place.
            (peer.Refused, peer.RefusedAt) = (false, null);
        else if (peer.RefusedAt <= started)
            peer.Refused = true;
    }

    /// <summary>A look more when a peer's lease has just run out, rather than up to a whole interval later.</summary>
    private TimeSpan NextRead()
    {
        if (_lastRead is null)
            return _nextRead;
        var next = _nextRead;
        foreach (var peer in _peers.Values)
            if (!peer.Expired && peer.Row.State == LeaseState.Live && peer.Since + _settings.Lease < next)
                next = peer.Since + _settings.Lease;
        return next;
    }

    private sealed class Peer(NodeLeaseRow row, TimeSpan seen)
    {
        public NodeLeaseRow Row { get; set; } = row;

        public TimeSpan FirstSeen { get; } = seen;

        public TimeSpan Since { get; set; } = seen;

        public bool Expired { get; set; }

        public TimeSpan? RefusedAt { get; set; }

        /// <summary>Refused, and looked at since.</summary>
        public bool Refused { get; set; }
    }
}
