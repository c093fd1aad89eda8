using System.Net;
using System.Net.Sockets;

namespace Akka.Cluster.Tests;

/// <summary>Connections to a server that can be cut, all at once, and refused until it opens again; or that fall silent.</summary>
internal sealed class TcpProxy : IDisposable
{
    private readonly object _gate = new();
    private readonly HashSet<Socket> _sockets = [];
    private readonly ManualResetEventSlim _flows = new(initialState: true);
    private readonly string _host;
    private readonly int _port;
    private TcpListener? _listener;

    public TcpProxy(string host, int port)
    {
        (_host, _port) = (host, port);
        Open();
    }

    public int Port { get; private set; }

    public void Open()
    {
        var listener = new TcpListener(IPAddress.Loopback, Port);
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        lock (_gate) _listener = listener;
        new Thread(() => Accept(listener)) { IsBackground = true, Name = "proxy" }.Start();
    }

    public void Close()
    {
        lock (_gate)
        {
            _listener?.Stop();
            _listener = null;
            foreach (var socket in _sockets) socket.Dispose();
            _sockets.Clear();
        }
    }

    /// <summary>Keeps every byte, as a network does that drops packets, until told to let them flow again.</summary>
    public void Flow(bool flows)
    {
        if (flows) _flows.Set();
        else _flows.Reset();
    }

    public void Dispose()
    {
        Flow(true);
        Close();
    }

    // Threads, for a specification that starves the pool is to reach its database.
    private void Accept(TcpListener listener)
    {
        try
        {
            while (true)
            {
                var client = listener.AcceptSocket();
                var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
                server.Connect(_host, _port);
                client.NoDelay = server.NoDelay = true;
                lock (_gate)
                {
                    if (_listener != listener)
                    {
                        client.Dispose();
                        server.Dispose();
                        return;
                    }
                    _sockets.Add(client);
                    _sockets.Add(server);
                }
                new Thread(() => Pump(client, server)) { IsBackground = true, Name = "proxy" }.Start();
                new Thread(() => Pump(server, client)) { IsBackground = true, Name = "proxy" }.Start();
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Closed.
        }
    }

    private void Pump(Socket from, Socket to)
    {
        var buffer = new byte[16 << 10];
        try
        {
            for (int read; (read = from.Receive(buffer)) > 0;)
            {
                _flows.Wait();
                to.Send(buffer.AsSpan(0, read));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The other side is closed below.
        }
        from.Dispose();
        to.Dispose();
    }
}
