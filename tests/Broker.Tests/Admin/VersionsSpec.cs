using Actors.Broker.Apis;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Xunit;

namespace Actors.Broker.Tests.Admin;

/// <summary>Every API in every version that is advertised, with input that is good, at its bounds, and bad.</summary>
public sealed partial class VersionsSpec : AdminBed
{
    private const string Topic = "t";

    /// <summary>A call of an API in a version; it asserts what comes back.</summary>
    private delegate void Call(VersionsSpec spec, short version);

    private sealed record Calls(Call Good, Call Boundary, Call Bad);

    private static readonly Dictionary<ApiKey, Calls> ByApi = new()
    {
        [ApiKey.Produce] = new(ProduceOne, ProduceNothing, ProduceWrongly),
        [ApiKey.Fetch] = new(FetchOne, FetchAtTheEnd, FetchWrongly),
        [ApiKey.ListOffsets] = new(ListEnds, ListByTime, ListWrongly),
        [ApiKey.Metadata] = new(MetadataOfOne, MetadataOfAll, MetadataOfNone),
        [ApiKey.OffsetCommit] = new(CommitOne, CommitAtTheBound, CommitWrongly),
        [ApiKey.OffsetFetch] = new(FetchCommitted, FetchUncommitted, FetchCommittedWrongly),
        [ApiKey.FindCoordinator] = new(FindOne, FindNone, FindWrongly),
        [ApiKey.JoinGroup] = new(JoinOne, JoinAtTheBound, JoinWrongly),
        [ApiKey.Heartbeat] = new(BeatOnce, BeatTwice, BeatWrongly),
        [ApiKey.LeaveGroup] = new(LeaveOne, LeaveAll, LeaveWrongly),
        [ApiKey.SyncGroup] = new(SyncOne, SyncNothing, SyncWrongly),
        [ApiKey.DescribeGroups] = new(DescribeOne, DescribeNone, DescribeUnknown),
        [ApiKey.ListGroups] = new(ListOne, ListFiltered, ListOfAnUnknownState),
        [ApiKey.ApiVersions] = new(VersionsOfAll, VersionsOfTheUnnamed, VersionsOfTheMisnamed),
        [ApiKey.CreateTopics] = new(CreateOne, CreateTheLongest, CreateWrongly),
        [ApiKey.DeleteTopics] = new(DeleteOne, DeleteNone, DeleteWrongly),
        [ApiKey.DeleteRecords] = new(DeleteAllRecords, DeleteNoRecords, DeleteRecordsWrongly),
        [ApiKey.InitProducerId] = new(InitOne, InitAnother, InitWrongly),
        [ApiKey.OffsetForLeaderEpoch] = new(EndOfTheEpoch, EndOfNoEpoch, EndWrongly),
        [ApiKey.DescribeAcls] = new(DescribeAllAcls, DescribeOneAcl, DescribeAclsWrongly),
        [ApiKey.CreateAcls] = new(CreateTwoAcls, CreateNoAcl, CreateAclsWrongly),
        [ApiKey.DeleteAcls] = new(DeleteTwoAcls, DeleteNoAcl, DeleteAclsWrongly),
        [ApiKey.DescribeConfigs] = new(
            (spec, version) => Assert.Equal((ErrorCode.None, 36), spec.Configs(2, Topic, version)), (spec, version) => Assert.Equal((ErrorCode.None, 0), spec.Configs(4, "", version)),
            (spec, version) => Assert.Equal((ErrorCode.InvalidRequest, 0), spec.Configs(4, "one", version))),
        [ApiKey.AlterConfigs] = new(
            (spec, version) => Assert.Equal(ErrorCode.None, spec.Alter("0", version)), (spec, version) => Assert.Equal(ErrorCode.None, spec.Alter("-1", version)),
            (spec, version) => Assert.Equal(ErrorCode.InvalidConfig, spec.Alter("-2", version))),
        [ApiKey.DescribeLogDirs] = new(
            (spec, version) => Assert.Single(spec.LogDirs(version, 0).Topics), (spec, version) => Assert.Empty(spec.LogDirs(version).Topics), (spec, version) => Assert.Empty(spec.LogDirs(version, 99, -1).Topics)),
        [ApiKey.CreatePartitions] = new(
            (spec, version) => Assert.Equal(ErrorCode.None, spec.More(3, version)), (spec, version) => Assert.Equal(ErrorCode.InvalidPartitions, spec.More(3, version)),
            (spec, version) => Assert.Equal(ErrorCode.InvalidPartitions, spec.More(0, version))),
        [ApiKey.DeleteGroups] = new(DeleteOneGroup, DeleteNoGroup, DeleteGroupsWrongly),
        [ApiKey.ElectLeaders] = new(
            (spec, version) => Assert.Equal([ErrorCode.ElectionNotNeeded], spec.Elect(version, 0)), (spec, version) => Assert.Empty(spec.Elect(version)),
            (spec, version) => Assert.Equal([ErrorCode.UnknownTopicOrPartition], spec.Elect(version, 99))),
        [ApiKey.IncrementalAlterConfigs] = new(
            (spec, version) => Assert.Equal(ErrorCode.None, spec.AlterOne("0", version)), (spec, version) => Assert.Equal(ErrorCode.None, spec.AlterOne("-1", version)),
            (spec, version) => Assert.Equal(ErrorCode.InvalidConfig, spec.AlterOne("-2", version))),
        [ApiKey.ListPartitionReassignments] = new(MovesOfAll, MovesOfOne, MovesOfNone),
        [ApiKey.OffsetDelete] = new(DeleteOneOffset, DeleteNoOffset, DeleteOffsetsWrongly),
        [ApiKey.DescribeCluster] = new(OneBroker, OneBrokerAndItsOperations, NoController),
        [ApiKey.DescribeProducers] = new(
            (spec, version) => Assert.Equal([ErrorCode.None], spec.Producers(version, 0)), (spec, version) => Assert.Empty(spec.Producers(version)),
            (spec, version) => Assert.Equal([ErrorCode.UnknownTopicOrPartition], spec.Producers(version, -1))),
        [ApiKey.DescribeTopicPartitions] = new(
            (spec, version) => Assert.Equal((ErrorCode.None, 2), spec.Page(version, 2_000, null)), (spec, version) => Assert.Equal((ErrorCode.None, 1), spec.Page(version, 0, null)),
            (spec, version) => Assert.Equal((ErrorCode.InvalidRequest, 0), spec.Page(version, 2_000, -1))),
    };

    public VersionsSpec()
        : base(new BrokerSettings { OffsetsTopicPartitions = 1 })
    {
        Create(Topic, 2);
        Produce(Topic);
    }

    public static TheoryData<ApiKey, short> Advertised()
    {
        var all = new TheoryData<ApiKey, short>();
        foreach (var api in new ApiTable().All)
            for (var version = api.MinVersion; version <= api.MaxVersion; version++)
                all.Add(api.Key, version);
        return all;
    }

    [Theory]
    [MemberData(nameof(Advertised))]
    public void Each_version_takes_good_input_knows_its_bounds_and_refuses_the_bad(ApiKey key, short version)
    {
        Assert.True(ByApi.TryGetValue(key, out var calls), $"{key} is advertised, but nothing calls it here");
        calls.Good(this, version);
        calls.Boundary(this, version);
        calls.Bad(this, version);
        // The connection serves on, whatever came.
        Assert.Equal(ErrorCode.None, (ErrorCode)Ask<ApiVersionsResponse>(new ApiVersionsRequest { ClientSoftwareName = "spec", ClientSoftwareVersion = "1" }, 3).ErrorCode);
    }

    private static void MetadataOfOne(VersionsSpec spec, short version)
    {
        var topic = spec.Ask<MetadataResponse>(new MetadataRequest { Topics = [new MetadataRequest.MetadataRequestTopic { Name = Topic }] }, version).Topics.Single();
        Assert.Equal((ErrorCode.None, Topic, 2), ((ErrorCode)topic.ErrorCode, topic.Name, topic.Partitions.Count));
    }

    private static void MetadataOfAll(VersionsSpec spec, short version)
    {
        Assert.Contains(spec.Ask<MetadataResponse>(new MetadataRequest { Topics = version == 0 ? [] : null }, version).Topics, topic => topic.Name == Topic);
        if (version > 0)
            Assert.Empty(spec.Ask<MetadataResponse>(new MetadataRequest { Topics = [] }, version).Topics);
    }

    private static void MetadataOfNone(VersionsSpec spec, short version)
    {
        Assert.Equal(ErrorCode.InvalidTopicException, Error(new MetadataRequest.MetadataRequestTopic { Name = "no/slash" }));
        if (version >= 4)
            Assert.Equal(ErrorCode.UnknownTopicOrPartition, Error(new MetadataRequest.MetadataRequestTopic { Name = "nowhere" }));
        if (version >= 12)
            Assert.Equal(ErrorCode.UnknownTopicId, Error(new MetadataRequest.MetadataRequestTopic { Name = null, TopicId = new Guid(9, 9, 9, new byte[8]) }));

        ErrorCode Error(MetadataRequest.MetadataRequestTopic topic) =>
            (ErrorCode)spec.Ask<MetadataResponse>(new MetadataRequest { Topics = [topic], AllowAutoTopicCreation = version < 4 }, version).Topics.Single().ErrorCode;
    }

    private static void VersionsOfAll(VersionsSpec spec, short version)
    {
        var told = spec.Ask<ApiVersionsResponse>(new ApiVersionsRequest { ClientSoftwareName = "a.b-1", ClientSoftwareVersion = "1.0-rc1" }, version);
        Assert.Equal(new ApiTable().All.Select(api => ((short)api.Key, api.MinVersion, api.MaxVersion)), told.ApiKeys.Select(api => (api.ApiKey, api.MinVersion, api.MaxVersion)));
    }

    private static void VersionsOfTheUnnamed(VersionsSpec spec, short version) =>
        Assert.Equal(version < 3 ? ErrorCode.None : ErrorCode.InvalidRequest, (ErrorCode)spec.Ask<ApiVersionsResponse>(new ApiVersionsRequest(), version).ErrorCode);

    private static void VersionsOfTheMisnamed(VersionsSpec spec, short version) => Assert.Equal(
        version < 3 ? ErrorCode.None : ErrorCode.InvalidRequest,
        (ErrorCode)spec.Ask<ApiVersionsResponse>(new ApiVersionsRequest { ClientSoftwareName = "-spec", ClientSoftwareVersion = "one two" }, version).ErrorCode);

    private static void CreateOne(VersionsSpec spec, short version)
    {
        Assert.Equal(ErrorCode.None, spec.New("new", version, partitions: 2));
        Assert.Equal(ErrorCode.TopicAlreadyExists, spec.New("new", version));
    }

    private static void CreateTheLongest(VersionsSpec spec, short version)
    {
        Assert.Equal(ErrorCode.None, spec.New(new string('x', 249), version));
        Assert.Equal(ErrorCode.InvalidTopicException, spec.New(new string('x', 250), version));
    }

    private static void CreateWrongly(VersionsSpec spec, short version)
    {
        Assert.Equal(ErrorCode.InvalidPartitions, spec.New("bad", version, partitions: 0));
        Assert.Equal(ErrorCode.InvalidReplicationFactor, spec.New("bad", version, replicas: 2));
        Assert.Equal(ErrorCode.InvalidConfig, spec.New("bad", version, config: ("retention.ms", "soon")));
    }

    private static void DeleteOne(VersionsSpec spec, short version)
    {
        spec.Create("short-lived");
        Assert.Equal(ErrorCode.None, spec.Delete("short-lived", version));
    }

    private static void DeleteNone(VersionsSpec spec, short version) => Assert.Empty(spec.Ask<DeleteTopicsResponse>(new DeleteTopicsRequest { TimeoutMs = 1_000 }, version).Responses);

    private static void DeleteWrongly(VersionsSpec spec, short version)
    {
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, spec.Delete("nowhere", version));
        if (version >= 6)
            Assert.Equal(ErrorCode.UnknownTopicId, (ErrorCode)spec.Ask<DeleteTopicsResponse>(
                new DeleteTopicsRequest { Topics = [new DeleteTopicsRequest.DeleteTopicState { TopicId = new Guid(9, 9, 9, new byte[8]) }] }, version).Responses.Single().ErrorCode);
    }

    private ErrorCode New(string name, short version, int partitions = 1, short replicas = 1, (string Name, string Value)? config = null)
    {
        var request = new CreateTopicsRequest { timeoutMs = 1_000 };
        request.Topics.Add(new CreateTopicsRequest.CreatableTopic { Name = name, NumPartitions = partitions, ReplicationFactor = replicas });
        if (config is var (key, value))
            request.Topics[0].Configs.Add(new CreateTopicsRequest.CreatableTopicConfig { Name = key, Value = value });
        return (ErrorCode)Ask<CreateTopicsResponse>(request, version).Topics.Single().ErrorCode;
    }

    private ErrorCode Delete(string name, short version) => (ErrorCode)Ask<DeleteTopicsResponse>(
        version < 6 ? new DeleteTopicsRequest { TopicNames = [name] } : new DeleteTopicsRequest { Topics = [new DeleteTopicsRequest.DeleteTopicState { Name = name }] }, version).Responses.Single().ErrorCode;

    private (ErrorCode, int) Configs(sbyte type, string name, short version)
    {
        var result = Ask<DescribeConfigsResponse>(
            new DescribeConfigsRequest { Resources = [new DescribeConfigsRequest.DescribeConfigsResource { ResourceType = type, ResourceName = name, ConfigurationKeys = null }] }, version).Results.Single();
        return ((ErrorCode)result.ErrorCode, result.Configs.Count);
    }

    private ErrorCode Alter(string retention, short version) => (ErrorCode)Ask<AlterConfigsResponse>(new AlterConfigsRequest
    {
        Resources = [new AlterConfigsRequest.AlterConfigsResource { ResourceType = 2, ResourceName = Topic, Configs = [new AlterConfigsRequest.AlterableConfig { Name = "retention.ms", Value = retention }] }],
    }, version).Responses.Single().ErrorCode;

    private ErrorCode AlterOne(string retention, short version) => (ErrorCode)Ask<IncrementalAlterConfigsResponse>(new IncrementalAlterConfigsRequest
    {
        Resources = [new IncrementalAlterConfigsRequest.AlterConfigsResource { ResourceType = 2, ResourceName = Topic, Configs = [new IncrementalAlterConfigsRequest.AlterableConfig { Name = "retention.ms", Value = retention }] }],
    }, version).Responses.Single().ErrorCode;

    private DescribeLogDirsResponse.DescribeLogDirsResult LogDirs(short version, params int[] partitions) =>
        Ask<DescribeLogDirsResponse>(new DescribeLogDirsRequest { Topics = [new DescribeLogDirsRequest.DescribableLogDirTopic { Topic = Topic, Partitions = [.. partitions] }] }, version).Results.Single();

    private ErrorCode More(int count, short version) => (ErrorCode)Ask<CreatePartitionsResponse>(
        new CreatePartitionsRequest { TimeoutMs = 1_000, Topics = [new CreatePartitionsRequest.CreatePartitionsTopic { Name = Topic, Count = count, Assignments = null }] }, version).Results.Single().ErrorCode;

    private IEnumerable<ErrorCode> Elect(short version, params int[] partitions) => Ask<ElectLeadersResponse>(
        new ElectLeadersRequest { TopicPartitions = [new ElectLeadersRequest.TopicPartitionsData { Topic = Topic, Partitions = [.. partitions] }] }, version)
        .ReplicaElectionResults.SelectMany(topic => topic.PartitionResult).Select(result => (ErrorCode)result.ErrorCode);

    private IEnumerable<ErrorCode> Producers(short version, params int[] partitions) => Ask<DescribeProducersResponse>(
        new DescribeProducersRequest { Topics = [new DescribeProducersRequest.TopicRequest { Name = Topic, PartitionIndexes = [.. partitions] }] }, version)
        .Topics.SelectMany(topic => topic.Partitions).Select(result => (ErrorCode)result.ErrorCode);

    private (ErrorCode, int) Page(short version, int limit, int? cursor)
    {
        var topic = Ask<DescribeTopicPartitionsResponse>(new DescribeTopicPartitionsRequest
        {
            Topics = [new DescribeTopicPartitionsRequest.TopicRequest { Name = Topic }],
            ResponsePartitionLimit = limit,
            Cursor = cursor is { } at ? new DescribeTopicPartitionsRequest.CursorData { TopicName = Topic, PartitionIndex = at } : null,
        }, version).Topics.Single();
        return ((ErrorCode)topic.ErrorCode, topic.Partitions.Count);
    }
}
