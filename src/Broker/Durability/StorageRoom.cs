using Actors.Ownership;
using Akka.Actor;

namespace Actors.Broker.Durability;

/// <summary>Whether the journal's storage has room, as far as this node knows: it is full from a write that failed for want of room until a probe's write did not. For any thread.</summary>
internal sealed class StorageRoom
{
    private volatile bool _isFull;

    /// <summary>Whether writes would fail now.</summary>
    public bool IsFull
    {
        get => _isFull;
        set => _isFull = value;
    }

    /// <summary>Finds out when there is room again.</summary>
    public IActorRef Probe { get; set; } = ActorRefs.Nobody;

    /// <summary>Takes note of a failed write; false when it failed for another reason.</summary>
    /// <param name="bytes">How much was to be written.</param>
    public bool Failed(Exception cause, int bytes)
    {
        if (!StorageFull.Is(cause))
            return false;
        IsFull = true;
        Probe.Tell(new StorageFilled(bytes), ActorRefs.NoSender);
        return true;
    }
}

/// <summary>A write of so many bytes found no room.</summary>
internal sealed record StorageFilled(int Bytes);
