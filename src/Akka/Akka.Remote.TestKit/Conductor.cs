using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Akka.Remote.TestKit;

/// <summary>Runs beside role 0: knows the nodes, opens the barriers, and has nodes do what the spec wants done to them.</summary>
internal sealed class Conductor : IDisposable
{
    private readonly Lock _gate = new();
    private readonly int _participants;
    private readonly TcpListener _listener;
    private readonly Barriers _barriers = new();
    private readonly Dictionary<string, Node> _nodes = [];
    private readonly Dictionary<int, TaskCompletionSource> _commands = [];
    private readonly Dictionary<string, TaskCompletionSource<string>> _addresses = [];
    private bool _started;
    private int _lastCommand;

    internal Conductor(int participants, IPEndPoint at)
    {
        _participants = participants;
        _listener = new TcpListener(at);
        _listener.Start();
        _ = Accept();
    }

    internal IReadOnlyList<string> Nodes
    {
        get { lock (_gate) return [.. _barriers.Nodes]; }
    }

    public void Dispose() => _listener.Stop();

    private async Task Accept()
    {
        try
        {
            while (true) _ = Serve(new LineConnection(await _listener.AcceptTcpClientAsync().ConfigureAwait(false)));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The conductor has been closed.
        }
    }

    private async Task Serve(LineConnection connection)
    {
        Node? node = null;
        using (connection)
        {
            while (await connection.Read().ConfigureAwait(false) is { } line)
            {
                if (node is not null) await Handle(node, line).ConfigureAwait(false);
                else if (line is ["HELLO", var role, var address]) node = await Join(role, address, connection).ConfigureAwait(false);
                else return;
            }
        }
        if (node is not null) await Gone(node).ConfigureAwait(false);
    }

    private async Task<Node> Join(string role, string address, LineConnection connection)
    {
        var node = new Node(role, connection);
        List<Node> welcome = [];
        lock (_gate)
        {
            _nodes[role] = node;
            _barriers.Join(role);
            AddressOf(role).TrySetResult(address);
            if (_started) welcome.Add(node);
            else if (_nodes.Count >= _participants)
            {
                _started = true;
                welcome.AddRange(_nodes.Values);
            }
        }
        foreach (var other in welcome) await other.Connection.Write("WELCOME").ConfigureAwait(false);
        return node;
    }

    private TaskCompletionSource<string> AddressOf(string role)
    {
        if (!_addresses.TryGetValue(role, out var address)) _addresses[role] = address = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        return address;
    }

    private async Task Handle(Node node, string[] line)
    {
        switch (line)
        {
            case ["ENTER", var barrier, var milliseconds]:
                BarrierOutcome? outcome;
                lock (_gate) outcome = _barriers.Enter(node.Role, barrier);
                if (outcome is { } passed) await Tell(passed).ConfigureAwait(false);
                else _ = TimeOut(barrier, TimeSpan.FromMilliseconds(double.Parse(milliseconds, CultureInfo.InvariantCulture)));
                break;
            case ["ADDRESS", var role]:
                Task<string> address;
                lock (_gate) address = AddressOf(role).Task;
                _ = Answer(node, role, address);
                break;
            case ["DID", var id]:
                TaskCompletionSource? done;
                lock (_gate) _commands.Remove(int.Parse(id, CultureInfo.InvariantCulture), out done);
                done?.TrySetResult();
                break;
            case ["LEAVE"]:
                node.MayLeave = true;
                break;
        }
    }

    private static async Task Answer(Node node, string role, Task<string> address) =>
        await node.Connection.Write("ADDRESS", role, await address.ConfigureAwait(false)).ConfigureAwait(false);

    private async Task TimeOut(string barrier, TimeSpan after)
    {
        await Task.Delay(after).ConfigureAwait(false);
        BarrierOutcome? outcome;
        lock (_gate) outcome = _barriers.TimeOut(barrier);
        if (outcome is { } failed) await Tell(failed).ConfigureAwait(false);
    }

    private async Task Gone(Node node)
    {
        BarrierOutcome? outcome;
        lock (_gate)
        {
            outcome = node.MayLeave ? _barriers.Leave(node.Role) : _barriers.Lose(node.Role);
            node.Left.TrySetResult();
        }
        if (outcome is { } told) await Tell(told).ConfigureAwait(false);
    }

    private async Task Tell(BarrierOutcome outcome)
    {
        foreach (var role in outcome.Nodes)
        {
            Node? node;
            lock (_gate) _nodes.TryGetValue(role, out node);
            if (node is null) continue;
            if (outcome.Failure is null) await node.Connection.Write("PASSED", outcome.Barrier).ConfigureAwait(false);
            else await node.Connection.Write("BROKEN", outcome.Barrier, outcome.Failure).ConfigureAwait(false);
        }
    }

    private Node NodeOf(string role)
    {
        lock (_gate) return _nodes.TryGetValue(role, out var node) ? node : throw new ArgumentException($"no node has the role [{role}]");
    }

    /// <summary>Has a node do something; done when it has.</summary>
    internal async Task Do(string role, TimeSpan limit, params string[] what)
    {
        var node = NodeOf(role);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        string id;
        lock (_gate)
        {
            id = (++_lastCommand).ToString(CultureInfo.InvariantCulture);
            _commands[_lastCommand] = done;
        }
        await node.Connection.Write(["DO", id, .. what]).ConfigureAwait(false);
        await done.Task.WaitAsync(limit).ConfigureAwait(false);
    }

    /// <summary>Ends a node's process; done when it has gone.</summary>
    internal async Task Exit(string role, int value, TimeSpan limit)
    {
        var node = NodeOf(role);
        node.MayLeave = true;
        await node.Connection.Write("DO", "0", "EXIT", value.ToString(CultureInfo.InvariantCulture)).ConfigureAwait(false);
        await node.Left.Task.WaitAsync(limit).ConfigureAwait(false);
    }

    private sealed class Node(string role, LineConnection connection)
    {
        internal string Role { get; } = role;

        internal LineConnection Connection { get; } = connection;

        internal TaskCompletionSource Left { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal volatile bool MayLeave;
    }
}
