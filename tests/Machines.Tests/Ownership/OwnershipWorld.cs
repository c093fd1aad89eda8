using Xunit;

namespace Actors.Machines.Tests;

/// <summary>What may befall a cluster.</summary>
internal sealed record Disruptions
{
    /// <summary>Statements that take long, fail after they were carried out, or are carried out after their node gave up.</summary>
    public bool SlowStatements { get; init; }

    /// <summary>A living peer's address refuses; a node starts again while its former start lives; clocks stop.</summary>
    public bool Deceptions { get; init; }
}

/// <summary>Nodes, their clocks, a network and a database in simulated time. Every node tries all the time to own every shard, and appends to what it believes it owns.</summary>
internal sealed class OwnershipWorld(int seed, OwnershipSettings settings, Disruptions disruptions)
{
    public const int Shards = 3;
    private readonly Random _random = new(seed);
    private readonly PriorityQueue<Action, (TimeSpan At, long Order)> _events = new();
    private readonly OwnershipNode?[] _serving = new OwnershipNode?[Shards];
    private long _order;
    private long _uids;

    public OwnershipDatabase Database { get; } = new();

    public OwnershipSettings Settings => settings;

    public Disruptions Disruptions => disruptions;

    public List<OwnershipNode> Nodes { get; } = [];

    public List<string> Story { get; } = [];

    public TimeSpan Now { get; private set; }

    public bool DatabaseIsUp { get; set; } = true;

    /// <summary>Statements are quick and nothing is lost.</summary>
    public bool Calm { get; set; }

    public int Acknowledged { get; set; }

    public IEnumerable<OwnershipNode> Alive => Nodes.Where(node => node.IsAlive);

    public long NewUid() => ++_uids;

    public TimeSpan Between(int least, int most) => TimeSpan.FromMilliseconds(_random.Next(least, most + 1));

    public bool Chance(int percent) => _random.Next(100) < percent;

    public int Any(int count) => _random.Next(count);

    public double Rate() => 0.97 + (_random.NextDouble() * 0.06);

    public void After(TimeSpan delay, Action action) => _events.Enqueue(action, (Now + delay, _order++));

    public void Tell(string what) => Story.Add($"{Now.TotalMilliseconds,8:0} {what}");

    public OwnershipNode Start(int id)
    {
        var node = new OwnershipNode(this, id);
        Nodes.Add(node);
        node.Begin();
        return node;
    }

    public void Run(TimeSpan time)
    {
        var until = Now + time;
        while (_events.TryPeek(out _, out var next) && next.At <= until)
        {
            var action = _events.Dequeue();
            Now = next.At;
            action();
            Check();
        }
        Now = until;
        Check();
    }

    /// <summary>A statement of a node: on its way, carried out, and answered, or not; one of the two callbacks is called once, unless the node ends before.</summary>
    /// <param name="isPatient">Waits as long as the statement takes. Others are given up in time to try again within the lease, and may be carried out all the same.</param>
    public void Ask<T>(OwnershipNode node, Func<T> statement, Action<T> answered, Action failed, bool isPatient = false)
    {
        var open = true;
        void Settle(Action end) => node.Later(() =>
        {
            if (!open)
                return;
            open = false;
            end();
        });
        var rough = disruptions.SlowStatements && !Calm;
        After(rough && Chance(8) ? Between(100, 5_000) : Between(1, 15), () =>
        {
            if (!DatabaseIsUp || !node.IsConnected)
            {
                After(Between(0, 1_000), () => Settle(failed));
                return;
            }
            var result = statement();
            After(rough && Chance(8) ? Between(100, 5_000) : Between(1, 15), () =>
            {
                if (rough && Chance(4))
                    Settle(failed);
                else
                    Settle(() => answered(result));
            });
        });
        if (!isPatient)
            After(settings.Tenure - settings.Renewal, () => Settle(failed));
    }

    private void Check()
    {
        Array.Clear(_serving);
        foreach (var node in Nodes)
        {
            if (!node.IsAlive || node.Believes.Count == 0)
                continue;
            var (fenced, holds) = (Database.Fenced.Contains(node.Uid), !disruptions.Deceptions && node.Holds);
            foreach (var shard in node.Believes)
            {
                if (!fenced && Database.Owners.GetValueOrDefault(shard).Uid != node.Uid)
                    Fail($"{node} may write shard {shard}, which belongs to {Database.Owners.GetValueOrDefault(shard)}");
                if (holds && _serving[shard] is { } other)
                    Fail($"{node} and {other} serve shard {shard} at once");
                if (holds)
                    _serving[shard] = node;
            }
        }
    }

    public void Fail(string what) => Assert.Fail($"{what}\n{string.Join('\n', Story)}\n{Now.TotalMilliseconds,8:0} {what}");
}
