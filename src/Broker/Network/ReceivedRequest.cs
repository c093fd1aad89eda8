using Actors.Broker.Apis;
using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Broker.Network;

/// <summary>A decoded request, told to the connection's actor.</summary>
internal sealed record ReceivedRequest(Api Api, RequestHeader Header, IRequest Request, long Bytes);

/// <summary>The client closed its side, or sent what cannot be read on.</summary>
internal sealed class InputEnded
{
    public static readonly InputEnded Instance = new();
}
