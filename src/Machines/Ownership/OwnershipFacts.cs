namespace Actors.Machines;

/// <summary>How far a node's lease row has been brought by those who take over from it. It only ever goes forward; a row that is gone is <see cref="Out"/>.</summary>
public enum LeaseState
{
    /// <summary>The node renews it.</summary>
    Live = 0,

    /// <summary>Renewals are refused from here on; the node's sessions and its journal writer may still act.</summary>
    Condemned = 1,

    /// <summary>The node's sessions were ended and its journal writer is fenced: what it owned is free.</summary>
    Out = 2,
}

/// <summary>A node's lease row as it was read.</summary>
/// <param name="Uid">The incarnation: random, positive, never used again.</param>
/// <param name="NodeId">Kafka's broker id; the same for all incarnations of a node.</param>
/// <param name="Counter">Renewals so far.</param>
public readonly record struct NodeLeaseRow(long Uid, int NodeId, long Counter, LeaseState State);

/// <summary>What the lease wants done next.</summary>
public enum OwnershipTask
{
    /// <summary>Nothing until the time named.</summary>
    Wait,

    /// <summary>Raise the own row's counter, if it is still live.</summary>
    Renew,

    /// <summary>Read all nodes' rows.</summary>
    Read,
}

/// <summary>What is to be done, and from when on.</summary>
public readonly record struct OwnershipDue(OwnershipTask Task, TimeSpan At);

/// <summary>Whether a lease row's owner may be put out.</summary>
public enum TakeoverVerdict
{
    /// <summary>It is this node.</summary>
    Own,

    /// <summary>This node's own lease does not hold, so it takes nothing.</summary>
    NotHolding,

    /// <summary>The owner may be alive.</summary>
    Live,

    /// <summary>The owner's counter was read unchanged for a whole lease.</summary>
    Expired,

    /// <summary>The owner's connection closed and its address refuses new ones: the process has ended.</summary>
    Refused,

    /// <summary>Another node has begun to put the owner out; whoever comes may finish it.</summary>
    Condemned,

    /// <summary>The owner was put out.</summary>
    Out,
}

/// <summary>A verdict, and the counter under which it was reached: who was renewed since is not put out.</summary>
public readonly record struct Takeability(TakeoverVerdict Verdict, long Counter)
{
    /// <summary>Whether the owner may be put out now.</summary>
    public bool MayPutOut => Verdict is TakeoverVerdict.Expired or TakeoverVerdict.Refused or TakeoverVerdict.Condemned;
}

/// <summary>A peer as this node sees it.</summary>
/// <param name="Row">As last read.</param>
/// <param name="Since">This node's monotonic time from which on every look showed the same counter.</param>
/// <param name="Expired">That was a whole lease.</param>
/// <param name="Refused">Its process has ended.</param>
public readonly record struct PeerView(NodeLeaseRow Row, TimeSpan Since, bool Expired, bool Refused);
