using System.Collections.Concurrent;
using Akka.Actor;
using Xunit.Sdk;

namespace Akka.Persistence.Tests;

/// <summary>An actor that keeps what it is told, for the test to take in order.</summary>
public sealed class Probe
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly BlockingCollection<(object Message, IActorRef Sender)> _received = [];

    public Probe(ActorSystem system) => Ref = system.ActorOf(Props.Create(() => new Keeper(_received)));

    public IActorRef Ref { get; }

    public IActorRef LastSender { get; private set; } = ActorRefs.Nobody;

    public T Expect<T>()
    {
        if (!_received.TryTake(out var next, Patience)) throw new XunitException($"Expected {typeof(T).Name}, got nothing for {Patience}.");
        LastSender = next.Sender;
        return next.Message is T typed ? typed : throw new XunitException($"Expected {typeof(T).Name}, got {next.Message}.");
    }

    public void Expect<T>(T expected)
    {
        var got = Expect<T>();
        if (!Equals(expected, got)) throw new XunitException($"Expected {expected}, got {got}.");
    }

    public void ExpectNothing(int milliseconds = 200)
    {
        if (_received.TryTake(out var next, milliseconds)) throw new XunitException($"Expected nothing, got {next.Message}.");
    }

    public void ExpectTerminated(IActorRef actor)
    {
        var terminated = Expect<Terminated>();
        if (!terminated.ActorRef.Equals(actor)) throw new XunitException($"Expected the end of {actor}, got that of {terminated.ActorRef}.");
    }

    public Probe Watch(IActorRef actor)
    {
        Ref.Tell(new WatchThis(actor));
        return this;
    }

    private sealed record WatchThis(IActorRef Actor);

    private sealed class Keeper(BlockingCollection<(object, IActorRef)> received) : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (message is WatchThis watch) Context.Watch(watch.Actor);
            else received.Add((message, Sender));
        }
    }
}
