using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Client;

/// <summary>
/// A group's requests to its coordinator, which is looked up once and again when an answer says so. Offsets have a connection of their own:
/// the broker answers a connection's requests in order, and a JoinGroup may take minutes.
/// </summary>
internal sealed class GroupCoordinatorClient(ClusterClient cluster, string group, string? instanceId) : IAsyncDisposable
{
    private readonly BrokerConnections _membership = cluster.OpenConnections();
    private readonly BrokerConnections _offsets = cluster.OpenConnections();
    private BrokerInfo? _coordinator;

    public ValueTask<JoinGroupResponse> JoinAsync(JoinGroupRequest request, TimeSpan timeout, CancellationToken cancellation) =>
        SendAsync(_membership, Apis.JoinGroup, request, response => response.ErrorCode, timeout, cancellation, ErrorCode.MemberIdRequired);

    public ValueTask<SyncGroupResponse> SyncAsync(SyncGroupRequest request, TimeSpan timeout, CancellationToken cancellation) =>
        SendAsync(_membership, Apis.SyncGroup, request, response => response.ErrorCode, timeout, cancellation);

    public async ValueTask HeartbeatAsync(Membership member, TimeSpan timeout, CancellationToken cancellation)
    {
        var request = new HeartbeatRequest { GroupId = group, GenerationId = member.Generation, MemberId = member.MemberId, GroupInstanceId = instanceId };
        await SendAsync(_membership, Apis.Heartbeat, request, response => response.ErrorCode, timeout, cancellation);
    }

    public async ValueTask LeaveAsync(Membership member, string reason, CancellationToken cancellation)
    {
        var coordinator = await CoordinatorAsync(cancellation);
        // On the other connection it does not wait behind a JoinGroup that nobody waits for any more.
        var connection = await _offsets.ToAsync(new BrokerAddress(coordinator.Host, coordinator.Port), cancellation);
        var version = connection.VersionOf(Apis.LeaveGroup);
        var request = version < 3
            ? new LeaveGroupRequest { GroupId = group, MemberId = member.MemberId }
            : new LeaveGroupRequest { GroupId = group, Members = [new LeaveGroupRequest.MemberIdentity { MemberId = member.MemberId, GroupInstanceId = instanceId, Reason = reason }] };
        var response = await connection.SendAsync(Apis.LeaveGroup, request, version, cluster.Options.RequestTimeout, cancellation);
        var error = (ErrorCode)response.ErrorCode;
        if (error == ErrorCode.None && response.Members.Count > 0) error = (ErrorCode)response.Members[0].ErrorCode;
        if (error is not (ErrorCode.None or ErrorCode.UnknownMemberId)) throw new KafkaException(error, $"group {group}");
    }

    public ValueTask<Dictionary<TopicPartition, OffsetAndMetadata>> CommittedAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellation) =>
        cluster.RetryAsync(cluster.Options.ApiTimeout, async stop =>
        {
            var request = CommittedOffsets.Request(group, partitions);
            var response = await SendAsync(_offsets, Apis.OffsetFetch, request, static r => r.ErrorCode, cluster.Options.RequestTimeout, stop);
            return CommittedOffsets.Read(group, response);
        }, cancellation);

    /// <exception cref="KafkaException">The first partition's error; the others may be committed.</exception>
    public async ValueTask CommitAsync(Membership member, IReadOnlyDictionary<TopicPartition, OffsetAndMetadata> offsets, CancellationToken cancellation)
    {
        var request = new OffsetCommitRequest
        {
            GroupId = group,
            GenerationIdOrMemberEpoch = member.Generation,
            MemberId = member.MemberId,
            GroupInstanceId = instanceId,
            Topics = [.. offsets.GroupBy(o => o.Key.Topic).Select(topic => new OffsetCommitRequest.OffsetCommitRequestTopic
            {
                Name = topic.Key,
                Partitions = [.. topic.Select(o => new OffsetCommitRequest.OffsetCommitRequestPartition
                {
                    PartitionIndex = o.Key.Partition, CommittedOffset = o.Value.Offset, CommittedLeaderEpoch = o.Value.LeaderEpoch, CommittedMetadata = o.Value.Metadata,
                })],
            })],
        };
        await cluster.RetryAsync(cluster.Options.ApiTimeout, async stop =>
        {
            var response = await SendAsync(_offsets, Apis.OffsetCommit, request, FirstError, cluster.Options.RequestTimeout, stop);
            return response;
        }, cancellation);

        static short FirstError(OffsetCommitResponse response) =>
            response.Topics.SelectMany(t => t.Partitions).FirstOrDefault(p => p.ErrorCode != 0)?.ErrorCode ?? 0;
    }

    private async ValueTask<TResponse> SendAsync<TRequest, TResponse>(
        BrokerConnections connections, Api<TRequest, TResponse> api, TRequest request, Func<TResponse, short> errorOf, TimeSpan timeout,
        CancellationToken cancellation, ErrorCode expected = ErrorCode.None) where TRequest : IRequest
    {
        var coordinator = await CoordinatorAsync(cancellation);
        try
        {
            var response = await cluster.SendAsync(connections, coordinator, api, request, timeout, cancellation);
            var error = (ErrorCode)errorOf(response);
            return error == ErrorCode.None || error == expected ? response : throw new KafkaException(error, $"{api.Key} of group {group}");
        }
        catch (KafkaException error) when (error.Error.MovesCoordinator())
        {
            Interlocked.CompareExchange(ref _coordinator, null, coordinator);
            throw;
        }
    }

    private async ValueTask<BrokerInfo> CoordinatorAsync(CancellationToken cancellation) =>
        Volatile.Read(ref _coordinator) ?? (_coordinator = await cluster.CoordinatorAsync(group, cancellation));

    public async ValueTask DisposeAsync()
    {
        await _membership.DisposeAsync();
        await _offsets.DisposeAsync();
    }
}
