using Actors.Machines;
using Akka.Actor;
using Akka.Persistence;

namespace Actors.Broker.Partitions;

/// <summary>Told to the entity: nothing is left to delete.</summary>
internal sealed class PartitionPurgeDone
{
    public static readonly PartitionPurgeDone Instance = new();
}

/// <summary>Deletes snapshots and events of a partition whose topic is gone. It recovers nothing.</summary>
internal sealed class PartitionPurge : UntypedPersistentActor
{
    private readonly PartitionId _id;

    public PartitionPurge(PartitionId id) => _id = id;

    public override string PersistenceId => _id.PersistenceId;

    public override Recovery Recovery => Recovery.None;

    public static Props Props(PartitionId id) => Akka.Actor.Props.Create(() => new PartitionPurge(id));

    protected override void OnRecover(object message)
    {
        if (message is RecoveryCompleted)
            DeleteSnapshots(SnapshotSelectionCriteria.Latest);
    }

    protected override void OnCommand(object message)
    {
        switch (message)
        {
            case DeleteSnapshotsSuccess: DeleteMessages(long.MaxValue); break;
            case DeleteMessagesSuccess:
                Context.Parent.Tell(PartitionPurgeDone.Instance, Self);
                Context.Stop(Self);
                break;
            case DeleteSnapshotsFailure or DeleteMessagesFailure: Context.Stop(Self); break;
        }
    }
}
