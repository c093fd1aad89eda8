using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;

namespace Akka.Cluster.Tools.PublishSubscribe;

/// <summary>Marks what mediators tell each other.</summary>
public interface IDistributedPubSubMessage;

/// <summary>Told to the mediator of this node: the actor gets what is published to the topic. Answered by <see cref="SubscribeAck"/>.</summary>
public sealed class Subscribe : IEquatable<Subscribe>
{
    /// <exception cref="NotSupportedException">A group is given: this stand-in has none.</exception>
    public Subscribe(string topic, IActorRef @ref, string group = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(topic);
        ArgumentNullException.ThrowIfNull(@ref);
        if (!string.IsNullOrEmpty(group)) throw new NotSupportedException("Groups of subscribers are not supported");
        Topic = topic;
        Ref = @ref;
    }

    public string Topic { get; }

    public IActorRef Ref { get; }

    /// <summary>Null.</summary>
    public string Group { get; }

    public bool Equals(Subscribe other) => other is not null && Topic == other.Topic && Equals(Ref, other.Ref);

    public override bool Equals(object obj) => Equals(obj as Subscribe);

    public override int GetHashCode() => HashCode.Combine(Topic, Ref);

    public override string ToString() => $"Subscribe<topic:{Topic}, ref:{Ref}>";
}

/// <summary>The actor is subscribed; other nodes hear of it a little later.</summary>
public sealed class SubscribeAck(Subscribe subscribe) : IDeadLetterSuppression, IEquatable<SubscribeAck>
{
    public Subscribe Subscribe { get; } = subscribe;

    public bool Equals(SubscribeAck other) => other is not null && Equals(Subscribe, other.Subscribe);

    public override bool Equals(object obj) => Equals(obj as SubscribeAck);

    public override int GetHashCode() => Subscribe.GetHashCode();

    public override string ToString() => $"SubscribeAck<{Subscribe}>";
}

/// <summary>Told to the mediator of this node; answered by <see cref="UnsubscribeAck"/>.</summary>
public sealed class Unsubscribe : IEquatable<Unsubscribe>
{
    /// <exception cref="NotSupportedException">A group is given: this stand-in has none.</exception>
    public Unsubscribe(string topic, IActorRef @ref, string group = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(topic);
        ArgumentNullException.ThrowIfNull(@ref);
        if (!string.IsNullOrEmpty(group)) throw new NotSupportedException("Groups of subscribers are not supported");
        Topic = topic;
        Ref = @ref;
    }

    public string Topic { get; }

    public IActorRef Ref { get; }

    /// <summary>Null.</summary>
    public string Group { get; }

    public bool Equals(Unsubscribe other) => other is not null && Topic == other.Topic && Equals(Ref, other.Ref);

    public override bool Equals(object obj) => Equals(obj as Unsubscribe);

    public override int GetHashCode() => HashCode.Combine(Topic, Ref);

    public override string ToString() => $"Unsubscribe<topic:{Topic}, ref:{Ref}>";
}

/// <summary>The actor is no longer subscribed.</summary>
public sealed class UnsubscribeAck(Unsubscribe unsubscribe) : IEquatable<UnsubscribeAck>
{
    public Unsubscribe Unsubscribe { get; } = unsubscribe;

    public bool Equals(UnsubscribeAck other) => other is not null && Equals(Unsubscribe, other.Unsubscribe);

    public override bool Equals(object obj) => Equals(obj as UnsubscribeAck);

    public override int GetHashCode() => Unsubscribe.GetHashCode();

    public override string ToString() => $"UnsubscribeAck<{Unsubscribe}>";
}

/// <summary>Told to a mediator: every subscriber of the topic, on every node, gets the message.</summary>
public sealed class Publish : IDistributedPubSubMessage, IWrappedMessage, IEquatable<Publish>
{
    /// <exception cref="NotSupportedException">One message a group is asked for: this stand-in has no groups.</exception>
    public Publish(string topic, object message, bool sendOneMessageToEachGroup = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(topic);
        ArgumentNullException.ThrowIfNull(message);
        if (sendOneMessageToEachGroup) throw new NotSupportedException("Groups of subscribers are not supported");
        Topic = topic;
        Message = message;
    }

    public string Topic { get; }

    public object Message { get; }

    /// <summary>False.</summary>
    public bool SendOneMessageToEachGroup { get; }

    public bool Equals(Publish other) => other is not null && Topic == other.Topic && Equals(Message, other.Message);

    public override bool Equals(object obj) => Equals(obj as Publish);

    public override int GetHashCode() => HashCode.Combine(Topic, Message);

    public override string ToString() => $"Publish<topic:{Topic}, message:{Message}>";
}

/// <summary>Asks a mediator for all topics with subscribers; answered by <see cref="CurrentTopics"/>.</summary>
public sealed class GetTopics
{
    private GetTopics()
    {
    }

    public static GetTopics Instance { get; } = new();
}

/// <summary>The topics that have subscribers, on any node.</summary>
public sealed class CurrentTopics(IImmutableSet<string> topics) : IEquatable<CurrentTopics>
{
    public IImmutableSet<string> Topics { get; } = topics;

    public bool Equals(CurrentTopics other) => other is not null && Topics.SetEquals(other.Topics);

    public override bool Equals(object obj) => Equals(obj as CurrentTopics);

    public override int GetHashCode() => Topics.Count;

    public override string ToString() => $"CurrentTopics<{string.Join(",", Topics)}>";
}

/// <summary>From one mediator to another: the topics that have subscribers here.</summary>
internal sealed record Topics(int NodeUid, long Version, ImmutableArray<string> Names) : IDistributedPubSubMessage, IDeadLetterSuppression;

internal sealed record TopicsAck(int NodeUid, long Version) : IDistributedPubSubMessage, IDeadLetterSuppression;

/// <summary>A message on its way to the subscribers of another node.</summary>
internal sealed record Relayed(string Topic, object Message) : IDistributedPubSubMessage, IWrappedMessage;
