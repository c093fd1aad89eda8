using Akka.Actor;

namespace Akka.Cluster.Sharding.Coordination;

/// <summary>One shard on its way from its home: first every region promises to send it nothing more, then its home stops it.</summary>
internal sealed class HandOffProgress(string shard, IActorRef home, long attempt, IEnumerable<IActorRef> regions)
{
    private readonly HashSet<IActorRef> _silent = [.. regions];

    public string Shard => shard;

    public IActorRef Home => home;

    public long Attempt => attempt;

    /// <summary>Those that have not promised yet.</summary>
    public IReadOnlyCollection<IActorRef> Silent => _silent;

    public bool Stopping => _silent.Count == 0;

    /// <summary>Who asked for the shard's home meanwhile.</summary>
    public HashSet<IActorRef> Requesters { get; } = [];

    /// <summary>The region promised, or is gone. True if it was the last: the home is to stop the shard now.</summary>
    public bool Promised(IActorRef region) => _silent.Remove(region) && Stopping;
}
