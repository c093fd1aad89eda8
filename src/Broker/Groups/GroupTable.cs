using System.Collections.Concurrent;
using Akka.Actor;

namespace Actors.Broker.Groups;

/// <summary>The groups that this node coordinates. An actor enters once it has recovered and leaves when it stops.</summary>
internal sealed class GroupTable
{
    private readonly ConcurrentDictionary<string, IActorRef> _coordinated = new();

    public int Count => _coordinated.Count;

    public IReadOnlyCollection<KeyValuePair<string, IActorRef>> All => _coordinated.ToArray();

    /// <summary>False until the groups that the journal holds are known.</summary>
    public volatile bool IsLoaded;

    public IActorRef? Find(string group) => _coordinated.GetValueOrDefault(group);

    public void Enter(string group, IActorRef actor) => _coordinated[group] = actor;

    public void Leave(string group, IActorRef actor) => _coordinated.TryRemove(new KeyValuePair<string, IActorRef>(group, actor));
}
