using System.Net.Sockets;
using Akka.Dispatch.SysMsg;
using Akka.Event;

namespace Akka.Remote.Tcp;

internal sealed partial class Association
{
    private const int DuePing = 1;
    private const int DueResend = 2;
    private static readonly TimeSpan RetryWhereQuarantined = TimeSpan.FromSeconds(2);

    private async Task Run()
    {
        while (true)
        {
            try
            {
                await ConnectAndUse().ConfigureAwait(false);
                return;
            }
            // A fault of remoting's own must not leave this node deaf to the other one for good.
            catch (Exception e)
            {
                _remoting.Publish(new RemotingErrorEvent(e));
                if (_closing) return;
                await Task.Delay(FirstRetry).ConfigureAwait(false);
            }
        }
    }

    private async Task ConnectAndUse()
    {
        var retry = TimeSpan.Zero;
        while (!_closing || HasWork())
        {
            if (!HasReasonToConnect() && !await _queue.Reader.WaitToReadAsync().ConfigureAwait(false)) break;
            Volatile.Write(ref _wake, NewWake());
            var connection = await Connect().ConfigureAwait(false);
            if (connection is not null)
            {
                var opened = Now;
                await Use(connection).ConfigureAwait(false);
                // A node that accepts and closes at once is not asked again at once.
                if (Now - opened > 1000) retry = TimeSpan.Zero;
            }
            if (_closing) break;
            if (connection is null) FailWaiting();
            if (connection is null || retry > TimeSpan.Zero) await Pause(retry == TimeSpan.Zero ? FirstRetry : retry).ConfigureAwait(false);
            retry = NextRetry(retry);
            if (connection is not null && !IsQuarantinedNow()) _probeUntil = Now + (long)ProbeFor.TotalMilliseconds;
        }
        FailWaiting();
    }

    // Often at first, so that a lost node is known to be lost soon.
    private TimeSpan NextRetry(TimeSpan retry)
    {
        if (_quarantinedThere) return RetryWhereQuarantined;
        if (retry == TimeSpan.Zero) return FirstRetry;
        var most = _refusedSince is { } since && Now - since < 2 * LostAfter.TotalMilliseconds ? LostAfter / 4 : _remoting.Settings.RetryGateClosedFor;
        return TimeSpan.FromTicks(Math.Min(retry.Ticks * 2, Math.Max(FirstRetry.Ticks, most.Ticks)));
    }

    private bool IsQuarantinedNow()
    {
        lock (_gate) return _isQuarantined;
    }

    private bool HasWork()
    {
        lock (_gate) return Volatile.Read(ref _waiting) > 0 || _unacknowledged.Count > 0;
    }

    private bool HasReasonToConnect()
    {
        lock (_gate) return !_isQuarantined && (_kept || _unacknowledged.Count > 0 || Now < _probeUntil);
    }

    private async Task<OutboundConnection?> Connect()
    {
        try
        {
            var connection = await OutboundConnection.Open(_remoting, Remote, _remoting.Stopped).ConfigureAwait(false);
            lock (_gate)
            {
                if (!_quarantined.Contains(connection.PeerUid))
                {
                    MeetIncarnation(connection.PeerUid);
                    _quarantinedThere = false;
                    _gatedUntil = 0;
                    _connection = connection;
                    return connection;
                }
            }
            connection.Dispose();
            Gate();
        }
        catch (ConnectionRefusedByPeerException e)
        {
            Refused(e);
            Gate();
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
        {
            if (!_closing) _remoting.Publish(new AssociationErrorEvent(e, _remoting.DefaultAddress, Remote, false, LogLevel.WarningLevel), quietly: _refusedSince is not null);
            Gate();
            if (e is SocketException { SocketErrorCode: SocketError.ConnectionRefused }) NobodyListens();
            else _refusedSince = null;
        }
        return null;
    }

    private void Gate() => Volatile.Write(ref _gatedUntil, Now + (long)_remoting.Settings.RetryGateClosedFor.TotalMilliseconds);

    private void Refused(ConnectionRefusedByPeerException e)
    {
        if (e.Reason == RefusalReason.Quarantined)
        {
            // It stays so until this system is started anew: said once.
            if (!_quarantinedThere) _remoting.Publish(new ThisActorSystemQuarantinedEvent(_remoting.DefaultAddress, Remote));
            _quarantinedThere = true;
        }
        else _remoting.Log.Error("[{0}] refused the connection: {1}", Remote, e.Message);
    }

    private void NobodyListens()
    {
        var uid = _uid;
        if (uid == 0 || IsQuarantinedNow()) return;
        _remoting.Provider.Raise(new PeerGone(Remote, uid, PeerGoneReason.Refused));
        _refusedSince ??= Now;
        if (Now - _refusedSince >= LostAfter.TotalMilliseconds) _remoting.Provider.Raise(new PeerGone(Remote, uid, PeerGoneReason.Lost));
    }

    /// <summary>The node has said goodbye: nothing that was meant for it has a meaning any more.</summary>
    internal void Left(int uid)
    {
        lock (_gate)
        {
            if (uid != _uid) return;
            ForgetSystemMessages();
            _probeUntil = 0;
        }
        Gate();
        _remoting.Provider.Raise(new PeerGone(Remote, uid, PeerGoneReason.Left));
    }

    private async Task Pause(TimeSpan time)
    {
        if (_closing) return;
        await Task.WhenAny(Task.Delay(time), _wake.Task).ConfigureAwait(false);
    }

    // Without a connection what waits is lost, as on a cut link; system messages stay until acknowledged.
    private void FailWaiting()
    {
        while (_queue.Reader.TryRead(out var item))
        {
            if (item.Message is null or ISystemMessage) continue;
            Interlocked.Decrement(ref _waiting);
            _remoting.DeadLetter(item.Message, item.Sender, item.Recipient!);
        }
    }

    private async Task Use(OutboundConnection connection)
    {
        _lastPing = _lastResend = Now;
        _due = 0;
        _remoting.Publish(new AssociatedEvent(_remoting.DefaultAddress, Remote, false));
        var back = connection.ReadBack(this);
        _ = back.ContinueWith(_ => _queue.Writer.TryWrite(default), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        Exception? failure = null;
        try
        {
            await Pump(connection).ConfigureAwait(false);
            if (!connection.IsClosed)
            {
                connection.FinishSending();
                await Task.WhenAny(back, Task.Delay(_remoting.Settings.FlushWait)).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException)
        {
            failure = e;
        }
        connection.Close();
        var reason = await back.ConfigureAwait(false);
        Volatile.Write(ref _connection, null);
        connection.Dispose();
        if (reason is ConnectionRefusedByPeerException refused)
        {
            Refused(refused);
            Gate();
        }
        else if (!_closing && (failure ?? reason) is { } cause and not ObjectDisposedException and not OperationCanceledException)
        {
            _remoting.Publish(new AssociationErrorEvent(cause, _remoting.DefaultAddress, Remote, false, LogLevel.WarningLevel));
        }
        _remoting.Publish(new DisassociatedEvent(_remoting.DefaultAddress, Remote, false));
    }

    // Writes until the connection ends or, when this node shuts down, everything is written and acknowledged.
    private async Task Pump(OutboundConnection connection)
    {
        Resend(connection, fresh: true);
        while (!connection.IsClosed)
        {
            var due = Interlocked.Exchange(ref _due, 0);
            if ((due & DueResend) != 0) Resend(connection, fresh: false);
            if ((due & DuePing) != 0) connection.Writer.Empty(FrameKind.Ping);
            Encode(connection);
            if (connection.Writer.Length > 0)
            {
                await connection.Send(_remoting.Stopped).ConfigureAwait(false);
                continue;
            }
            if (await _queue.Reader.WaitToReadAsync().ConfigureAwait(false)) continue;
            await Acknowledgements(connection).ConfigureAwait(false);
            if (connection.IsClosed) return;
            connection.Writer.Empty(FrameKind.Goodbye);
            await connection.Send(_remoting.Stopped).ConfigureAwait(false);
            return;
        }
    }

    private void Encode(OutboundConnection connection)
    {
        var before = _encoder.Enter();
        try
        {
            while (connection.Writer.Length < BatchBytes && _queue.Reader.TryRead(out var item))
            {
                if (item.Message is null) continue;
                if (item.Sequence == 0) Interlocked.Decrement(ref _waiting);
                else if (!IsStillDue(item) || item.Sequence <= connection.SentUpTo) continue;
                else connection.SentUpTo = item.Sequence;
                _encoder.Encode(item, connection.Writer);
            }
        }
        finally
        {
            MessageEncoder.Leave(before);
        }
    }

    // Not acknowledged, and not meant for an incarnation that has gone meanwhile.
    private bool IsStillDue(Outbound item)
    {
        lock (_gate) return item.Generation == _generation && item.Sequence > _acknowledgedUpTo;
    }

    private void Resend(OutboundConnection connection, bool fresh)
    {
        List<Outbound> items;
        lock (_gate) items = [.. _unacknowledged.Where(item => fresh || item.Sequence <= connection.SentUpTo)];
        var before = _encoder.Enter();
        try
        {
            foreach (var item in items)
            {
                _encoder.Encode(item, connection.Writer);
                if (fresh) connection.SentUpTo = item.Sequence;
            }
        }
        finally
        {
            MessageEncoder.Leave(before);
        }
    }

    private async Task Acknowledgements(OutboundConnection connection)
    {
        var until = Now + (long)_remoting.Settings.FlushWait.TotalMilliseconds;
        while (Now < until && !connection.IsClosed && HasWork()) await Task.Delay(10).ConfigureAwait(false);
    }
}
