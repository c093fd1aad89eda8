using System.Collections.Concurrent;
using Akka.Actor;

namespace Akka.Event;

/// <summary>The node at the address is lost, for good.</summary>
internal sealed class AddressTerminated(Address address) : IAutoReceivedMessage, IPossiblyHarmful, IDeadLetterSuppression
{
    internal Address Address { get; } = address;
}

/// <summary>Tells actors that watch across nodes of lost nodes.</summary>
internal sealed class AddressTerminatedTopic : IExtension
{
    private readonly ConcurrentDictionary<IActorRef, byte> _subscribers = new();

    internal static AddressTerminatedTopic Get(ActorSystem system) => system.WithExtension<AddressTerminatedTopic, AddressTerminatedTopicId>();

    internal void Subscribe(IActorRef subscriber) => _subscribers.TryAdd(subscriber, 0);

    internal void Unsubscribe(IActorRef subscriber) => _subscribers.TryRemove(subscriber, out _);

    internal void Publish(AddressTerminated message)
    {
        foreach (var subscriber in _subscribers.Keys) subscriber.Tell(message, ActorRefs.NoSender);
    }
}

internal sealed class AddressTerminatedTopicId : ExtensionIdProvider<AddressTerminatedTopic>
{
    public override AddressTerminatedTopic CreateExtension(ExtendedActorSystem system) => new();
}
