using Actors.Broker.Network;
using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Broker.Apis;

/// <summary>There are no access rules: everything is allowed, and who asks is told so, in Kafka's words without an authorizer.</summary>
internal static class NoAuthorizer
{
    public const short Error = (short)ErrorCode.SecurityDisabled;
    public const string Message = "No Authorizer is configured.";
}

/// <summary>Answered SECURITY_DISABLED. v1: kinds of patterns; v2: flexible.</summary>
internal sealed class DescribeAcls() : Api<DescribeAclsRequest>(ApiKey.DescribeAcls, 0, 3)
{
    protected override void Dispatch(DescribeAclsRequest request, Exchange exchange) =>
        exchange.Complete(new DescribeAclsResponse { ErrorCode = NoAuthorizer.Error, ErrorMessage = NoAuthorizer.Message });
}
