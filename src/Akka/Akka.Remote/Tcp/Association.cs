using System.Net.Sockets;
using System.Threading.Channels;
using Akka.Actor;
using Akka.Dispatch.SysMsg;
using Akka.Event;

namespace Akka.Remote.Tcp;

/// <summary>What is to be sent. Without a message it only wakes the loop; system messages have a sequence number from 1, within what is meant for one incarnation.</summary>
internal readonly record struct Outbound(object? Message, IActorRef? Sender, RemoteActorRef? Recipient, long Sequence = 0, int Generation = 0);

/// <summary>
/// This node's side of talking to one other: what waits for it, the connection that this node opens to it, and which incarnations of
/// it are quarantined. One loop connects, writes and connects again; senders only queue.
/// </summary>
internal sealed partial class Association
{
    private const int BatchBytes = 64 * 1024;
    private const int MaxQuarantined = 1000;
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LostAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ProbeFor = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly Remoting _remoting;
    private readonly Channel<Outbound> _queue = Channel.CreateUnbounded<Outbound>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Queue<Outbound> _unacknowledged = new();
    private readonly HashSet<int> _quarantined = [];
    private readonly MessageEncoder _encoder;
    private TaskCompletionSource _wake = NewWake();
    private OutboundConnection? _connection;
    private Task? _loop;
    private int _waiting;
    private long _lastSequence;
    private long _acknowledgedUpTo;
    private int _generation;
    private int _uid;
    private bool _isQuarantined;
    private long _gatedUntil;
    private long _probeUntil;
    private long _lastResend;
    private long _lastPing;
    private long? _refusedSince;
    private int _due;
    private volatile bool _closing;
    private volatile bool _kept;
    private bool _quarantinedThere;

    internal Association(Remoting remoting, Address remote)
    {
        _remoting = remoting;
        Remote = remote;
        _encoder = new MessageEncoder(remoting);
    }

    internal Address Remote { get; }

    /// <summary>The incarnation spoken to last, 0 before the first handshake.</summary>
    internal int Uid => Volatile.Read(ref _uid);

    internal bool IsConnected => Volatile.Read(ref _connection) is { IsClosed: false };

    private static long Now => Environment.TickCount64;

    private static TaskCompletionSource NewWake() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal void Send(object message, IActorRef? sender, RemoteActorRef recipient)
    {
        if (message is ISystemMessage)
        {
            SendSystem(message, recipient);
            return;
        }
        if (_closing || IsShut())
        {
            _remoting.DeadLetter(message, sender, recipient);
        }
        else if (Interlocked.Increment(ref _waiting) > _remoting.Tcp.QueueSize)
        {
            Interlocked.Decrement(ref _waiting);
            _remoting.Drop(message, $"{_remoting.Tcp.QueueSize} messages wait for {Remote}", sender, recipient);
        }
        else if (!_queue.Writer.TryWrite(new Outbound(message, sender, recipient)))
        {
            Interlocked.Decrement(ref _waiting);
            _remoting.DeadLetter(message, sender, recipient);
        }
        else if (_loop is null)
        {
            Start();
        }
    }

    // Gated after a failed connection, or quarantined; the first message after the gate tries again.
    private bool IsShut()
    {
        if (Volatile.Read(ref _isQuarantined))
        {
            if (Now >= Volatile.Read(ref _gatedUntil)) Wake();
            return true;
        }
        return Now < Volatile.Read(ref _gatedUntil);
    }

    private void SendSystem(object message, RemoteActorRef recipient)
    {
        var overflow = false;
        lock (_gate)
        {
            if (_closing && _loop is null) return;
            var outbound = new Outbound(message, null, recipient, _lastSequence + 1, _generation);
            if (!_queue.Writer.TryWrite(outbound)) return;
            _lastSequence++;
            _unacknowledged.Enqueue(outbound);
            overflow = _unacknowledged.Count > _remoting.Settings.SysMsgBufferSize;
            // What is said while the node is quarantined waits for the next incarnation, if there ever is one.
            if (overflow && _isQuarantined) _unacknowledged.Dequeue();
            overflow &= !_isQuarantined;
        }
        if (overflow)
        {
            _remoting.Log.Error("More than {0} system messages to [{1}] are not acknowledged", _remoting.Settings.SysMsgBufferSize, Remote);
            Quarantine(_uid);
        }
        Start();
    }

    private void Start()
    {
        lock (_gate)
        {
            if (_loop is not null || _closing) return;
            using (ExecutionContext.SuppressFlow()) _loop = Task.Run(Run);
        }
    }

    private void Wake()
    {
        _queue.Writer.TryWrite(default);
        Volatile.Read(ref _wake).TrySetResult();
        Start();
    }

    internal void Acknowledged(long sequence)
    {
        lock (_gate)
        {
            _acknowledgedUpTo = Math.Max(_acknowledgedUpTo, Math.Min(sequence, _lastSequence));
            while (_unacknowledged.TryPeek(out var first) && first.Sequence <= sequence) _unacknowledged.Dequeue();
        }
    }

    /// <summary>The node shook hands from its side: it is there, under this uid.</summary>
    internal void Introduced(int uid)
    {
        lock (_gate)
        {
            if (_quarantined.Contains(uid)) return;
            if (_connection is { } connection && connection.PeerUid != uid) connection.Close();
            MeetIncarnation(uid);
            _gatedUntil = 0;
            if (_unacknowledged.Count == 0 && !_kept)
            {
                _wake.TrySetResult();
                return;
            }
        }
        Wake();
    }

    /// <summary>The node's own connection to this one closed without a goodbye: is it still there?</summary>
    internal void InboundLost(int uid)
    {
        lock (_gate)
        {
            if (uid != _uid || _isQuarantined || _closing || IsConnected) return;
            _probeUntil = Now + (long)ProbeFor.TotalMilliseconds;
        }
        Wake();
    }

    /// <summary>Whether that incarnation may talk to this node.</summary>
    internal bool IsQuarantined(int uid)
    {
        lock (_gate) return _quarantined.Contains(uid);
    }

    // The incarnation before has no say any more. What it has not taken goes to the new one, which says of actors that it never had them.
    private void MeetIncarnation(int uid)
    {
        if (_uid != uid)
        {
            if (_uid != 0)
            {
                List<Outbound> pending = [.. _unacknowledged];
                ForgetSystemMessages();
                foreach (var item in pending) _unacknowledged.Enqueue(item with { Sequence = ++_lastSequence, Generation = _generation });
                Refuse(_uid);
            }
            _uid = uid;
            _quarantinedThere = false;
        }
        _isQuarantined = false;
        _refusedSince = null;
    }

    private bool Refuse(int uid)
    {
        if (_quarantined.Count >= MaxQuarantined) _quarantined.Clear();
        return _quarantined.Add(uid);
    }

    private void ForgetSystemMessages()
    {
        _unacknowledged.Clear();
        _lastSequence = 0;
        _acknowledgedUpTo = 0;
        _generation++;
    }

    /// <summary>Talks no more to that incarnation (0: to the one known now); returns whether it did before.</summary>
    internal bool Quarantine(int uid, bool silently = false)
    {
        lock (_gate)
        {
            if (uid == 0) uid = _uid;
            if (uid == 0)
            {
                // Nobody is known there: all that can be done is to wait.
                _gatedUntil = Now + (long)_remoting.Settings.RetryGateClosedFor.TotalMilliseconds;
                return false;
            }
            if (!Refuse(uid)) return false;
            if (uid == _uid)
            {
                _isQuarantined = true;
                ForgetSystemMessages();
                _connection?.Close();
            }
        }
        if (!silently) _remoting.Publish(new QuarantinedEvent(Remote, uid));
        _remoting.CloseInbound(Remote, uid);
        return true;
    }

    /// <summary>Called by a timer a few times a second.</summary>
    internal void Tick()
    {
        var connection = Volatile.Read(ref _connection);
        if (connection is null || connection.IsClosed) return;
        var now = Now;
        if (connection.Silence > _remoting.Tcp.AcceptablePause)
        {
            connection.Close();
            return;
        }
        var due = 0;
        if (now - _lastPing >= _remoting.Tcp.HeartbeatInterval.TotalMilliseconds)
        {
            _lastPing = now;
            due |= DuePing;
        }
        if (now - _lastResend >= _remoting.Settings.SysResendTimeout.TotalMilliseconds)
        {
            _lastResend = now;
            lock (_gate)
            {
                if (_unacknowledged.Count > 0) due |= DueResend;
            }
        }
        if (due == 0) return;
        Interlocked.Or(ref _due, due);
        _queue.Writer.TryWrite(default);
    }

    /// <summary>Whether the connection is opened, and opened again, also when there is nothing to say.</summary>
    internal void Keep(bool keep)
    {
        _kept = keep;
        if (keep) Wake();
    }

    /// <summary>Closes the connection without a word; it is opened again when there is something to say.</summary>
    internal void Disconnect() => Volatile.Read(ref _connection)?.Close();

    /// <summary>Takes nothing more, sends what waits, and says goodbye.</summary>
    internal Task Close(TimeSpan wait)
    {
        lock (_gate)
        {
            _closing = true;
            _queue.Writer.TryComplete();
            Volatile.Read(ref _wake).TrySetResult();
        }
        return _loop is null ? Task.CompletedTask : _loop.WaitAsync(wait);
    }
}
