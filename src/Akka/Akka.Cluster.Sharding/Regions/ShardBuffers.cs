using Akka.Actor;

namespace Akka.Cluster.Sharding.Regions;

/// <summary>Messages that wait for their shard's home or start; bounded over all shards together.</summary>
internal sealed class ShardBuffers(int capacity)
{
    private readonly Dictionary<string, List<(object Message, IActorRef Sender)>> _messages = [];

    public int Count { get; private set; }

    public IReadOnlyCollection<string> Shards => _messages.Keys;

    public bool Contains(string shard) => _messages.ContainsKey(shard);

    /// <summary>False if there is no room.</summary>
    public bool Add(string shard, object message, IActorRef sender)
    {
        if (Count >= capacity) return false;
        if (!_messages.TryGetValue(shard, out var waiting)) _messages[shard] = waiting = [];
        waiting.Add((message, sender));
        Count++;
        return true;
    }

    /// <summary>All messages of the shard, in the order they came; they wait no more.</summary>
    public IReadOnlyList<(object Message, IActorRef Sender)> Take(string shard)
    {
        if (!_messages.Remove(shard, out var waiting)) return [];
        Count -= waiting.Count;
        return waiting;
    }
}
