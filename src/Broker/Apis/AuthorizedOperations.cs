namespace Actors.Broker.Apis;

/// <summary>What a client may do, a bit an operation by the number of Kafka's <c>AclOperation</c>: without an authorizer all that there is.</summary>
internal static class AuthorizedOperations
{
    private const int Read = 1 << 3, Write = 1 << 4, Create = 1 << 5, Delete = 1 << 6, Alter = 1 << 7, Describe = 1 << 8, ClusterAction = 1 << 9,
        DescribeConfigs = 1 << 10, AlterConfigs = 1 << 11, IdempotentWrite = 1 << 12;

    public const int OfCluster = Create | Alter | Describe | ClusterAction | DescribeConfigs | AlterConfigs | IdempotentWrite;

    public const int OfTopic = Read | Write | Create | Delete | Alter | Describe | DescribeConfigs | AlterConfigs;
}
