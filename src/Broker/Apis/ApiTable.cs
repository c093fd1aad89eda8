using Actors.Protocol;

namespace Actors.Broker.Apis;

/// <summary>The APIs that are served, by key. What stands here is advertised.</summary>
internal sealed class ApiTable
{
    private readonly Dictionary<ApiKey, Api> _byKey = new Api[]
    {
        new Produce(), new Fetch(), new ListOffsets(), new Metadata(), new OffsetCommit(), new OffsetFetch(), new FindCoordinator(), new JoinGroup(), new Heartbeat(),
        new LeaveGroup(), new SyncGroup(), new DescribeGroups(), new ListGroups(), new ApiVersions(), new CreateTopics(), new DeleteTopics(), new DeleteRecords(), new InitProducerId(),
        new OffsetForLeaderEpoch(), new DescribeAcls(), new CreateAcls(), new DeleteAcls(), new DescribeConfigs(), new AlterConfigs(),
        new DescribeLogDirs(), new CreatePartitions(), new DeleteGroups(), new ElectLeaders(), new IncrementalAlterConfigs(), new ListPartitionReassignments(), new OffsetDelete(),
        new DescribeCluster(), new DescribeProducers(), new DescribeTopicPartitions(),
    }.ToDictionary(api => api.Key);

    public IEnumerable<Api> All => _byKey.Values.OrderBy(api => api.Key);

    public Api? Find(ApiKey key) => _byKey.GetValueOrDefault(key);
}
