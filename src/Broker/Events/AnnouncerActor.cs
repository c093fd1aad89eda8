using Actors.Broker.Network;
using Akka.Actor;

namespace Actors.Broker.Events;

/// <summary>What happened, on its way out like any answer: once all it rests on is durable.</summary>
internal sealed record Announcement(GroupEvent Event) : IAnswer
{
    public long Token => 0;
}

/// <summary>Publishes on the event stream what the broker's actors announce.</summary>
internal sealed class AnnouncerActor : UntypedActor
{
    public static Props Props() => Akka.Actor.Props.Create(() => new AnnouncerActor());

    protected override void OnReceive(object message)
    {
        if (message is Announcement { Event: var happened })
            Context.System.EventStream.Publish(happened);
        else
            Unhandled(message);
    }
}
