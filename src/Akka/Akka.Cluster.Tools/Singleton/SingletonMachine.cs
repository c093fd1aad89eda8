namespace Akka.Cluster.Tools.Singleton;

/// <summary>What a manager's actor does for the machine.</summary>
internal abstract record SingletonEffect
{
    internal sealed record Tell(UniqueAddress Peer, IClusterSingletonMessage Message) : SingletonEffect;

    internal sealed record StartSingleton : SingletonEffect;

    /// <summary>Send it the termination message; its end is <see cref="SingletonMachine.SingletonEnded"/>.</summary>
    internal sealed record StopSingleton : SingletonEffect;

    /// <summary>Its answer is <see cref="SingletonMachine.LeaseAnswered"/>.</summary>
    internal sealed record AcquireLease : SingletonEffect;

    internal sealed record AcquireLeaseLater : SingletonEffect;

    internal sealed record ReleaseLease : SingletonEffect;

    /// <summary>After the retry interval: <see cref="SingletonMachine.Retry"/>.</summary>
    internal sealed record RetryLater : SingletonEffect;

    /// <summary>This node may leave: it runs no singleton and will start none.</summary>
    internal sealed record MayLeave : SingletonEffect;

    internal sealed record StopManager : SingletonEffect;
}

/// <summary>
/// One manager's part in keeping the singleton one: the oldest runs it, and a new oldest starts it only after each older node
/// said that it does not run it, or is removed.
/// </summary>
internal sealed class SingletonMachine(UniqueAddress self, bool needsLease)
{
    private readonly HashSet<UniqueAddress> _removed = [];
    private readonly List<UniqueAddress> _previous = [];
    private List<SingletonEffect> _effects = [];
    private UniqueAddress _oldest;
    private UniqueAddress _newOldest;
    private bool _running;
    private bool _selfExits;

    public ClusterSingletonState State { get; private set; } = ClusterSingletonState.Start;

    public bool Running => _running;

    /// <summary>The oldest that stays, null if there is none, and those that are going and may still run the singleton, oldest first.</summary>
    public IReadOnlyList<SingletonEffect> Begin(UniqueAddress oldest, IEnumerable<UniqueAddress> going)
    {
        _previous.AddRange(going.Where(node => node != self));
        State = ClusterSingletonState.Younger;
        _oldest = oldest;
        return Evaluated();
    }

    public IReadOnlyList<SingletonEffect> OldestChanged(UniqueAddress oldest)
    {
        if (_oldest is not null && _oldest != self && _oldest != oldest && !_removed.Contains(_oldest) && !_previous.Contains(_oldest)) _previous.Add(_oldest);
        _oldest = oldest;
        if (State == ClusterSingletonState.WasOldest && _oldest != _newOldest) BecomeOldestAgainOrHandOver();
        return Evaluated();
    }

    public IReadOnlyList<SingletonEffect> MemberRemoved(UniqueAddress node)
    {
        if (node == self)
        {
            Halt();
            return Taken();
        }
        _removed.Add(node);
        _previous.Remove(node);
        if (State == ClusterSingletonState.BecomingOldest && _previous.Count == 0) Take();
        return Evaluated();
    }

    /// <summary>This node was declared down: whatever runs stops.</summary>
    public IReadOnlyList<SingletonEffect> SelfDowned()
    {
        Halt();
        return Taken();
    }

    /// <summary>This node is about to leave; before, it hands over.</summary>
    public IReadOnlyList<SingletonEffect> SelfExits(UniqueAddress next)
    {
        _selfExits = true;
        _oldest = next;
        if (State == ClusterSingletonState.WasOldest && _oldest != _newOldest) BecomeOldestAgainOrHandOver();
        if (State is ClusterSingletonState.Start or ClusterSingletonState.Younger or ClusterSingletonState.BecomingOldest or ClusterSingletonState.End) _effects.Add(new SingletonEffect.MayLeave());
        return Evaluated();
    }

    public IReadOnlyList<SingletonEffect> Received(IClusterSingletonMessage message, UniqueAddress from)
    {
        switch (message)
        {
            case HandOverToMe asked: AskedToHandOver(from, asked.NodeUid); break;
            case TakeOverFromMe: AskedToTakeOver(from); break;
            // It answers for itself alone: one that was about to be the oldest does not know of those before it.
            case HandOverDone when State == ClusterSingletonState.BecomingOldest:
                _previous.RemoveAll(node => node.Address == from.Address);
                if (_previous.Count == 0) Take();
                break;
        }
        return Evaluated();
    }

    public IReadOnlyList<SingletonEffect> Retry()
    {
        switch (State)
        {
            case ClusterSingletonState.BecomingOldest: AskToHandOver(); break;
            case ClusterSingletonState.WasOldest when _newOldest is not null: AskToTakeOver(); break;
        }
        return Taken();
    }

    public IReadOnlyList<SingletonEffect> SingletonEnded()
    {
        _running = false;
        switch (State)
        {
            case ClusterSingletonState.AcquiringLease: _effects.Add(new SingletonEffect.AcquireLease()); break;
            case ClusterSingletonState.HandingOver: HandedOver(); break;
            case ClusterSingletonState.Stopping: Halt(); break;
        }
        return Evaluated();
    }

    /// <summary>The answer to the last question only; one that a release came after counts no more.</summary>
    public IReadOnlyList<SingletonEffect> LeaseAnswered(bool acquired)
    {
        if (State != ClusterSingletonState.AcquiringLease || _running) return Taken();
        if (acquired) Run();
        else _effects.Add(new SingletonEffect.AcquireLeaseLater());
        return Evaluated();
    }

    public IReadOnlyList<SingletonEffect> LeaseRetry()
    {
        if (State == ClusterSingletonState.AcquiringLease && !_running) _effects.Add(new SingletonEffect.AcquireLease());
        return Taken();
    }

    /// <summary>Another may hold the lease and run the singleton: ours stops, and waits for the lease again.</summary>
    public IReadOnlyList<SingletonEffect> LeaseLost()
    {
        if (State is not (ClusterSingletonState.Oldest or ClusterSingletonState.WasOldest)) return Taken();
        State = ClusterSingletonState.AcquiringLease;
        _effects.Add(_running ? new SingletonEffect.StopSingleton() : new SingletonEffect.AcquireLease());
        return Evaluated();
    }

    private void AskedToHandOver(UniqueAddress from, int nodeUid)
    {
        switch (State)
        {
            // Meant for an earlier node at this address: that runs nothing any more.
            case not ClusterSingletonState.Start when nodeUid != self.Uid: Tell(from, new HandOverDone()); break;
            // The other one knows that this node goes, this one does not yet: it must not start what it says it does not run.
            case ClusterSingletonState.Younger or ClusterSingletonState.End:
                State = ClusterSingletonState.End;
                Tell(from, new HandOverDone());
                break;
            case ClusterSingletonState.AcquiringLease or ClusterSingletonState.Oldest or ClusterSingletonState.WasOldest: HandOver(from); break;
            case ClusterSingletonState.HandingOver or ClusterSingletonState.Stopping:
                _newOldest = from;
                Tell(from, new HandOverInProgress());
                break;
        }
    }

    private void AskedToTakeOver(UniqueAddress from)
    {
        switch (State)
        {
            case ClusterSingletonState.BecomingOldest:
                if (_previous.All(node => node.Address != from.Address) && !_removed.Contains(from)) _previous.Add(from);
                Tell(from, new HandOverToMe(from.Uid));
                break;
            case ClusterSingletonState.AcquiringLease or ClusterSingletonState.Oldest: Tell(from, new HandOverToMe(from.Uid)); break;
        }
    }

    // In the states in which nothing is under way, the oldest decides what is next.
    private List<SingletonEffect> Evaluated()
    {
        if (State == ClusterSingletonState.Younger && _oldest == self && !_selfExits)
        {
            if (_previous.Count == 0) Take();
            else
            {
                State = ClusterSingletonState.BecomingOldest;
                AskToHandOver();
            }
        }
        if (State is ClusterSingletonState.Oldest or ClusterSingletonState.AcquiringLease && _oldest != self)
        {
            State = ClusterSingletonState.WasOldest;
            BecomeOldestAgainOrHandOver();
        }
        return Taken();
    }

    private void BecomeOldestAgainOrHandOver()
    {
        _newOldest = _oldest;
        if (_oldest == self) State = ClusterSingletonState.Oldest;
        else if (_oldest is null || !_running) HandOver(_oldest);
        else AskToTakeOver();
    }

    private void Take()
    {
        _previous.Clear();
        if (_oldest != self || _selfExits) State = ClusterSingletonState.Younger;
        else if (!needsLease) Run();
        else
        {
            State = ClusterSingletonState.AcquiringLease;
            _effects.Add(new SingletonEffect.AcquireLease());
        }
    }

    private void Run()
    {
        State = ClusterSingletonState.Oldest;
        _running = true;
        _effects.Add(new SingletonEffect.StartSingleton());
    }

    private void HandOver(UniqueAddress to)
    {
        State = ClusterSingletonState.HandingOver;
        _newOldest = to;
        if (_running)
        {
            if (to is not null) Tell(to, new HandOverInProgress());
            _effects.Add(new SingletonEffect.StopSingleton());
        }
        else HandedOver();
    }

    private void HandedOver()
    {
        if (needsLease) _effects.Add(new SingletonEffect.ReleaseLease());
        if (_newOldest is not null) Tell(_newOldest, new HandOverDone());
        if (_selfExits) _effects.Add(new SingletonEffect.MayLeave());
        // Only a node that goes is asked to hand over: it will not be the oldest again.
        State = _selfExits || _newOldest is not null ? ClusterSingletonState.End : ClusterSingletonState.Younger;
    }

    private void Halt()
    {
        if (_running && State != ClusterSingletonState.Stopping)
        {
            if (State is not (ClusterSingletonState.HandingOver or ClusterSingletonState.AcquiringLease)) _effects.Add(new SingletonEffect.StopSingleton());
            State = ClusterSingletonState.Stopping;
        }
        else if (!_running)
        {
            if (needsLease) _effects.Add(new SingletonEffect.ReleaseLease());
            State = ClusterSingletonState.End;
            _effects.Add(new SingletonEffect.StopManager());
        }
    }

    private void AskToHandOver()
    {
        foreach (var node in _previous) Tell(node, new HandOverToMe(node.Uid));
        _effects.Add(new SingletonEffect.RetryLater());
    }

    private void AskToTakeOver()
    {
        Tell(_newOldest, new TakeOverFromMe());
        _effects.Add(new SingletonEffect.RetryLater());
    }

    private void Tell(UniqueAddress peer, IClusterSingletonMessage message) => _effects.Add(new SingletonEffect.Tell(peer, message));

    private List<SingletonEffect> Taken()
    {
        var effects = _effects;
        _effects = [];
        return effects;
    }
}
