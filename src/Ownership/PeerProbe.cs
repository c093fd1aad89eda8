using System.Globalization;
using System.Net.Sockets;
using Actors.Machines;

namespace Actors.Ownership;

/// <summary>Tries the addresses of peers whose connection closed, for as long as a lease lasts, and reports the one that refuses: no process listens there any more.</summary>
internal sealed class PeerProbe(OwnershipSettings times, Func<TimeSpan> now, Action<long, TimeSpan> refused) : IDisposable
{
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan ConnectWithin = TimeSpan.FromMilliseconds(500);

    private readonly HashSet<long> _probed = [];
    private readonly CancellationTokenSource _ended = new();

    public void Start(long uid, string endpoint)
    {
        var colon = endpoint.LastIndexOf(':');
        if (colon < 1 || !int.TryParse(endpoint.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)) return;
        lock (_probed)
            if (!_probed.Add(uid))
                return;
        _ = Probe(uid, endpoint[..colon].Trim('[', ']'), port);
    }

    public void Dispose() => _ended.Cancel();

    private async Task Probe(long uid, string host, int port)
    {
        try
        {
            var until = now() + times.Lease;
            while (now() < until)
            {
                var attempted = now();
                if (await Refuses(host, port).ConfigureAwait(false))
                {
                    refused(uid, attempted);
                    return;
                }
                // A process that is ending closes its connections a moment before it stops listening.
                await Task.Delay(Between, _ended.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
        }
        finally
        {
            lock (_probed) _probed.Remove(uid);
        }
    }

    private async Task<bool> Refuses(string host, int port)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_ended.Token);
        limit.CancelAfter(ConnectWithin);
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(host, port, limit.Token).ConfigureAwait(false);
            return false;
        }
        catch (SocketException e)
        {
            // Unreachable, unknown, timed out: that says nothing about the process.
            return e.SocketErrorCode == SocketError.ConnectionRefused;
        }
        catch (OperationCanceledException) when (!_ended.IsCancellationRequested)
        {
            return false;
        }
    }
}
