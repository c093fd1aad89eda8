using Actors.Broker.Apis;
using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Broker.Network;

/// <summary>A decoded request, told to the connection's actor.</summary>
internal sealed record ReceivedRequest(Api Api, RequestHeader Header, IRequest Request, long Bytes);

/// <summary>The node takes no more requests of this connection: it ends once those that came are answered.</summary>
internal sealed class LastRequestRead
{
    public static readonly LastRequestRead Instance = new();
}

/// <summary>The client closed its side, or sent what cannot be read on.</summary>
internal sealed class InputEnded
{
    public static readonly InputEnded Instance = new();
}
