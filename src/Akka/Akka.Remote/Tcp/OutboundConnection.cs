using System.Net;
using System.Net.Sockets;
using Akka.Actor;

namespace Akka.Remote.Tcp;

/// <summary>A connection that this node opened: messages go out, acknowledgements come back.</summary>
internal sealed class OutboundConnection : IDisposable
{
    private const uint Magic = 0x414B5354;
    private const byte Version = 1;
    private const int ControlLimit = 4 * 1024;

    private readonly Socket _socket;
    private readonly FrameReader _reader;
    private readonly Remoting _remoting;
    private readonly Address _remote;
    private long _lastHeard = Environment.TickCount64;

    private OutboundConnection(Remoting remoting, Address remote, Socket socket)
    {
        _remoting = remoting;
        _remote = remote;
        _socket = socket;
        _reader = new FrameReader(socket, ControlLimit);
    }

    internal int PeerUid { get; private set; }

    internal bool IsClosed { get; private set; }

    internal FrameWriter Writer { get; } = new();

    /// <summary>Up to which sequence number system messages have been written to it.</summary>
    internal long SentUpTo { get; set; }

    internal TimeSpan Silence => TimeSpan.FromMilliseconds(Environment.TickCount64 - Volatile.Read(ref _lastHeard));

    /// <summary>Connects and shakes hands; fails with a <see cref="SocketException"/>, or with what the other node answered.</summary>
    internal static async Task<OutboundConnection> Open(Remoting remoting, Address remote, CancellationToken stopped)
    {
        if (remoting.Links.IsCut(remote, LinkDirection.Both)) throw new SocketException((int)SocketError.TimedOut);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopped);
        limit.CancelAfter(remoting.Tcp.HandshakeTimeout);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = remoting.Tcp.NoDelay };
        OutboundConnection? connection = null;
        try
        {
            EndPoint end = IPAddress.TryParse(remote.Host, out var ip) ? new IPEndPoint(ip, remote.Port!.Value) : new DnsEndPoint(remote.Host, remote.Port!.Value);
            await socket.ConnectAsync(end, limit.Token).ConfigureAwait(false);
            connection = new OutboundConnection(remoting, remote, socket);
            await connection.ShakeHands(limit.Token).ConfigureAwait(false);
            return connection;
        }
        catch (Exception e)
        {
            if (connection is null) socket.Dispose();
            else connection.Dispose();
            if (e is OperationCanceledException && !stopped.IsCancellationRequested) throw new SocketException((int)SocketError.TimedOut);
            throw;
        }
    }

    private async Task ShakeHands(CancellationToken limit)
    {
        Writer.Begin(FrameKind.Hello);
        Writer.Int(unchecked((int)Magic));
        Writer.Byte(Version);
        Writer.Int(_remoting.Uid);
        Writer.Text(_remoting.DefaultAddress.ToString());
        Writer.Text(_remote.ToString());
        Writer.End();
        await Send(limit).ConfigureAwait(false);
        var answer = await _reader.Next(limit).ConfigureAwait(false) ?? throw new IOException("the connection was closed instead of an answer to the handshake");
        Read(answer.Span);
    }

    private void Read(ReadOnlySpan<byte> body)
    {
        var parser = new FrameParser(body);
        switch ((FrameKind)parser.Byte())
        {
            case FrameKind.Welcome: PeerUid = parser.Int(); break;
            case FrameKind.Refused: throw new ConnectionRefusedByPeerException((RefusalReason)parser.Byte(), parser.Text());
            case var kind: throw new MalformedFrameException($"the answer to a handshake is a frame of kind {(byte)kind}");
        }
    }

    internal static (int Uid, Address From, Address To) ParseHello(ReadOnlySpan<byte> body)
    {
        var parser = new FrameParser(body);
        if (parser.Byte() != (byte)FrameKind.Hello || unchecked((uint)parser.Int()) != Magic)
            throw new MalformedFrameException("what connected does not speak this protocol");
        var version = parser.Byte();
        if (version != Version) throw new MalformedFrameException($"a handshake of version {version}, version {Version} is known");
        var uid = parser.Int();
        var (from, to) = (parser.Text(), parser.Text());
        if (Address.TryParse(from, out var fromAddress) && Address.TryParse(to, out var toAddress) && Remoting.IsReachable(fromAddress)) return (uid, fromAddress, toAddress);
        throw new MalformedFrameException($"a handshake from [{from}] to [{to}]");
    }

    /// <summary>Sends what stands in <see cref="Writer"/>.</summary>
    internal async ValueTask Send(CancellationToken cancel)
    {
        var rest = Writer.Written;
        if (_remoting.Links.IsCut(_remote, LinkDirection.Send)) rest = default;
        while (rest.Length > 0)
        {
            var sent = await _socket.SendAsync(rest, SocketFlags.None, cancel).ConfigureAwait(false);
            rest = rest[sent..];
        }
        Writer.Clear();
    }

    /// <summary>Reads what comes back until the connection ends, and says why it did.</summary>
    internal async Task<Exception?> ReadBack(Association association)
    {
        try
        {
            while (await _reader.Next(CancellationToken.None).ConfigureAwait(false) is { } body)
            {
                if (_remoting.Links.IsCut(_remote, LinkDirection.Receive)) continue;
                Volatile.Write(ref _lastHeard, Environment.TickCount64);
                Take(body.Span, association);
            }
            return null;
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException or ConnectionRefusedByPeerException)
        {
            return e;
        }
        finally
        {
            IsClosed = true;
        }
    }

    private static void Take(ReadOnlySpan<byte> body, Association association)
    {
        var parser = new FrameParser(body);
        switch ((FrameKind)parser.Byte())
        {
            case FrameKind.Acknowledge: association.Acknowledged(parser.Long()); break;
            case FrameKind.Pong: break;
            case FrameKind.Refused: throw new ConnectionRefusedByPeerException((RefusalReason)parser.Byte(), parser.Text());
            case var kind: throw new MalformedFrameException($"a frame of kind {(byte)kind} came back");
        }
    }

    /// <summary>Says that nothing more comes; what was sent still arrives.</summary>
    internal void FinishSending()
    {
        try { _socket.Shutdown(SocketShutdown.Send); }
        catch (Exception e) when (e is SocketException or ObjectDisposedException) { IsClosed = true; }
    }

    /// <summary>Ends the socket; <see cref="ReadBack"/> returns.</summary>
    internal void Close() => _socket.Dispose();

    public void Dispose()
    {
        IsClosed = true;
        _socket.Dispose();
        _reader.Dispose();
        Writer.Dispose();
    }
}

/// <summary>The other node answered, and does not want the connection.</summary>
internal sealed class ConnectionRefusedByPeerException(RefusalReason reason, string text) : RemoteTransportException(text)
{
    internal RefusalReason Reason { get; } = reason;
}
