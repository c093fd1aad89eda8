using System.Collections.Concurrent;
using System.Net.Sockets;
using Actors.Protocol;

namespace Actors.Client;

/// <summary>Where a broker listens.</summary>
internal readonly record struct BrokerAddress(string Host, int Port)
{
    public override string ToString() => $"{Host}:{Port}";

    /// <exception cref="FormatException">Not <c>host:port[,host:port…]</c>.</exception>
    public static IReadOnlyList<BrokerAddress> ParseList(string servers)
    {
        var addresses = new List<BrokerAddress>();
        foreach (var server in servers.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = server.LastIndexOf(':');
            if (colon <= 0 || !ushort.TryParse(server.AsSpan(colon + 1), out var port) || port == 0)
                throw new FormatException($"'{server}' is not host:port");
            addresses.Add(new BrokerAddress(server[..colon].Trim('[', ']'), port));
        }
        return addresses.Count > 0 ? addresses : throw new FormatException("no bootstrap server is named");
    }
}

/// <summary>
/// One user's connections, one to each broker it talks to, opened when first needed and again after a loss. A broker answers a connection's
/// requests in order, so each producer, fetcher and group member has its own: nobody waits behind another's long poll.
/// </summary>
internal sealed class BrokerConnections(ClusterOptions options) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<BrokerAddress, Lazy<Task<KafkaConnection>>> _connections = new();
    private readonly CancellationTokenSource _stop = new();

    public async ValueTask<KafkaConnection> ToAsync(BrokerAddress address, CancellationToken cancellation)
    {
        while (true)
        {
            ObjectDisposedException.ThrowIf(_stop.IsCancellationRequested, this);
            var opening = _connections.GetOrAdd(address, static (to, self) => new Lazy<Task<KafkaConnection>>(() => self.OpenAsync(to)), this);
            KafkaConnection connection;
            try
            {
                connection = await opening.Value.WaitAsync(cancellation);
            }
            catch (Exception) when (opening.Value.IsFaulted || opening.Value.IsCanceled)
            {
                _connections.TryRemove(new(address, opening));
                throw;
            }
            if (!connection.IsClosed) return connection;
            _connections.TryRemove(new(address, opening));
            await connection.DisposeAsync();
        }
    }

    private async Task<KafkaConnection> OpenAsync(BrokerAddress address)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        deadline.CancelAfter(options.ConnectTimeout);
        try
        {
            var pipe = await options.Connect(address.Host, address.Port, deadline.Token);
            return await KafkaConnection.OpenAsync(
                pipe, address.ToString(), options.ClientId, options.ConnectTimeout, options.TimeProvider, _stop.Token);
        }
        catch (OperationCanceledException) when (!_stop.IsCancellationRequested)
        {
            throw new KafkaException(ErrorCode.NetworkException, $"no connection to broker {address} in {options.ConnectTimeout.TotalMilliseconds:0} ms");
        }
        catch (Exception error) when (error is SocketException or IOException)
        {
            throw new KafkaException(ErrorCode.NetworkException, $"no connection to broker {address} ({error.Message})", error);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        foreach (var opening in _connections.Values)
        {
            // A connection that never opened has told its caller so.
            if (opening.IsValueCreated && await opening.Value.ContinueWith(t => t.IsCompletedSuccessfully ? t.Result : null, TaskScheduler.Default) is { } open)
                await open.DisposeAsync();
        }
    }
}
