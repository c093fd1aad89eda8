using System.Collections.Concurrent;

namespace Akka.Actor;

/// <summary>The references behind asks, by name.</summary>
internal sealed class TempActorRefs(IActorRefProvider provider, ActorPath path) : MinimalActorRef
{
    private readonly ConcurrentDictionary<string, IInternalActorRef> _refs = new();

    public override ActorPath Path { get; } = path;

    public override IActorRefProvider Provider { get; } = provider;

    internal void Add(string name, IInternalActorRef actor) => _refs[name] = actor;

    internal void Remove(string name) => _refs.TryRemove(name, out _);

    public override IActorRef GetChild(IReadOnlyList<string> name) => name.Count == 1 && _refs.TryGetValue(name[0], out var found) ? found : base.GetChild(name);
}
