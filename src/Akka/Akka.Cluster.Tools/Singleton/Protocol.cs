using Akka.Event;

namespace Akka.Cluster.Tools.Singleton;

/// <summary>Marks what singleton managers tell each other.</summary>
public interface IClusterSingletonMessage;

/// <summary>From the new oldest to the old one, of this uid: stop the singleton.</summary>
internal sealed record HandOverToMe(int NodeUid) : IClusterSingletonMessage, IDeadLetterSuppression;

/// <summary>It stops.</summary>
internal sealed record HandOverInProgress : IClusterSingletonMessage;

/// <summary>It does not run here.</summary>
internal sealed record HandOverDone : IClusterSingletonMessage;

/// <summary>From the old oldest to the new one, which may not know yet that it is: ask me to hand over.</summary>
internal sealed record TakeOverFromMe : IClusterSingletonMessage, IDeadLetterSuppression;

/// <summary>What a manager is doing.</summary>
public enum ClusterSingletonState
{
    Start,
    AcquiringLease,
    Oldest,
    Younger,
    BecomingOldest,
    WasOldest,
    HandingOver,
    TakeOver,
    Stopping,
    End,
}
