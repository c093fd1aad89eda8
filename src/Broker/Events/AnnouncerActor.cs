using Actors.Broker.Groups;
using Actors.Broker.Network;
using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;

namespace Actors.Broker.Events;

/// <summary>What happened, on its way out like any answer: once all it rests on is durable.</summary>
internal sealed record Announcement(GroupEvent Event) : IAnswer
{
    public long Token => 0;
}

/// <summary>
/// Publishes on the node's event stream what happens in the cluster's groups: what this node's coordinators announce goes to the announcers of all nodes, this one
/// included. News that are lost on the way stay lost. Tells other nodes, too, what generation a group of this node has.
/// </summary>
internal sealed class AnnouncerActor : UntypedActor
{
    /// <summary>The actor's name, the same on every node.</summary>
    public const string Name = "announcer";

    private const string News = "actors-group-news";

    private readonly BrokerContext _broker;
    private readonly IActorRef? _mediator;

    public AnnouncerActor(BrokerContext broker)
    {
        _broker = broker;
        _mediator = broker.IsClustered ? DistributedPubSub.Get(Context.System).Mediator : null;
    }

    public static Props Props(BrokerContext broker) => Akka.Actor.Props.Create(() => new AnnouncerActor(broker));

    protected override void PreStart() => _mediator?.Tell(new Subscribe(News, Self), Self);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Announcement { Event: var happened } when _mediator is not null: _mediator.Tell(new Publish(News, happened), Self); break;
            case Announcement { Event: var happened }: Context.System.EventStream.Publish(happened); break;
            case GroupEvent told: Context.System.EventStream.Publish(told); break;
            case AskGroupGeneration ask when _broker.Groups.Find(ask.Group) is { } coordinator: coordinator.Forward(ask); break;
            case AskGroupGeneration: Sender.Tell(new GroupGeneration(null), Self); break;
            case SubscribeAck: break;
            default: Unhandled(message); break;
        }
    }
}
