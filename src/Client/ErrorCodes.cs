using Actors.Protocol;

namespace Actors.Client;

/// <summary>What Kafka's clients do about an error code. Source: Apache Kafka 3.9.0, <c>Errors</c> and the classes of its exceptions.</summary>
public static class ErrorCodes
{
    /// <summary>Whether the error is a <c>RetriableException</c> of Kafka's.</summary>
    public static bool IsRetriable(this ErrorCode error) => error.RefreshesMetadata() || error is
        ErrorCode.CorruptMessage or ErrorCode.RequestTimedOut or ErrorCode.CoordinatorLoadInProgress or ErrorCode.CoordinatorNotAvailable
        or ErrorCode.NotCoordinator or ErrorCode.NotEnoughReplicas or ErrorCode.NotEnoughReplicasAfterAppend or ErrorCode.NotController
        or ErrorCode.ConcurrentTransactions or ErrorCode.FetchSessionIdNotFound or ErrorCode.InvalidFetchSessionEpoch
        or ErrorCode.UnknownLeaderEpoch or ErrorCode.OffsetNotAvailable or ErrorCode.UnstableOffsetCommit
        or ErrorCode.ThrottlingQuotaExceeded or ErrorCode.FetchSessionTopicIdError or ErrorCode.ShareSessionNotFound
        or ErrorCode.InvalidShareSessionEpoch;

    /// <summary>Whether the error is an <c>InvalidMetadataException</c> of Kafka's: the leader may be another one by now.</summary>
    public static bool RefreshesMetadata(this ErrorCode error) => error is
        ErrorCode.UnknownTopicOrPartition or ErrorCode.LeaderNotAvailable or ErrorCode.NotLeaderOrFollower or ErrorCode.ReplicaNotAvailable
        or ErrorCode.NetworkException or ErrorCode.KafkaStorageError or ErrorCode.ListenerNotFound or ErrorCode.FencedLeaderEpoch
        or ErrorCode.PreferredLeaderNotAvailable or ErrorCode.EligibleLeadersNotAvailable or ErrorCode.ElectionNotNeeded
        or ErrorCode.UnknownTopicId or ErrorCode.InconsistentTopicId;

    /// <summary>Whether the group's coordinator must be looked up again.</summary>
    internal static bool MovesCoordinator(this ErrorCode error) =>
        error is ErrorCode.NotCoordinator or ErrorCode.CoordinatorNotAvailable or ErrorCode.NetworkException or ErrorCode.RequestTimedOut;
}
