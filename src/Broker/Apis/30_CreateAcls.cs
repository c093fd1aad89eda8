using Actors.Broker.Network;
using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Broker.Apis;

/// <summary>Each rule is answered SECURITY_DISABLED. v1: kinds of patterns; v2: flexible.</summary>
internal sealed class CreateAcls() : Api<CreateAclsRequest>(ApiKey.CreateAcls, 0, 3)
{
    protected override void Dispatch(CreateAclsRequest request, Exchange exchange) =>
        exchange.Complete(new CreateAclsResponse
        {
            Results = request.Creations.ConvertAll(_ => new CreateAclsResponse.AclCreationResult { ErrorCode = NoAuthorizer.Error, ErrorMessage = NoAuthorizer.Message }),
        });
}
