using System.Net.Sockets;
using System.Text;
using Akka.Actor;
using Akka.Dispatch.SysMsg;
using Akka.Event;
using Akka.Serialization;

namespace Akka.Remote.Tcp;

/// <summary>What has arrived from one incarnation of another node, over all its connections.</summary>
internal sealed class InboundPeer(Address address, int uid)
{
    internal Address Address { get; } = address;

    internal int Uid { get; } = uid;

    /// <summary>The last system message delivered.</summary>
    internal long Delivered { get; set; }

    /// <summary>The connection that may deliver.</summary>
    internal InboundConnection? Current { get; set; }
}

/// <summary>A connection that another node opened: its messages come in, acknowledgements go back. One loop reads, delivers and answers.</summary>
internal sealed class InboundConnection : IDisposable
{
    private const int HelloLimit = 4 * 1024;
    private const int CacheSize = 1024;

    private readonly Remoting _remoting;
    private readonly Socket _socket;
    private readonly FrameReader _reader;
    private readonly FrameWriter _writer = new();
    private readonly Utf8Cache<IInternalActorRef> _recipients = new(CacheSize);
    private readonly Utf8Cache<IActorRef> _senders = new(CacheSize);
    private readonly Utf8Cache<string> _manifests = new(CacheSize);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private InboundPeer? _peer;
    private Address _local;
    private bool _acknowledge;
    private bool _goodbye;
    private volatile bool _refuse;

    internal InboundConnection(Remoting remoting, Socket socket)
    {
        _remoting = remoting;
        _socket = socket;
        _local = remoting.DefaultAddress;
        _reader = new FrameReader(socket, HelloLimit);
    }

    internal InboundPeer? Peer => _peer;

    /// <summary>Done when nothing more is delivered from here.</summary>
    internal Task Ended => _ended.Task;

    internal void Close() => _socket.Dispose();

    /// <summary>Tells the other side that it is quarantined, before the connection is closed.</summary>
    internal void RefuseAndClose()
    {
        _refuse = true;
        // The loop may wait for bytes that never come: it wakes when nothing more can be received.
        try { _socket.Shutdown(SocketShutdown.Receive); }
        catch (Exception e) when (e is SocketException or ObjectDisposedException) { _socket.Dispose(); }
    }

    public void Dispose()
    {
        _socket.Dispose();
        _reader.Dispose();
        _writer.Dispose();
    }

    internal async Task Run(CancellationToken stopped)
    {
        try
        {
            if (await ShakeHands(stopped).ConfigureAwait(false)) await Read(stopped).ConfigureAwait(false);
            if (_refuse) await Refuse(RefusalReason.Quarantined, "quarantined", stopped).ConfigureAwait(false);
        }
        catch (MalformedFrameException e)
        {
            _remoting.Log.Warning("A connection from [{0}] is closed: {1}", (object?)_peer?.Address ?? RemoteEnd(), e.Message);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            _remoting.Log.Debug("A connection from [{0}] ended: {1}", (object?)_peer?.Address ?? "unknown", e.Message);
        }
        finally
        {
            _ended.TrySetResult();
            if (_peer is not null) _remoting.Publish(new DisassociatedEvent(_local, _peer.Address, true));
            if (_goodbye) _remoting.PeerLeft(_peer!);
            else if (_peer is not null && ReferenceEquals(_peer.Current, this) && !_refuse) _remoting.AssociationTo(_peer.Address).InboundLost(_peer.Uid);
            Dispose();
        }
    }

    private string RemoteEnd()
    {
        try { return _socket.RemoteEndPoint?.ToString() ?? "unknown"; }
        catch (Exception e) when (e is SocketException or ObjectDisposedException) { return "unknown"; }
    }

    private async Task<bool> ShakeHands(CancellationToken stopped)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopped);
        limit.CancelAfter(_remoting.Tcp.HandshakeTimeout);
        if (await _reader.Next(limit.Token).ConfigureAwait(false) is not { } hello) return false;
        var (uid, from, to) = OutboundConnection.ParseHello(hello.Span);
        if (_remoting.Links.IsCut(from, LinkDirection.Both)) return false;
        if (!_remoting.Addresses.Contains(to))
        {
            await Refuse(RefusalReason.NotThisNode, $"[{to}] is wanted, and [{_remoting.DefaultAddress}] is here", limit.Token).ConfigureAwait(false);
            return false;
        }
        _local = to;
        var association = _remoting.AssociationTo(from);
        if (association.IsQuarantined(uid))
        {
            await Refuse(RefusalReason.Quarantined, $"[{from}] with uid {uid} is quarantined", limit.Token).ConfigureAwait(false);
            return false;
        }
        _peer = await _remoting.Enter(this, from, uid).ConfigureAwait(false);
        association.Introduced(uid);
        _reader.Limit = _remoting.Tcp.MaximumFrameSize;
        _writer.Begin(FrameKind.Welcome);
        _writer.Int(_remoting.Uid);
        _writer.End();
        await Send(limit.Token).ConfigureAwait(false);
        _remoting.Publish(new AssociatedEvent(_local, from, true));
        return true;
    }

    private async Task Refuse(RefusalReason reason, string text, CancellationToken cancel)
    {
        _writer.Clear();
        _writer.Begin(FrameKind.Refused);
        _writer.Byte((byte)reason);
        _writer.Text(text);
        _writer.End();
        await Send(cancel).ConfigureAwait(false);
        _socket.Shutdown(SocketShutdown.Send);
        // Bytes that nobody reads would make the socket's end a reset, and take the answer with it.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(TimeSpan.FromSeconds(1));
        var rest = new byte[4096];
        while (await _socket.ReceiveAsync(rest, SocketFlags.None, limit.Token).ConfigureAwait(false) > 0) { }
    }

    private async Task Read(CancellationToken stopped)
    {
        do
        {
            while (!_refuse && _reader.TryNext(out var body))
            {
                if (!_remoting.Links.IsCut(_peer!.Address, LinkDirection.Receive)) Take(body.Span);
            }
            if (_refuse || _goodbye) return;
            if (_acknowledge)
            {
                _acknowledge = false;
                _writer.Begin(FrameKind.Acknowledge);
                _writer.Long(_peer!.Delivered);
                _writer.End();
            }
            if (_writer.Length > 0) await Send(stopped).ConfigureAwait(false);
        }
        while (await _reader.Fill(stopped).ConfigureAwait(false));
    }

    private async ValueTask Send(CancellationToken cancel)
    {
        var rest = _peer is not null && _remoting.Links.IsCut(_peer.Address, LinkDirection.Send) ? default : _writer.Written;
        while (rest.Length > 0) rest = rest[await _socket.SendAsync(rest, SocketFlags.None, cancel).ConfigureAwait(false)..];
        _writer.Clear();
    }

    private void Take(ReadOnlySpan<byte> body)
    {
        var parser = new FrameParser(body);
        switch ((FrameKind)parser.Byte())
        {
            case FrameKind.Message: Deliver(parser, system: false); break;
            case FrameKind.SystemMessage: TakeSystemMessage(parser); break;
            case FrameKind.Ping: _writer.Empty(FrameKind.Pong); break;
            case FrameKind.Goodbye: _goodbye = true; break;
            case var kind: throw new MalformedFrameException($"a frame of kind {(byte)kind}");
        }
    }

    private void TakeSystemMessage(FrameParser parser)
    {
        var sequence = parser.Long();
        _acknowledge = true;
        // One sent again, or one after a gap that will be sent again.
        if (sequence != _peer!.Delivered + 1) return;
        _peer.Delivered = sequence;
        if (!parser.Rest.IsEmpty) Deliver(parser, system: true);
    }

    private void Deliver(FrameParser parser, bool system)
    {
        var serializerId = parser.Int();
        var manifest = Text(parser.TextBytes());
        var recipient = Recipient(parser.TextBytes());
        var sender = Sender(parser.TextBytes());
        object? message;
        var before = Akka.Serialization.Serialization.ExchangeTransport(_remoting.InformationFor(_local));
        try
        {
            message = _remoting.System.Serialization.Deserialize(parser.Rest.ToArray(), serializerId, manifest);
        }
        // What cannot be read, with a serialiser that may be a user's, is lost; the connection and its other messages are not.
        catch (Exception e)
        {
            _remoting.Log.Error(e, "A message from [{0}] with serializer id [{1}] and manifest [{2}] is dropped: {3}", _peer!.Address, serializerId, manifest, e.Message);
            return;
        }
        finally
        {
            Akka.Serialization.Serialization.ExchangeTransport(before);
        }
        switch (message)
        {
            case null: break;
            case ISystemMessage systemMessage:
                if (system) recipient.SendSystemMessage(systemMessage);
                break;
            case ActorSelectionMessage selection: selection.Deliver(recipient, sender); break;
            default: recipient.Tell(message, sender); break;
        }
    }

    private string Text(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return "";
        if (_manifests.TryGet(bytes, out var text)) return text;
        text = Encoding.UTF8.GetString(bytes);
        _manifests.Set(bytes, text);
        return text;
    }

    private IInternalActorRef Recipient(ReadOnlySpan<byte> bytes)
    {
        if (_recipients.TryGet(bytes, out var known) && !known.IsTerminated) return known;
        var path = Encoding.UTF8.GetString(bytes);
        if (!ActorPath.TryParse(_remoting.Provider.RootPath.Address + path, out var parsed)) throw new MalformedFrameException($"no actor has the path [{path}]");
        var found = (IInternalActorRef)_remoting.Provider.ResolveHere(parsed);
        // A path without actor may have one later; an ask's reference is used once.
        if (found is LocalActorRef) _recipients.Set(bytes, found);
        return found;
    }

    private IActorRef? Sender(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return null;
        if (_senders.TryGet(bytes, out var known)) return known;
        var text = Encoding.UTF8.GetString(bytes);
        IActorRef sender;
        if (text[0] != '/') sender = _remoting.Provider.ResolveActorRef(text);
        else if (ActorPath.TryParse(_peer!.Address + text, out var path)) sender = _remoting.Provider.CreateRemoteRefOf(path, _local);
        else throw new MalformedFrameException($"no actor has the path [{text}]");
        if (sender is RemoteActorRef) _senders.Set(bytes, sender);
        return sender;
    }
}
