using System.Collections.Concurrent;
using Akka.Actor;

namespace Akka.Event;

/// <summary>Events to subscribers by a classifier.</summary>
public abstract class EventBus<TEvent, TClassifier, TSubscriber>
{
    private readonly object _gate = new();
    private readonly Dictionary<TClassifier, List<TSubscriber>> _subscriptions = [];
    private readonly ConcurrentDictionary<TClassifier, TSubscriber[]> _cache = new();

    protected abstract bool IsSubClassification(TClassifier parent, TClassifier child);

    protected abstract void Publish(TEvent @event, TSubscriber subscriber);

    protected abstract bool Classify(TEvent @event, TClassifier classifier);

    protected abstract TClassifier GetClassifier(TEvent @event);

    /// <summary>False if the subscriber hears of the class already.</summary>
    public virtual bool Subscribe(TSubscriber subscriber, TClassifier classifier)
    {
        lock (_gate)
        {
            if (_subscriptions.Any(s => s.Value.Contains(subscriber) && IsSubClassification(s.Key, classifier))) return false;
            if (!_subscriptions.TryGetValue(classifier, out var list)) _subscriptions[classifier] = list = [];
            list.Add(subscriber);
            _cache.Clear();
            return true;
        }
    }

    public virtual bool Unsubscribe(TSubscriber subscriber) => Remove(subscriber, _ => true);

    public virtual bool Unsubscribe(TSubscriber subscriber, TClassifier classifier) => Remove(subscriber, c => IsSubClassification(classifier, c));

    private bool Remove(TSubscriber subscriber, Func<TClassifier, bool> from)
    {
        lock (_gate)
        {
            var removed = false;
            foreach (var (classifier, list) in _subscriptions)
            {
                if (from(classifier)) removed |= list.Remove(subscriber);
            }
            _cache.Clear();
            return removed;
        }
    }

    public virtual void Publish(TEvent @event)
    {
        foreach (var subscriber in SubscribersOf(GetClassifier(@event))) Publish(@event, subscriber);
    }

    internal TSubscriber[] SubscribersOf(TClassifier classifier)
    {
        if (_cache.TryGetValue(classifier, out var subscribers)) return subscribers;
        lock (_gate)
        {
            subscribers = _subscriptions.Where(s => IsSubClassification(s.Key, classifier)).SelectMany(s => s.Value).Distinct().ToArray();
            _cache[classifier] = subscribers;
            return subscribers;
        }
    }
}

/// <summary>An event bus whose subscribers are actors.</summary>
public abstract class ActorEventBus<TEvent, TClassifier> : EventBus<TEvent, TClassifier, IActorRef>;

/// <summary>The actor system's own events: dead letters, unhandled messages, log events and whatever is published.</summary>
public class EventStream : LoggingBus
{
    private readonly bool _debug;

    public EventStream(bool debug) => _debug = debug;

    public override bool Subscribe(IActorRef subscriber, Type channel)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        if (_debug) Publish(new Debug(nameof(EventStream), GetType(), $"subscribing {subscriber} to channel {channel}"));
        return base.Subscribe(subscriber, channel);
    }

    public override bool Unsubscribe(IActorRef subscriber)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        return base.Unsubscribe(subscriber);
    }

    protected override void Publish(object @event, IActorRef subscriber)
    {
        // Subscriptions of ended actors go when they would next be used.
        if (subscriber is LocalActorRef { IsTerminated: true }) Unsubscribe(subscriber);
        else base.Publish(@event, subscriber);
    }
}

/// <summary>Subscribing by a type parameter.</summary>
public static class EventStreamExtensions
{
    public static bool Subscribe<TChannel>(this EventStream eventStream, IActorRef subscriber) => eventStream.Subscribe(subscriber, typeof(TChannel));

    public static bool Unsubscribe<TChannel>(this EventStream eventStream, IActorRef subscriber) => eventStream.Unsubscribe(subscriber, typeof(TChannel));
}
