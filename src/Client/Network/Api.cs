using System.Buffers;
using Actors.Protocol;

namespace Actors.Client;

/// <summary>Reads a response's body.</summary>
public delegate TResponse ReadMessage<out TResponse>(ref ProtocolReader reader, short version);

/// <summary>A request and its response: the API key, the versions this client speaks, and how the response is read.</summary>
/// <param name="Key">The API key.</param>
/// <param name="MinVersion">The oldest version this client speaks.</param>
/// <param name="MaxVersion">The newest version this client speaks; may be older than the newest one the codec knows.</param>
/// <param name="Read">Reads the response's body.</param>
public sealed record Api<TRequest, TResponse>(
    ApiKey Key, short MinVersion, short MaxVersion, ReadMessage<TResponse> Read) where TRequest : IRequest
{
    /// <summary>A broker that does not know the version asked for answers ApiVersions in version 0 with error 35.</summary>
    internal short BodyVersion(short version, ReadOnlySequence<byte> body)
    {
        if (Key != ApiKey.ApiVersions || body.Length < 2) return version;
        Span<byte> error = stackalloc byte[2];
        body.Slice(0, 2).CopyTo(error);
        return error[0] == 0 && error[1] == (short)ErrorCode.UnsupportedVersion ? (short)0 : version;
    }
}
