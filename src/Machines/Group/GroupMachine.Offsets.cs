using Actors.Protocol;

namespace Actors.Machines;

public sealed partial class GroupMachine
{
    private Decision DecideCommit(CommitOffsets commit, GroupDraft draft, long now)
    {
        var error = CheckCommit(commit);
        var results = new (TopicPartition, ErrorCode)[commit.Offsets.Count];
        var accepted = new List<OffsetToCommit>(commit.Offsets.Count);
        for (var i = 0; i < results.Length; i++)
        {
            var offset = commit.Offsets[i];
            var fits = (offset.Metadata?.Length ?? 0) <= _settings.MaxOffsetMetadataSize;
            results[i] = (offset.Partition, error != ErrorCode.None ? error : fits ? ErrorCode.None : ErrorCode.OffsetMetadataTooLarge);
            if (fits)
                accepted.Add(offset with { Metadata = offset.Metadata ?? "" });
        }
        var reply = new OffsetsReply(error, results);
        if (error != ErrorCode.None)
            return Decision.Answer(reply);
        if (_state.Members.TryGetValue(commit.MemberId, out var member))
            draft.RestartSession(member);
        return accepted.Count == 0 ? draft.ToDecision(reply) : draft.Event(new OffsetsCommitted(now, accepted), reply);
    }

    /// <summary>Who may commit: members of this generation; anyone while the group is empty. Source: Kafka's <c>validateOffsetCommit</c>.</summary>
    private ErrorCode CheckCommit(CommitOffsets commit)
    {
        if (commit.GenerationId < 0 && _state.IsEmpty)
            return ErrorCode.None;
        if (!_state.Exists)
            return ErrorCode.IllegalGeneration;
        if (commit.GenerationId < 0 && commit.MemberId.Length == 0 && commit.InstanceId is null)
            return ErrorCode.UnknownMemberId;
        if (_state.CheckMember(commit.MemberId, commit.InstanceId) is var error and not ErrorCode.None)
            return error;
        if (commit.GenerationId != _state.GenerationId)
            return ErrorCode.IllegalGeneration;
        // While others still join, heartbeats tell of the rebalance; once they have, this answer does.
        return _state.Phase == GroupPhase.CompletingRebalance ? ErrorCode.RebalanceInProgress : ErrorCode.None;
    }

    private Decision DecideDeleteOffsets(IReadOnlyList<TopicPartition> partitions)
    {
        if (!_state.Exists)
            return Decision.Answer(Refused(ErrorCode.GroupIdNotFound, partitions));
        if (!_state.IsEmpty && _state.ProtocolType != ConsumerSubscription.ProtocolType)
            return Decision.Answer(Refused(ErrorCode.NonEmptyGroup, partitions));
        var results = partitions.Select(partition => (partition, IsSubscribed(partition.Topic) ? ErrorCode.GroupSubscribedToTopic : ErrorCode.None)).ToArray();
        var gone = results.Where(result => result.Item2 == ErrorCode.None && _offsets.ContainsKey(result.partition)).Select(result => result.partition).Distinct().ToArray();
        return new Decision { Events = gone.Length == 0 ? [] : [new OffsetsRemoved(gone)], Reply = new OffsetsReply(ErrorCode.None, results) };
    }

    private static OffsetsReply Refused(ErrorCode error, IReadOnlyList<TopicPartition> partitions) => new(error, [.. partitions.Select(partition => (partition, error))]);

    private Decision DecideDelete() => _state.Phase switch
    {
        GroupPhase.Dead => Decision.Answer(new GroupReply(ErrorCode.GroupIdNotFound)),
        GroupPhase.Empty => new Decision { Events = [new GroupRemoved()], Reply = new GroupReply(ErrorCode.None) },
        _ => Decision.Answer(new GroupReply(ErrorCode.NonEmptyGroup)),
    };

    private Decision DecideForget(IReadOnlyCollection<string> topics)
    {
        var gone = InOrder(_offsets.Keys.Where(partition => topics.Contains(partition.Topic)));
        return gone.Length == 0 ? Decision.Nothing : new Decision { Events = [new OffsetsRemoved(gone)] };
    }

    /// <summary>Offsets age from the moment their group became empty; a simple consumer's from their commit; a stable group's, for topics it no longer reads, too.</summary>
    private Decision DecideExpiry(long retentionMs, long now)
    {
        bool IsOld(long since) => now - since >= retentionMs;

        bool IsExpired(TopicPartition partition, CommittedOffset offset) => _state switch
        {
            { ProtocolType: null } => IsOld(offset.CommitTimestamp),
            { Phase: GroupPhase.Empty } => IsOld(_state.StateTimestamp >= 0 ? Math.Max(_state.StateTimestamp, offset.CommitTimestamp) : offset.CommitTimestamp),
            { Phase: GroupPhase.Stable, ProtocolType: ConsumerSubscription.ProtocolType } => IsOld(offset.CommitTimestamp) && !IsSubscribed(partition.Topic),
            _ => false,
        };

        var gone = InOrder(_offsets.Where(pair => IsExpired(pair.Key, pair.Value)).Select(pair => pair.Key));
        if (_state is { Phase: GroupPhase.Empty, Pending.IsEmpty: true } && gone.Length == _offsets.Count)
            return _isStored ? new Decision { Events = [new GroupRemoved()] } : new Decision { Change = new GroupBecame(GroupState.Dead) };
        return gone.Length == 0 ? Decision.Nothing : new Decision { Events = [new OffsetsRemoved(gone)] };
    }

    /// <summary>Whether a member reads the topic; where a member's subscription cannot be read, it may.</summary>
    private bool IsSubscribed(string topic)
    {
        if (_state.IsEmpty)
            return false;
        foreach (var member in _state.Members.Values)
            if (ConsumerSubscription.Topics(member.MetadataFor(_state.ProtocolName)) is not { } topics || topics.Contains(topic))
                return true;
        return false;
    }

    private static TopicPartition[] InOrder(IEnumerable<TopicPartition> partitions) =>
        [.. partitions.OrderBy(partition => partition.Topic, StringComparer.Ordinal).ThenBy(partition => partition.Partition)];
}
