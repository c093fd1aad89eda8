using Actors.Broker.Network;
using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Broker.Apis;

/// <summary>Says what is served. v3: flexible, client software names; v4: no change for us. An unknown version is answered in version 0 with UNSUPPORTED_VERSION.</summary>
internal sealed class ApiVersions() : Api<ApiVersionsRequest>(ApiKey.ApiVersions, 0, 3)
{
    protected override void Dispatch(ApiVersionsRequest request, Exchange exchange)
    {
        exchange.ClientSoftware = request.ClientSoftwareName;
        var response = new ApiVersionsResponse
        {
            ErrorCode = (short)(ReferenceEquals(request, RequestFrame.UnknownApiVersions) ? ErrorCode.UnsupportedVersion : ErrorCode.None),
        };
        foreach (var api in exchange.Broker.Apis.All)
            response.ApiKeys.Add(new ApiVersionsResponse.ApiVersion { ApiKey = (short)api.Key, MinVersion = api.MinVersion, MaxVersion = api.MaxVersion });
        exchange.Complete(response);
    }
}
