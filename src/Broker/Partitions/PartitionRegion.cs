using Actors.Machines;
using Akka.Actor;

namespace Actors.Broker.Partitions;

/// <summary>Where partitions run when this node is the only one: all of them here. In a cluster a shard region takes its place.</summary>
internal sealed class PartitionRegion : UntypedActor
{
    private readonly BrokerContext _broker;
    private readonly Dictionary<PartitionId, IActorRef> _entities = [];
    private readonly Dictionary<IActorRef, PartitionId> _ids = [];

    public PartitionRegion(BrokerContext broker) => _broker = broker;

    public static Props Props(BrokerContext broker) => Akka.Actor.Props.Create(() => new PartitionRegion(broker));

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case IPartitionMessage command: EntityOf(command.Id).Forward(message); break;
            case Terminated terminated:
                if (_ids.Remove(terminated.ActorRef, out var id))
                    _entities.Remove(id);
                break;
            default: Unhandled(message); break;
        }
    }

    private IActorRef EntityOf(PartitionId id)
    {
        if (_entities.TryGetValue(id, out var entity))
            return entity;
        entity = Context.Watch(Context.ActorOf(PartitionEntity.Props(_broker, id)));
        _entities.Add(id, entity);
        _ids.Add(entity, id);
        return entity;
    }
}
