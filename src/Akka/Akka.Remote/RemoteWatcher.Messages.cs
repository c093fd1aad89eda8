using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;

namespace Akka.Remote;

public partial class RemoteWatcher
{
    /// <summary>Something about a watcher here and a watched actor elsewhere.</summary>
    public abstract class WatchCommand(IInternalActorRef watchee, IInternalActorRef watcher) : INoSerializationVerificationNeeded
    {
        public IInternalActorRef Watchee { get; } = watchee;

        public IInternalActorRef Watcher { get; } = watcher;
    }

    /// <summary>Watch.</summary>
    public sealed class WatchRemote(IInternalActorRef watchee, IInternalActorRef watcher) : WatchCommand(watchee, watcher);

    /// <summary>Watch no longer.</summary>
    public sealed class UnwatchRemote(IInternalActorRef watchee, IInternalActorRef watcher) : WatchCommand(watchee, watcher);

    /// <summary>Asks another node for a sign of life.</summary>
    public sealed class Heartbeat : IPossiblyHarmful, IDeadLetterSuppression
    {
        private Heartbeat() { }

        public static Heartbeat Instance { get; } = new();
    }

    /// <summary>The sign of life.</summary>
    public class HeartbeatRsp(int addressUid) : IPossiblyHarmful, IDeadLetterSuppression
    {
        public int AddressUid { get; } = addressUid;
    }

    /// <summary>Time to ask for signs of life.</summary>
    public class HeartbeatTick
    {
        private HeartbeatTick() { }

        public static HeartbeatTick Instance { get; } = new();
    }

    /// <summary>Time to look who has not given any.</summary>
    public class ReapUnreachableTick
    {
        private ReapUnreachableTick() { }

        public static ReapUnreachableTick Instance { get; } = new();
    }

    /// <summary>The first answer is due: from here on silence counts.</summary>
    public sealed class ExpectedFirstHeartbeat(Address from)
    {
        public Address From { get; } = from;
    }

    /// <summary>What is watched: asked for with <see cref="Empty"/>, and the answer.</summary>
    public sealed class Stats
    {
        public Stats(int watching, int watchingNodes) : this(watching, watchingNodes, [], []) { }

        public Stats(int watching, int watchingNodes, ImmutableHashSet<(IActorRef, IActorRef)> watchingRefs, ImmutableHashSet<Address> watchingAddresses)
        {
            Watching = watching;
            WatchingNodes = watchingNodes;
            WatchingRefs = watchingRefs;
            WatchingAddresses = watchingAddresses;
        }

        public static Stats Empty { get; } = new(0, 0);

        public int Watching { get; }

        public int WatchingNodes { get; }

        public ImmutableHashSet<(IActorRef, IActorRef)> WatchingRefs { get; }

        public ImmutableHashSet<Address> WatchingAddresses { get; }

        public static Stats Counts(int watching, int watchingNodes) => new(watching, watchingNodes);

        public override bool Equals(object? obj) => obj is Stats other && Watching == other.Watching && WatchingNodes == other.WatchingNodes;

        public override int GetHashCode() => HashCode.Combine(Watching, WatchingNodes);

        public override string ToString() => $"Stats: watching={Watching}, watchingNodes={WatchingNodes}";
    }
}
