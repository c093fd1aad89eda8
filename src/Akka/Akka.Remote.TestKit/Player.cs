using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Remote.Tcp;

namespace Akka.Remote.TestKit;

/// <summary>A barrier was not passed by all nodes.</summary>
internal sealed class BarrierFailedException(string message) : AkkaException(message);

/// <summary>A node's connection to the conductor.</summary>
internal sealed class Player : IDisposable
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _barriers = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<Address>> _addresses = new();
    private readonly TaskCompletionSource _welcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly LineConnection _connection;

    private Player(ActorSystem system, LineConnection connection)
    {
        System = system;
        _connection = connection;
    }

    /// <summary>What the conductor's orders are carried out on.</summary>
    internal ActorSystem System { get; set; }

    /// <summary>Done when all participants are there.</summary>
    internal static async Task<Player> Connect(ActorSystem system, RoleName role, string host, int port, TimeSpan limit)
    {
        var until = DateTime.UtcNow + limit;
        while (true)
        {
            var client = new TcpClient();
            try
            {
                await client.ConnectAsync(host, port).ConfigureAwait(false);
                var player = new Player(system, new LineConnection(client));
                var address = ((ExtendedActorSystem)system).Provider.DefaultAddress;
                await player._connection.Write("HELLO", role.Name, address.ToString()).ConfigureAwait(false);
                _ = player.Listen();
                await player._welcome.Task.WaitAsync(until > DateTime.UtcNow ? until - DateTime.UtcNow : TimeSpan.Zero).ConfigureAwait(false);
                return player;
            }
            // The conductor's process may still be starting.
            catch (SocketException) when (DateTime.UtcNow < until)
            {
                client.Dispose();
                await Task.Delay(50).ConfigureAwait(false);
            }
        }
    }

    internal async Task Enter(string barrier, TimeSpan limit)
    {
        var passed = _barriers.GetOrAdd(barrier, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        var milliseconds = limit.TotalMilliseconds.ToString(CultureInfo.InvariantCulture);
        if (!await _connection.Write("ENTER", barrier, milliseconds).ConfigureAwait(false)) throw new BarrierFailedException($"[{barrier}]: the conductor has gone");
        try
        {
            await passed.Task.WaitAsync(limit + TimeSpan.FromSeconds(5)).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new BarrierFailedException($"[{barrier}]: the conductor does not answer");
        }
        finally
        {
            _barriers.TryRemove(barrier, out _);
        }
    }

    internal async Task<Address> AddressOf(string role)
    {
        var address = _addresses.GetOrAdd(role, _ => new TaskCompletionSource<Address>(TaskCreationOptions.RunContinuationsAsynchronously));
        if (!address.Task.IsCompleted) await _connection.Write("ADDRESS", role).ConfigureAwait(false);
        return await address.Task.ConfigureAwait(false);
    }

    internal Task Leave() => _connection.Write("LEAVE");

    public void Dispose() => _connection.Dispose();

    private async Task Listen()
    {
        while (await _connection.Read().ConfigureAwait(false) is { } line)
        {
            switch (line)
            {
                case ["WELCOME"]: _welcome.TrySetResult(); break;
                case ["PASSED", var barrier]: Barrier(barrier).TrySetResult(); break;
                case ["BROKEN", var barrier, var reason]: Barrier(barrier).TrySetException(new BarrierFailedException($"[{barrier}]: {reason}")); break;
                case ["ADDRESS", var role, var address]:
                    _addresses.GetOrAdd(role, _ => new TaskCompletionSource<Address>(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult(Address.Parse(address));
                    break;
                case ["DO", var id, .. var what]: _ = Do(id, what); break;
            }
        }
        foreach (var barrier in _barriers) barrier.Value.TrySetException(new BarrierFailedException($"[{barrier.Key}]: the conductor has gone"));
        _welcome.TrySetException(new IOException("the conductor has gone"));
    }

    private TaskCompletionSource Barrier(string name) => _barriers.GetOrAdd(name, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    private async Task Do(string id, string[] what)
    {
        switch (what)
        {
            case ["EXIT", var value]: Environment.Exit(int.Parse(value, CultureInfo.InvariantCulture)); break;
            case ["TERMINATE"]: _ = System.Terminate(); break;
            case ["ABORT"]: ((ExtendedActorSystem)System).Abort(); break;
            case ["CUT", var address, var direction]: Remoting.Links.Cut(Address.Parse(address), Enum.Parse<LinkDirection>(direction)); break;
            case ["MEND", var address, var direction]: Remoting.Links.Mend(Address.Parse(address), Enum.Parse<LinkDirection>(direction)); break;
            case ["DISCONNECT", var address]: Remoting.Disconnect(Address.Parse(address)); break;
        }
        await _connection.Write("DID", id).ConfigureAwait(false);
    }

    private Remoting Remoting => ((RemoteActorRefProvider)((ExtendedActorSystem)System).Provider).Remoting;
}
