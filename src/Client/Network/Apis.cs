using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Client;

/// <summary>
/// The requests this client knows. Where a newer version only says the same otherwise (topic ids in Fetch 13, several groups in
/// OffsetFetch 8, several keys in FindCoordinator 4), the client stops before it; every broker since Kafka 0.11 serves what is left.
/// </summary>
public static class Apis
{
    public static readonly Api<ProduceRequest, ProduceResponse> Produce = new(ApiKey.Produce, 3, 11, ProduceResponse.Read);
    public static readonly Api<FetchRequest, FetchResponse> Fetch = new(ApiKey.Fetch, 4, 12, FetchResponse.Read);
    public static readonly Api<ListOffsetsRequest, ListOffsetsResponse> ListOffsets =
        new(ApiKey.ListOffsets, 1, 8, ListOffsetsResponse.Read);
    public static readonly Api<MetadataRequest, MetadataResponse> Metadata = new(ApiKey.Metadata, 4, 12, MetadataResponse.Read);
    public static readonly Api<OffsetCommitRequest, OffsetCommitResponse> OffsetCommit =
        new(ApiKey.OffsetCommit, 2, 8, OffsetCommitResponse.Read);
    public static readonly Api<OffsetFetchRequest, OffsetFetchResponse> OffsetFetch =
        new(ApiKey.OffsetFetch, 2, 7, OffsetFetchResponse.Read);
    public static readonly Api<FindCoordinatorRequest, FindCoordinatorResponse> FindCoordinator =
        new(ApiKey.FindCoordinator, 1, 3, FindCoordinatorResponse.Read);
    public static readonly Api<JoinGroupRequest, JoinGroupResponse> JoinGroup = new(ApiKey.JoinGroup, 1, 9, JoinGroupResponse.Read);
    public static readonly Api<SyncGroupRequest, SyncGroupResponse> SyncGroup = new(ApiKey.SyncGroup, 0, 5, SyncGroupResponse.Read);
    public static readonly Api<HeartbeatRequest, HeartbeatResponse> Heartbeat = new(ApiKey.Heartbeat, 0, 4, HeartbeatResponse.Read);
    public static readonly Api<LeaveGroupRequest, LeaveGroupResponse> LeaveGroup =
        new(ApiKey.LeaveGroup, 0, 5, LeaveGroupResponse.Read);
    public static readonly Api<DescribeGroupsRequest, DescribeGroupsResponse> DescribeGroups =
        new(ApiKey.DescribeGroups, 0, 5, DescribeGroupsResponse.Read);
    public static readonly Api<ListGroupsRequest, ListGroupsResponse> ListGroups =
        new(ApiKey.ListGroups, 0, 5, ListGroupsResponse.Read);
    public static readonly Api<ApiVersionsRequest, ApiVersionsResponse> ApiVersions =
        new(ApiKey.ApiVersions, 0, 3, ApiVersionsResponse.Read);
    public static readonly Api<CreateTopicsRequest, CreateTopicsResponse> CreateTopics =
        new(ApiKey.CreateTopics, 2, 7, CreateTopicsResponse.Read);
    public static readonly Api<DeleteTopicsRequest, DeleteTopicsResponse> DeleteTopics =
        new(ApiKey.DeleteTopics, 1, 5, DeleteTopicsResponse.Read);
    public static readonly Api<DeleteRecordsRequest, DeleteRecordsResponse> DeleteRecords =
        new(ApiKey.DeleteRecords, 0, 2, DeleteRecordsResponse.Read);
    public static readonly Api<InitProducerIdRequest, InitProducerIdResponse> InitProducerId =
        new(ApiKey.InitProducerId, 0, 4, InitProducerIdResponse.Read);
    public static readonly Api<DescribeConfigsRequest, DescribeConfigsResponse> DescribeConfigs =
        new(ApiKey.DescribeConfigs, 1, 4, DescribeConfigsResponse.Read);
    public static readonly Api<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse> IncrementalAlterConfigs =
        new(ApiKey.IncrementalAlterConfigs, 0, 1, IncrementalAlterConfigsResponse.Read);
    public static readonly Api<CreatePartitionsRequest, CreatePartitionsResponse> CreatePartitions =
        new(ApiKey.CreatePartitions, 0, 3, CreatePartitionsResponse.Read);
    public static readonly Api<DescribeClusterRequest, DescribeClusterResponse> DescribeCluster =
        new(ApiKey.DescribeCluster, 0, 1, DescribeClusterResponse.Read);
    public static readonly Api<DescribeLogDirsRequest, DescribeLogDirsResponse> DescribeLogDirs =
        new(ApiKey.DescribeLogDirs, 0, 4, DescribeLogDirsResponse.Read);
    public static readonly Api<DeleteGroupsRequest, DeleteGroupsResponse> DeleteGroups =
        new(ApiKey.DeleteGroups, 0, 2, DeleteGroupsResponse.Read);
    public static readonly Api<OffsetDeleteRequest, OffsetDeleteResponse> OffsetDelete =
        new(ApiKey.OffsetDelete, 0, 0, OffsetDeleteResponse.Read);
    public static readonly Api<DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse> DescribeTopicPartitions =
        new(ApiKey.DescribeTopicPartitions, 0, 0, DescribeTopicPartitionsResponse.Read);
}
