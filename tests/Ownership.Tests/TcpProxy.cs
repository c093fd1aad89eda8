using System.Net;
using System.Net.Sockets;

namespace Actors.Ownership.Tests;

/// <summary>Stands between nodes and a server, and can be cut: connections end, and new ones are closed as they come.</summary>
internal sealed class TcpProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly HashSet<TcpClient> _open = [];
    private readonly int _to;
    private bool _cut;

    public TcpProxy(int to)
    {
        _to = to;
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Cut()
    {
        lock (_open)
        {
            _cut = true;
            foreach (var client in _open) client.Close();
            _open.Clear();
        }
    }

    public void Mend()
    {
        lock (_open) _cut = false;
    }

    public void Dispose()
    {
        _listener.Stop();
        Cut();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = ServeAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var server = new TcpClient();
        lock (_open)
        {
            if (_cut)
            {
                client.Close();
                return;
            }
            _open.UnionWith([client, server]);
        }
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, _to);
            await Task.WhenAny(client.GetStream().CopyToAsync(server.GetStream()), server.GetStream().CopyToAsync(client.GetStream()));
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException or InvalidOperationException)
        {
        }
        client.Close();
        server.Close();
        lock (_open) _open.ExceptWith([client, server]);
    }
}
