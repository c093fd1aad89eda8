namespace Actors.Machines.Tests;

/// <summary>One start of a node, as <c>NodeLease</c> and <c>SqlLease</c> drive the machine.</summary>
internal sealed class OwnershipNode(OwnershipWorld world, int id)
{
    private readonly List<Action> _frozen = [];
    private double _rate = world.Rate();
    private TimeSpan _offset = world.Between(0, 1_000_000);
    private OwnershipMachine? _machine;
    private TimeSpan _ended = TimeSpan.MaxValue;
    private long _wake;
    private bool _asking;
    private int _appends;
    private int _next;
    private long _terms;
    private readonly Dictionary<int, long> _held = [];

    public int Id => id;

    public long Uid { get; } = world.NewUid();

    public bool IsAlive { get; private set; } = true;

    public bool IsFrozen { get; private set; }

    public bool IsConnected { get; set; } = true;

    public bool IsFenced => _machine?.IsFenced ?? false;

    public bool Holds => _machine?.Holds(Clock) ?? false;

    /// <summary>Shards whose actors run here: from the lease's acquisition until it is released or the node knows itself fenced.</summary>
    public IReadOnlyCollection<int> Believes => _held.Keys;

    private TimeSpan Clock => _offset + (world.Now * _rate);

    public override string ToString() => $"node {id}/{Uid}";

    public void Begin() => PutFormersOut([.. world.Database.Nodes.Values.Where(row => row.NodeId == id && row.Uid != Uid && row.State != LeaseState.Out)]);

    public void Later(Action action)
    {
        if (!IsAlive)
            return;
        if (IsFrozen)
            _frozen.Add(action);
        else
            action();
    }

    public void Freeze(TimeSpan time)
    {
        IsFrozen = true;
        world.Tell($"{this} freezes for {time.TotalMilliseconds:0}");
        world.After(time, Thaw);
    }

    public void Thaw()
    {
        if (!IsFrozen)
            return;
        IsFrozen = false;
        world.Tell($"{this} thaws");
        var waiting = _frozen.ToArray();
        _frozen.Clear();
        foreach (var action in waiting)
            Later(action);
    }

    /// <summary>From now on the clock runs at another rate, from where it is.</summary>
    public void Drift(double rate)
    {
        _offset += world.Now * (_rate - rate);
        _rate = rate;
        Later(Wake);
    }

    public void Kill(bool noticed)
    {
        IsAlive = false;
        _ended = world.Now;
        world.Tell($"{this} is killed{(noticed ? ", its address refuses" : "")}");
        _held.Clear();
        if (!noticed)
            return;
        foreach (var peer in world.Alive.ToArray())
            world.After(world.Between(0, 300), () => peer.Later(() => peer.Refused(Uid)));
    }

    /// <summary>An attempt to connect to the peer was refused just now.</summary>
    public void Refused(long peer)
    {
        _machine?.ConnectionRefused(peer, Clock);
        Wake();
    }

    public void Release()
    {
        if (_appends > 0 || Believes.Count == 0)
            return;
        var (shard, term) = _held.First();
        _held.Remove(shard);
        world.Ask(this, () => world.Database.Release(shard, Uid, term), _ => { }, () => { });
    }

    private void PutFormersOut(Queue<NodeLeaseRow> formers)
    {
        if (formers.TryDequeue(out var former))
        {
            Carry(Takeover.First(former.State), former.Uid, () => world.Database.CondemnFormer(former.Uid), () => PutFormersOut(formers), Again);
            return;
        }
        var inserted = Clock;
        world.Ask(this, () =>
        {
            world.Database.Insert(Uid, id);
            return true;
        }, _ =>
        {
            world.Tell($"{this} begins");
            _machine = new OwnershipMachine(world.Settings, Uid, inserted);
            Wake();
            Acquire();
            Append();
        }, () =>
        {
            // Whether the row stands is unknown: the process gives up, and another one starts.
            IsAlive = false;
            world.Start(id);
        });
        void Again() => world.After(world.Between(100, 300), () => Later(Begin));
    }

    private void PutFormersOut(NodeLeaseRow[] formers) => PutFormersOut(new Queue<NodeLeaseRow>(formers));

    private void Wake() => Loop(++_wake);

    private void Loop(long wake)
    {
        if (_machine is null || _asking || wake != _wake)
            return;
        if (_machine.IsFenced)
        {
            if (Believes.Count > 0)
                world.Tell($"{this} finds itself fenced");
            _held.Clear();
            return;
        }
        var due = _machine.Next(Clock);
        var started = Clock;
        switch (due.Task)
        {
            case OwnershipTask.Wait:
                world.After(((due.At - Clock) / _rate) + TimeSpan.FromMilliseconds(0.1), () => Later(() => Loop(wake)));
                break;
            case OwnershipTask.Renew:
                _asking = true;
                world.Ask(this, () => world.Database.Renew(Uid), kept => Done(() => _machine.Renewed(started, Clock, kept)), () => Done(() => _machine.RenewalFailed(Clock)));
                break;
            case OwnershipTask.Read:
                _asking = true;
                world.Ask(this, () => world.Database.Nodes.Values.ToArray(), rows => Done(() => _machine.Read(started, Clock, rows)), () => Done(() => _machine.ReadFailed(Clock)));
                break;
        }
        void Done(Action change)
        {
            _asking = false;
            change();
            Wake();
        }
    }

    /// <summary>One attempt after the other, at one shard after the other.</summary>
    private void Acquire()
    {
        if (_machine is null || _machine.IsFenced)
            return;
        var (shard, term) = (_next++ % OwnershipWorld.Shards, ++_terms);
        void Again() => world.After(world.Between(50, 200), () => Later(Acquire));
        void Taken(bool taken)
        {
            // What was taken counts only if the own lease holds still.
            if (taken && Holds && _held.TryAdd(shard, term))
                world.Tell($"{this} owns shard {shard}");
            Again();
        }
        if (!Holds || _held.ContainsKey(shard))
        {
            Again();
            return;
        }
        world.Ask(this, () => world.Database.OwnerOf(shard), owner =>
        {
            if (owner is not { } found)
                world.Ask(this, () => world.Database.TakeFree(shard, Uid, term), Taken, Again);
            else if (found.Uid == Uid || found.State == LeaseState.Out)
                TakeFrom(found.Uid);
            else if (_machine.MayTakeFrom(found.Uid, Clock) is { MayPutOut: true } verdict)
                PutOut(found.Uid, verdict);
            else
                Again();
        }, Again);
        void TakeFrom(long owner) => world.Ask(this, () => world.Database.TakeFrom(shard, owner, Uid, term), Taken, Again);
        void PutOut(long owner, Takeability verdict)
        {
            world.Tell($"{this} puts {owner} out: {verdict}");
            Carry(Takeover.First(verdict.Verdict == TakeoverVerdict.Condemned ? LeaseState.Condemned : LeaseState.Live), owner,
                () => world.Database.Condemn(owner, verdict.Counter, Uid), () => TakeFrom(owner), Again);
        }
    }

    private void Carry(TakeoverStep step, long owner, Func<LeaseState> condemn, Action done, Action failed)
    {
        void Next(LeaseState state) => Carry(Takeover.After(step, state), owner, condemn, done, failed);
        switch (step)
        {
            case TakeoverStep.Condemn:
                world.Ask(this, condemn, Next, failed);
                break;
            case TakeoverStep.FenceWriter:
                world.Ask(this, () => world.Database.Fenced.Add(owner), _ => Next(LeaseState.Condemned), failed);
                break;
            case TakeoverStep.MarkOut:
                world.Ask(this, () => world.Database.MarkOut(owner), _ => Next(LeaseState.Condemned), failed);
                break;
            case TakeoverStep.EndSessions:
                Next(LeaseState.Condemned);
                break;
            case TakeoverStep.TakeRows:
                done();
                break;
            default:
                failed();
                break;
        }
    }

    /// <summary>
    /// Actors write as long as they run, whether or not the lease holds; they answer only while it does. A write is waited for before its shard is released:
    /// the journal gives one up after a minute at the earliest, and behind that stands the unique key.
    /// </summary>
    private void Append()
    {
        if (_machine is null || _machine.IsFenced)
            return;
        foreach (var shard in Believes)
        {
            _appends++;
            world.Ask(this, () => Store(shard), stored =>
            {
                _appends--;
                if (stored && Holds)
                    world.Acknowledged++;
            }, () => _appends--, isPatient: true);
        }
        world.After(world.Between(40, 120), () => Later(Append));
    }

    private bool Store(int shard)
    {
        if (world.Database.Fenced.Contains(Uid))
            return false;
        // What was on its way when its process was killed may still arrive; it is there before anybody takes over.
        if (world.Database.Owners.GetValueOrDefault(shard).Uid != Uid)
            world.Fail($"{this} stored an event of shard {shard}, which belongs to {world.Database.Owners.GetValueOrDefault(shard)} (killed at {_ended.TotalMilliseconds:0})");
        return true;
    }
}
