using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Event;
using Akka.Serialization;

namespace Akka.Remote.Tcp;

/// <summary>
/// Frames over TCP. Each node opens one connection to every node it talks to and sends on it; what comes back on it are
/// acknowledgements only, so that two nodes never argue about whose connection is the right one.
/// </summary>
internal sealed class Remoting : RemoteTransport
{
    internal const string Protocol = "akka.tcp";

    private const int MaxInbound = 4096;
    private static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentDictionary<Address, Association> _associations = new();
    private readonly ConcurrentDictionary<InboundConnection, byte> _inbound = new();
    private readonly ConcurrentDictionary<Address, InboundPeer> _peers = new();
    private readonly HashSet<Address> _addresses = [];
    private readonly CancellationTokenSource _stopped = new();
    private readonly CancellationTokenSource _listening = new();
    private Socket? _listener;
    private Timer? _timer;
    private Address? _address;
    private Information? _information;
    private Task? _shutdown;

    internal Remoting(ExtendedActorSystem system, RemoteActorRefProvider provider) : base(system, provider)
    {
        Settings = provider.RemoteSettings;
        Uid = AddressUidExtension.Uid(system);
    }

    internal RemoteSettings Settings { get; }

    internal TcpSettings Tcp => Settings.Tcp;

    /// <summary>This incarnation's.</summary>
    internal int Uid { get; }

    internal Links Links { get; } = new();

    /// <summary>Cancelled when everything has to end.</summary>
    internal CancellationToken Stopped => _stopped.Token;

    public override ISet<Address> Addresses => _addresses;

    public override Address DefaultAddress => _address ?? throw new InvalidOperationException("Remoting has not been started.");

    public override Address LocalAddressForRemote(Address remote) => DefaultAddress;

    internal Information InformationFor(Address local) => local.Equals(_information!.Address) ? _information : new Information(local, System);

    public override void Start()
    {
        var ip = BindAddress();
        var listener = new Socket(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            listener.Bind(new IPEndPoint(ip, Tcp.Port));
            listener.Listen(Tcp.Backlog);
        }
        catch (SocketException e)
        {
            listener.Dispose();
            throw new RemoteTransportException($"Failed to bind to [{ip}:{Tcp.Port}]: {e.Message}", e);
        }
        var bound = ((IPEndPoint)listener.LocalEndPoint!).Port;
        var host = Tcp.PublicHostname.Length > 0 ? Tcp.PublicHostname : Tcp.Hostname.Length > 0 ? Tcp.Hostname : Dns.GetHostName();
        _address = new Address(Protocol, System.Name, host, Tcp.PublicPort > 0 ? Tcp.PublicPort : bound);
        _information = new Information(_address, System);
        _addresses.Add(_address);
        _addresses.Add(new Address(Protocol, System.Name, Tcp.Hostname.Length > 0 ? Tcp.Hostname : ip.ToString(), bound));
        _listener = listener;
    }

    /// <summary>Takes connections, once the actors that they talk to are there.</summary>
    internal void Accept()
    {
        using (ExecutionContext.SuppressFlow())
        {
            _ = Task.Run(AcceptLoop);
            _timer = new Timer(_ => Tick(), null, TickInterval, TickInterval);
        }
        Publish(new RemotingListenEvent([.. _addresses]));
    }

    private IPAddress BindAddress()
    {
        if (Tcp.Hostname.Length == 0) return IPAddress.Any;
        if (IPAddress.TryParse(Tcp.Hostname, out var ip)) return ip;
        try
        {
            var found = Dns.GetHostAddresses(Tcp.Hostname);
            return found.FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork)
                ?? found.FirstOrDefault()
                ?? throw new RemoteTransportException($"[{Tcp.Hostname}] has no address");
        }
        catch (SocketException e)
        {
            throw new RemoteTransportException($"akka.remote.dot-netty.tcp.hostname = {Tcp.Hostname}: {e.Message}", e);
        }
    }

    private async Task AcceptLoop()
    {
        while (!_listening.IsCancellationRequested)
        {
            try
            {
                var socket = await _listener!.AcceptAsync(_listening.Token).ConfigureAwait(false);
                socket.NoDelay = Tcp.NoDelay;
                if (_inbound.Count >= MaxInbound) socket.Dispose();
                else _ = Serve(new InboundConnection(this, socket));
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException e)
            {
                // Too many open files, for one: the next connection may find room.
                Log.Warning("A connection was not accepted: {0}", e.Message);
                await Task.Delay(100).ConfigureAwait(false);
            }
        }
    }

    private async Task Serve(InboundConnection connection)
    {
        _inbound[connection] = 0;
        try { await connection.Run(Stopped).ConfigureAwait(false); }
        catch (Exception e) { Publish(new RemotingErrorEvent(e)); }
        finally { _inbound.TryRemove(connection, out _); }
    }

    /// <summary>From here on this connection delivers what the incarnation sends; an earlier one has ended when this returns.</summary>
    internal async Task<InboundPeer> Enter(InboundConnection connection, Address from, int uid)
    {
        while (true)
        {
            InboundPeer? replaced = null;
            var peer = _peers.AddOrUpdate(from, _ => new InboundPeer(from, uid), (_, known) =>
            {
                replaced = known.Uid == uid ? null : known;
                return replaced is null ? known : new InboundPeer(from, uid);
            });
            InboundConnection? before;
            if (replaced?.Current is { } old) old.Close();
            lock (peer)
            {
                before = peer.Current;
                if (before is null || before.Ended.IsCompleted)
                {
                    peer.Current = connection;
                    return peer;
                }
            }
            before.Close();
            await before.Ended.ConfigureAwait(false);
        }
    }

    /// <summary>Whether there can be a node at the address.</summary>
    internal static bool IsReachable(Address address) => address is { HasGlobalScope: true, Protocol: Protocol, Port: > 0 and <= 65535 };

    internal void CloseInbound(Address address, int uid)
    {
        foreach (var connection in _inbound.Keys)
        {
            if (connection.Peer is { } peer && peer.Uid == uid && peer.Address.Equals(address)) connection.RefuseAndClose();
        }
    }

    internal void PeerLeft(InboundPeer peer) => AssociationTo(peer.Address).Left(peer.Uid);

    internal Association AssociationTo(Address remote) => _associations.GetOrAdd(remote, static (address, remoting) => new Association(remoting, address), this);

    public override void Send(object message, IActorRef? sender, RemoteActorRef recipient) => recipient.AssociationOf(this).Send(message, sender, recipient);

    public override void Quarantine(Address address, int? uid) => AssociationTo(address).Quarantine(uid ?? 0);

    public override Task<bool> ManagementCommand(object cmd) => ManagementCommand(cmd, CancellationToken.None);

    public override Task<bool> ManagementCommand(object cmd, CancellationToken cancellationToken) => Task.FromResult(false);

    /// <summary>Closes both nodes' connections with each other, without a word.</summary>
    internal void Disconnect(Address address)
    {
        if (_associations.TryGetValue(address, out var association)) association.Disconnect();
        foreach (var connection in _inbound.Keys)
        {
            if (connection.Peer is { } peer && peer.Address.Equals(address)) connection.Close();
        }
    }

    internal void DeadLetter(object message, IActorRef? sender, IActorRef recipient) => System.DeadLetters.Tell(new DeadLetter(message, sender ?? System.DeadLetters, recipient), sender);

    internal void Drop(object message, string reason, IActorRef? sender, IActorRef recipient) => System.EventStream.Publish(new Dropped(message, reason, sender, recipient));

    internal void Publish(RemotingLifecycleEvent message, bool quietly = false)
    {
        System.EventStream.Publish(message);
        if (logRemoteLifeCycleEvents && !quietly) Log.Log(message.LogLevel(), null, message.ToString()!);
    }

    private void Tick()
    {
        foreach (var association in _associations.Values) association.Tick();
    }

    public override Task Shutdown()
    {
        lock (_stopped) return _shutdown ??= ShutdownOnce();
    }

    private async Task ShutdownOnce()
    {
        // A node that takes nothing more must not hold up this one's end.
        var limit = TimeSpan.FromTicks(Math.Min(Settings.ShutdownTimeout.Ticks, (Settings.FlushWait + TimeSpan.FromSeconds(1)).Ticks));
        _listening.Cancel();
        _listener?.Dispose();
        try
        {
            await Task.WhenAll(_associations.Values.Select(association => association.Close(limit))).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Log.Warning("Shutdown finished, but flushing might not have been successful and some messages might have been dropped: a connection was not flushed within {0}", limit);
        }
        if (_timer is not null) await _timer.DisposeAsync().ConfigureAwait(false);
        await _stopped.CancelAsync().ConfigureAwait(false);
        foreach (var connection in _inbound.Keys) connection.Close();
        Publish(new RemotingShutdownEvent());
    }
}
