using Actors.Protocol;
using Actors.Protocol.Messages;
using Xunit;

namespace Actors.Broker.Tests.Admin;

public sealed partial class VersionsSpec
{
    // Kafka's codes of resource types, pattern types, operations and permissions.
    private const sbyte Any = 1, TopicResource = 2, Literal = 3, ReadOperation = 3, Allow = 3, UnheardOf = 99;
    private const sbyte Brokers = 1, Controllers = 2;

    private static void DescribeAllAcls(VersionsSpec spec, short version) => spec.RefusesToDescribeAcls(
        // Version 0 knows no patterns.
        new DescribeAclsRequest { ResourceTypeFilter = Any, ResourceNameFilter = null, PatternTypeFilter = version == 0 ? Literal : Any, PrincipalFilter = null, HostFilter = null, Operation = Any, PermissionType = Any },
        version);

    private static void DescribeOneAcl(VersionsSpec spec, short version) => spec.RefusesToDescribeAcls(
        new DescribeAclsRequest { ResourceTypeFilter = TopicResource, ResourceNameFilter = Topic, PrincipalFilter = "User:a", HostFilter = "127.0.0.1", Operation = ReadOperation, PermissionType = Allow },
        version);

    private static void DescribeAclsWrongly(VersionsSpec spec, short version) => spec.RefusesToDescribeAcls(
        new DescribeAclsRequest
        {
            ResourceTypeFilter = UnheardOf, ResourceNameFilter = "", PatternTypeFilter = version == 0 ? Literal : UnheardOf, PrincipalFilter = "nobody", HostFilter = "", Operation = UnheardOf, PermissionType = UnheardOf,
        },
        version);

    private static void CreateTwoAcls(VersionsSpec spec, short version) => spec.RefusesToCreateAcls(
        version,
        new CreateAclsRequest.AclCreation { ResourceType = TopicResource, ResourceName = Topic, Principal = "User:a", Host = "*", Operation = ReadOperation, PermissionType = Allow },
        new CreateAclsRequest.AclCreation { ResourceType = TopicResource, ResourceName = "*", Principal = "User:*", Host = "127.0.0.1", Operation = ReadOperation, PermissionType = Allow });

    private static void CreateNoAcl(VersionsSpec spec, short version) => spec.RefusesToCreateAcls(version);

    /// <summary>What is wrong with a rule is not looked at where no rule is kept.</summary>
    private static void CreateAclsWrongly(VersionsSpec spec, short version) => spec.RefusesToCreateAcls(
        version,
        new CreateAclsRequest.AclCreation
        {
            ResourceType = UnheardOf, ResourceName = "", ResourcePatternType = version == 0 ? Literal : UnheardOf, Principal = "nobody", Host = "", Operation = UnheardOf, PermissionType = UnheardOf,
        });

    private static void DeleteTwoAcls(VersionsSpec spec, short version) => spec.RefusesToDeleteAcls(
        version,
        new DeleteAclsRequest.DeleteAclsFilter
        {
            ResourceTypeFilter = Any, ResourceNameFilter = null, PatternTypeFilter = version == 0 ? Literal : Any, PrincipalFilter = null, HostFilter = null, Operation = Any, PermissionType = Any,
        },
        new DeleteAclsRequest.DeleteAclsFilter { ResourceTypeFilter = TopicResource, ResourceNameFilter = Topic, PrincipalFilter = "User:a", HostFilter = "*", Operation = ReadOperation, PermissionType = Allow });

    private static void DeleteNoAcl(VersionsSpec spec, short version) => spec.RefusesToDeleteAcls(version);

    private static void DeleteAclsWrongly(VersionsSpec spec, short version) => spec.RefusesToDeleteAcls(
        version,
        new DeleteAclsRequest.DeleteAclsFilter
        {
            ResourceTypeFilter = UnheardOf, ResourceNameFilter = "", PatternTypeFilter = version == 0 ? Literal : UnheardOf, PrincipalFilter = "nobody", HostFilter = "", Operation = UnheardOf, PermissionType = UnheardOf,
        });

    private static void MovesOfAll(VersionsSpec spec, short version) => spec.NothingMoves(version, null);

    private static void MovesOfOne(VersionsSpec spec, short version)
    {
        spec.NothingMoves(version, [(Topic, [0, 1])]);
        spec.NothingMoves(version, [(Topic, [])]);
        spec.NothingMoves(version, []);
    }

    /// <summary>As Kafka does, it leaves out what it does not know, and calls that no error.</summary>
    private static void MovesOfNone(VersionsSpec spec, short version) => spec.NothingMoves(version, [(Topic, [-1, 2, int.MaxValue]), ("nowhere", [0]), ("", [0])]);

    private static void OneBroker(VersionsSpec spec, short version) => Assert.Equal(int.MinValue, spec.Described(new DescribeClusterRequest(), version).ClusterAuthorizedOperations);

    private static void OneBrokerAndItsOperations(VersionsSpec spec, short version) =>
        Assert.Equal(8096, spec.Described(new DescribeClusterRequest { IncludeClusterAuthorizedOperations = true }, version).ClusterAuthorizedOperations);

    private static void NoController(VersionsSpec spec, short version)
    {
        foreach (var (type, error) in ((sbyte, ErrorCode)[])[(Controllers, ErrorCode.MismatchedEndpointType), (0, ErrorCode.UnsupportedEndpointType), (UnheardOf, ErrorCode.UnsupportedEndpointType)])
        {
            var request = new DescribeClusterRequest { EndpointType = type };
            if (version == 0)
            {
                // It has no field that could say so.
                Assert.Throws<UnsupportedVersionException>(() => spec.Ask<DescribeClusterResponse>(request, version));
                continue;
            }
            var told = spec.Ask<DescribeClusterResponse>(request, version);
            Assert.Equal(error, (ErrorCode)told.ErrorCode);
            Assert.NotEmpty(told.ErrorMessage!);
            Assert.Empty(told.Brokers);
        }
    }

    private void RefusesToDescribeAcls(DescribeAclsRequest request, short version)
    {
        var told = Ask<DescribeAclsResponse>(request, version);
        Assert.Equal(ErrorCode.SecurityDisabled, (ErrorCode)told.ErrorCode);
        Assert.NotEmpty(told.ErrorMessage!);
        Assert.Empty(told.Resources);
    }

    private void RefusesToCreateAcls(short version, params CreateAclsRequest.AclCreation[] rules)
    {
        var results = Ask<CreateAclsResponse>(new CreateAclsRequest { Creations = [.. rules] }, version).Results;
        Assert.Equal(rules.Select(_ => ErrorCode.SecurityDisabled), results.Select(result => (ErrorCode)result.ErrorCode));
        Assert.All(results, result => Assert.NotEmpty(result.ErrorMessage!));
    }

    private void RefusesToDeleteAcls(short version, params DeleteAclsRequest.DeleteAclsFilter[] filters)
    {
        var results = Ask<DeleteAclsResponse>(new DeleteAclsRequest { Filters = [.. filters] }, version).FilterResults;
        Assert.Equal(filters.Select(_ => ErrorCode.SecurityDisabled), results.Select(result => (ErrorCode)result.ErrorCode));
        Assert.All(results, result => Assert.NotEmpty(result.ErrorMessage!));
        Assert.All(results, result => Assert.Empty(result.MatchingAcls));
    }

    /// <summary>No error and no topic; null asks for all.</summary>
    private void NothingMoves(short version, (string Name, int[] Partitions)[]? asked)
    {
        var request = new ListPartitionReassignmentsRequest
        {
            Topics = asked is null ? null : [.. asked.Select(topic => new ListPartitionReassignmentsRequest.ListPartitionReassignmentsTopics { Name = topic.Name, PartitionIndexes = [.. topic.Partitions] })],
        };
        var told = Ask<ListPartitionReassignmentsResponse>(request, version);
        Assert.Equal(ErrorCode.None, (ErrorCode)told.ErrorCode);
        Assert.Null(told.ErrorMessage);
        Assert.Empty(told.Topics);
    }

    private DescribeClusterResponse Described(DescribeClusterRequest request, short version)
    {
        var told = Ask<DescribeClusterResponse>(request, version);
        Assert.Equal((ErrorCode.None, "actors", 1, Brokers), ((ErrorCode)told.ErrorCode, told.ClusterId, told.ControllerId, told.EndpointType));
        Assert.Equal(1, Assert.Single(told.Brokers).BrokerId);
        return told;
    }
}
