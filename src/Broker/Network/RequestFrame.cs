using System.Buffers;
using Actors.Broker.Apis;
using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Broker.Network;

/// <summary>Reads a request's header, finds its API and reads its body.</summary>
internal static class RequestFrame
{
    /// <exception cref="MalformedMessageException">The frame is no request of an API and version that is served here.</exception>
    public static ReceivedRequest Read(in ReadOnlySequence<byte> frame, ApiTable apis, long bytes)
    {
        var peek = new ProtocolReader(frame);
        var key = (ApiKey)peek.ReadInt16();
        var version = peek.ReadInt16();
        if (apis.Find(key) is not { } api)
            throw new MalformedMessageException($"API key {(short)key} ({key}) is not served");
        if (!api.Reads(version))
        {
            // Clients ask with the newest version they know; the answer in version 0 tells them ours (KIP-511).
            if (key != ApiKey.ApiVersions)
                throw new MalformedMessageException($"{key} version {version} is not served ({api.MinVersion} to {api.MaxVersion} are)");
            var correlation = peek.ReadInt32();
            return new ReceivedRequest(api, new RequestHeader { RequestApiKey = (short)key, RequestApiVersion = 0, CorrelationId = correlation }, UnknownApiVersions, bytes);
        }
        var reader = new ProtocolReader(frame);
        var header = RequestHeader.Read(ref reader, ApiVersionTable.Of(key).RequestHeaderVersion(version));
        var request = ApiVersionTable.ReadRequest(key, ref reader, version);
        return new ReceivedRequest(api, header, request, bytes);
    }

    /// <summary>Stands for an ApiVersions request of a version we do not know.</summary>
    public static readonly ApiVersionsRequest UnknownApiVersions = new();
}
