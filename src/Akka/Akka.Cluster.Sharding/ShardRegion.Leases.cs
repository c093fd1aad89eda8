using Akka.Actor;
using Akka.Event;

namespace Akka.Cluster.Sharding;

public sealed partial class ShardRegion
{
    private int _lost;
    private Exception _lostBy;

    // A node that is put out loses all its leases at once: one line says so, not one a shard.
    private void LeaseLost(Exception cause)
    {
        _lostBy = cause;
        if (_lost++ == 0) Timers.StartSingleTimer(SayWhatWasLost.Instance, SayWhatWasLost.Instance, LeastPause);
    }

    private void SayLost()
    {
        _log.Error(_lostBy, "{0}: {1} shards lost their leases, they stop", _typeName, _lost);
        (_lost, _lostBy) = (0, null);
    }

    private sealed class SayWhatWasLost : INoSerializationVerificationNeeded
    {
        public static readonly SayWhatWasLost Instance = new();
    }
}
