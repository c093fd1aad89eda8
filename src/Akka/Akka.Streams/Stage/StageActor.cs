using Akka.Actor;
using Akka.Streams.Implementation;

namespace Akka.Streams.Stage;

/// <summary>What a stage's actor does with a message.</summary>
public static class StageActorRef
{
    /// <summary>Handles a sender and its message, in the stage.</summary>
    public delegate void Receive((IActorRef, object) args);
}

/// <summary>A stage asked for its stage actor before it made one.</summary>
public class StageActorRefNotInitializedException : Exception
{
    public static readonly StageActorRefNotInitializedException Instance = new();

    private StageActorRefNotInitializedException() : base("You must first call GetStageActor, to initialize the Actors behavior") { }
}

/// <summary>An actor through which others talk to a stage.</summary>
public sealed class StageActor
{
    private volatile StageActorRef.Receive _behavior;

    public StageActor(ActorMaterializer materializer, Func<StageActorRef.Receive, Action<(IActorRef, object)>> getAsyncCallback,
        StageActorRef.Receive initialReceive, string? name = null)
    {
        _behavior = initialReceive;
        var callback = getAsyncCallback(x => _behavior(x));
        Ref = ((ActorMaterializerImpl)materializer).ActorOf(Props.Create(() => new Forwarder(callback)), name);
    }

    public IActorRef Ref { get; }

    public void Become(StageActorRef.Receive receive) => _behavior = receive;

    /// <summary>The stage gets a <see cref="Terminated"/> when the actor ends.</summary>
    public void Watch(IActorRef actorRef) => Ref.Tell(new WatchRequest(actorRef, true), ActorRefs.NoSender);

    public void Unwatch(IActorRef actorRef) => Ref.Tell(new WatchRequest(actorRef, false), ActorRefs.NoSender);

    public void Stop() => Ref.Tell(PoisonPill.Instance, ActorRefs.NoSender);

    private sealed record WatchRequest(IActorRef Target, bool On);

    private sealed class Forwarder(Action<(IActorRef, object)> callback) : ActorBase
    {
        protected override bool Receive(object message)
        {
            if (message is not WatchRequest request)
                callback((Sender, message));
            else if (request.On)
                Context.Watch(request.Target);
            else
                Context.Unwatch(request.Target);
            return true;
        }
    }
}
