using System.Buffers;
using System.Net.Sockets;
using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Cluster.Tests;

/// <summary>One request at a time over a socket, to whichever node one likes: no client would ask the wrong one.</summary>
internal sealed class RawConnection : IDisposable
{
    private readonly TcpClient _socket;
    private int _lastCorrelation;

    /// <param name="address">HOST:PORT.</param>
    /// <param name="answersWithin">How long an answer may take; 10 s if not given.</param>
    public RawConnection(string address, TimeSpan? answersWithin = null)
    {
        var colon = address.LastIndexOf(':');
        _socket = new TcpClient(address[..colon], int.Parse(address[(colon + 1)..], System.Globalization.CultureInfo.InvariantCulture)) { ReceiveTimeout = (int)(answersWithin ?? TimeSpan.FromSeconds(10)).TotalMilliseconds };
    }

    /// <summary>Whether the node refused or ended the connection, rather than kept it and said nothing.</summary>
    public static bool IsClosed(Exception e) =>
        (e as SocketException ?? e.InnerException as SocketException) is { } socket ? socket.SocketErrorCode != SocketError.TimedOut : e is IOException;

    public TResponse Ask<TResponse>(IRequest request, short version)
        where TResponse : IMessage
    {
        var writer = new ProtocolWriter();
        Frame.WriteRequest(writer, request, version, ++_lastCorrelation, "spec");
        var bytes = new ArrayBufferWriter<byte>();
        writer.CopyTo(bytes);
        var stream = _socket.GetStream();
        stream.Write(bytes.WrittenSpan);
        var length = new byte[Frame.LengthSize];
        stream.ReadExactly(length);
        var frame = new byte[System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(length)];
        stream.ReadExactly(frame);
        var reader = new ProtocolReader(new ReadOnlySequence<byte>(frame));
        ResponseHeader.Read(ref reader, ApiVersionTable.Of(request.Key).ResponseHeaderVersion(version));
        return (TResponse)ApiVersionTable.ReadResponse(request.Key, ref reader, version);
    }

    public void Dispose() => _socket.Dispose();
}
