using System.Net;
using System.Net.Sockets;

namespace Actors.Cluster.Tests;

/// <summary>A wire to a server that can be cut: by refusing, as when the server is down, or by silence, as when packets get lost.</summary>
public sealed class TcpProxy : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Socket> _open = [];
    private readonly Lock _gate = new();
    private readonly IPEndPoint _address;
    private Socket? _listener;
    private volatile TaskCompletionSource _flows = Done();

    public TcpProxy() : this(new IPEndPoint(IPAddress.Loopback, 0)) { }

    public TcpProxy(IPEndPoint at) => _address = Listen(at);

    public int Port => _address.Port;

    /// <summary>Where connections go; set before the first.</summary>
    public IPEndPoint Target { get; set; } = null!;

    /// <summary>Ends all connections and refuses new ones until <see cref="Mend"/>.</summary>
    public void Refuse()
    {
        lock (_gate)
        {
            _listener!.Dispose();
            _listener = null;
            foreach (var socket in _open) socket.Dispose();
            _open.Clear();
        }
    }

    /// <summary>Keeps connections, takes new ones, and passes nothing on until <see cref="Mend"/>; then what was held passes.</summary>
    public void Silence() => _flows = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Mend()
    {
        if (_listener is null)
            Listen(_address);
        _flows.TrySetResult();
    }

    public void Dispose()
    {
        _stop.Cancel();
        if (_listener is not null)
            Refuse();
        _flows.TrySetResult();
    }

    private static TaskCompletionSource Done()
    {
        var done = new TaskCompletionSource();
        done.SetResult();
        return done;
    }

    private IPEndPoint Listen(IPEndPoint at)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(at);
        listener.Listen(128);
        _listener = listener;
        _ = AcceptAsync(listener);
        return (IPEndPoint)listener.LocalEndPoint!;
    }

    private async Task AcceptAsync(Socket listener)
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptAsync(_stop.Token);
                _ = ServeAsync(client);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Cut, or over.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            client.NoDelay = server.NoDelay = true;
            lock (_gate)
            {
                if (_listener is null) throw new ObjectDisposedException(nameof(TcpProxy));
                _open.AddRange([client, server]);
            }
            await server.ConnectAsync(Target, _stop.Token);
            await Task.WhenAny(CopyAsync(client, server), CopyAsync(server, client));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The server is not there, or the wire was cut meanwhile.
        }
        client.Dispose();
        server.Dispose();
    }

    private async Task CopyAsync(Socket from, Socket to)
    {
        var buffer = new byte[64 << 10];
        try
        {
            for (int read; (read = await from.ReceiveAsync(buffer, _stop.Token)) > 0;)
            {
                await _flows.Task;
                for (var sent = 0; sent < read;) sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), _stop.Token);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // One side has gone; so does the other.
        }
    }
}
