using System.Net;
using System.Net.Sockets;

namespace Akka.Remote.Tests;

/// <summary>A port that leads to another one, and can be closed (connections end, new ones are refused) or held (nothing moves).</summary>
public sealed class Proxy : IDisposable
{
    private readonly List<Socket> _sockets = [];
    private Socket? _listener;
    private volatile TaskCompletionSource _flow = Flowing();

    public Proxy(int target, int port = 0)
    {
        Target = target;
        Port = port == 0 ? FreePort() : port;
        Open();
    }

    public int Port { get; }

    public int Target { get; }

    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static TaskCompletionSource Flowing()
    {
        var flow = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        flow.SetResult();
        return flow;
    }

    public void Open()
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, Port));
        listener.Listen();
        _listener = listener;
        _ = Accept(listener);
    }

    public void Close()
    {
        _listener?.Dispose();
        CloseConnections();
    }

    public void CloseConnections()
    {
        lock (_sockets)
        {
            foreach (var socket in _sockets) socket.Dispose();
            _sockets.Clear();
        }
    }

    public void Hold() => _flow = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release() => _flow.TrySetResult();

    public void Dispose()
    {
        Close();
        Release();
    }

    private async Task Accept(Socket listener)
    {
        try
        {
            while (true)
            {
                var from = await listener.AcceptAsync();
                var to = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                try
                {
                    await to.ConnectAsync(IPAddress.Loopback, Target);
                }
                catch (SocketException)
                {
                    from.Dispose();
                    to.Dispose();
                    continue;
                }
                lock (_sockets) _sockets.AddRange([from, to]);
                _ = Pass(from, to);
                _ = Pass(to, from);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The port has been closed.
        }
    }

    private async Task Pass(Socket from, Socket to)
    {
        var bytes = new byte[8192];
        try
        {
            while (await from.ReceiveAsync(bytes) is > 0 and var count)
            {
                await _flow.Task;
                for (var sent = 0; sent < count;) sent += await to.SendAsync(bytes.AsMemory(sent, count - sent));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // One end has gone: so goes the other.
        }
        from.Dispose();
        to.Dispose();
    }
}
