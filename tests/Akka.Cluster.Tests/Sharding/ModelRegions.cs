using Akka.Actor;
using Akka.Cluster.Sharding.Coordination;

namespace Akka.Cluster.Tests.Sharding;

/// <summary>A reference that stands for a region and receives nothing.</summary>
internal sealed class ModelRef(string name, int node, int uid) : MinimalActorRef
{
    public override ActorPath Path { get; } = (new RootActorPath(new Address("akka.tcp", "model", "127.0.0.1", node)) / "system" / "sharding" / name).WithUid(uid);

    public override IActorRefProvider Provider => null!;
}

/// <summary>A region as the coordinator sees it: what it runs, and what is on its way to and from it, in order.</summary>
internal sealed class ModelRegion(int node, int uid)
{
    private readonly Dictionary<string, List<(int Coordinator, HandOff Asked)>> _stopping = [];
    private readonly HashSet<string> _again = [];

    public ModelRef Ref { get; } = new("entities", node, uid);

    public int Node => node;

    public int Uid => uid;

    public HashSet<string> Runs { get; } = [];

    public bool Crashed { get; set; }

    /// <summary>The number of the coordinator that it takes orders from.</summary>
    public int Registered { get; private set; }

    public Queue<(int Coordinator, object Message)> Inbox { get; } = new();

    public Queue<(int Coordinator, object Message)> Outbox { get; } = new();

    public IReadOnlyCollection<string> Stopping => _stopping.Keys;

    public void Receive(int coordinator, object message)
    {
        if (message is RegisterAck ack)
        {
            Registered = coordinator;
            foreach (var shard in Runs.Except(ack.Shards).ToList()) _stopping.TryAdd(shard, []);
        }
        if (coordinator != Registered) return;
        switch (message)
        {
            case HostShard host:
                if (_stopping.ContainsKey(host.Shard)) _again.Add(host.Shard);
                else Runs.Add(host.Shard);
                Outbox.Enqueue((coordinator, new ShardStarted(host.Shard)));
                break;
            case ShardHome home when !home.Region.Equals(Ref) && Runs.Contains(home.Shard):
                _stopping.TryAdd(home.Shard, []);
                break;
            case BeginHandOff begin: Outbox.Enqueue((coordinator, new BeginHandOffAck(begin.Shard, begin.Attempt))); break;
            case HandOff handOff:
                _again.Remove(handOff.Shard);
                if (!Runs.Contains(handOff.Shard)) Outbox.Enqueue((coordinator, new ShardStopped(handOff.Shard, handOff.Attempt)));
                else
                {
                    _stopping.TryAdd(handOff.Shard, []);
                    _stopping[handOff.Shard].Add((coordinator, handOff));
                }
                break;
        }
    }

    public void Stopped(string shard)
    {
        Runs.Remove(shard);
        _stopping.Remove(shard, out var asked);
        foreach (var (coordinator, handOff) in asked!) Outbox.Enqueue((coordinator, new ShardStopped(shard, handOff.Attempt)));
        if (_again.Remove(shard)) Runs.Add(shard);
    }
}
