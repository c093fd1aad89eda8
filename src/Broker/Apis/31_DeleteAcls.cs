using Actors.Broker.Network;
using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Broker.Apis;

/// <summary>Each filter is answered SECURITY_DISABLED. v1: kinds of patterns; v2: flexible.</summary>
internal sealed class DeleteAcls() : Api<DeleteAclsRequest>(ApiKey.DeleteAcls, 0, 3)
{
    protected override void Dispatch(DeleteAclsRequest request, Exchange exchange) =>
        exchange.Complete(new DeleteAclsResponse
        {
            FilterResults = request.Filters.ConvertAll(_ => new DeleteAclsResponse.DeleteAclsFilterResult { ErrorCode = NoAuthorizer.Error, ErrorMessage = NoAuthorizer.Message }),
        });
}
