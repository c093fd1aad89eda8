using System.Text.RegularExpressions;
using Actors.Broker.Network;
using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Broker.Apis;

/// <summary>
/// Says what is served. v3: flexible, client software names, which must be such; v4: no change for us. An unknown version is answered in version 0 with UNSUPPORTED_VERSION.
/// </summary>
internal sealed partial class ApiVersions() : Api<ApiVersionsRequest>(ApiKey.ApiVersions, 0, 3)
{
    protected override void Dispatch(ApiVersionsRequest request, Exchange exchange)
    {
        var unknown = ReferenceEquals(request, RequestFrame.UnknownApiVersions);
        if (!unknown && exchange.ApiVersion >= 3 && !(SoftwareName().IsMatch(request.ClientSoftwareName) && SoftwareName().IsMatch(request.ClientSoftwareVersion)))
        {
            exchange.Complete(new ApiVersionsResponse { ErrorCode = (short)ErrorCode.InvalidRequest });
            return;
        }
        exchange.ClientSoftware = request.ClientSoftwareName;
        var response = new ApiVersionsResponse { ErrorCode = (short)(unknown ? ErrorCode.UnsupportedVersion : ErrorCode.None) };
        foreach (var api in exchange.Broker.Apis.All)
            response.ApiKeys.Add(new ApiVersionsResponse.ApiVersion { ApiKey = (short)api.Key, MinVersion = api.MinVersion, MaxVersion = api.MaxVersion });
        exchange.Complete(response);
    }
    /// <summary>Of a name and of a version. Source: KIP-511.</summary>
    [GeneratedRegex(@"\A[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?\z")]
    private static partial Regex SoftwareName();
}
