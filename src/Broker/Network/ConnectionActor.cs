using System.IO.Pipelines;
using Actors.Broker.Groups;
using Actors.Protocol;
using Akka.Actor;
using Akka.Event;

namespace Actors.Broker.Network;

/// <summary>
/// A client's connection: dispatches its requests to the actors that decide, and writes the responses in the order of the requests.
/// What a client gets that does not read is bounded, by <see cref="RequestTurns"/>; each request is answered once even when an actor ends, by <see cref="OpenAsks"/>.
/// </summary>
internal sealed class ConnectionActor : UntypedActor, IWithTimers
{
    private readonly PipeWriter _output;
    private readonly ByteBudget _own;
    private readonly Action _stopped;
    private readonly Queue<Exchange> _inOrder = new();
    private readonly OpenAsks _asks = new(Context);
    private readonly Stack<ProtocolWriter> _writers = new();
    private readonly RequestTurns _turns;
    private bool _flushing;
    private bool _closed;
    private bool _draining;
    private bool _failed;
    private bool _lastRequestRead;
    private long _lastRead;
    private long _looksAt = long.MaxValue;
    private Exchange? _newest;

    public ConnectionActor(BrokerContext broker, ConnectionInfo info, PipeWriter output, ByteBudget own, Action stopped)
    {
        Broker = broker;
        Info = info;
        _output = output;
        _own = own;
        _stopped = stopped;
        _lastRead = Now;
        _turns = new RequestTurns(() => !_flushing, Dispatch);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public BrokerContext Broker { get; }

    public ConnectionInfo Info { get; }

    public string ClientSoftware { get; set; } = "";

    public AwaitedGroups AwaitedGroups { get; } = new();

    public long Now => Context.System.Scheduler.Now.ToUnixTimeMilliseconds();

    private long IdleMs => (long)Broker.Settings.ConnectionIdleTimeout.TotalMilliseconds;

    public static Props Props(BrokerContext broker, ConnectionInfo info, PipeWriter output, ByteBudget own, Action stopped) =>
        Akka.Actor.Props.Create(() => new ConnectionActor(broker, info, output, own, stopped));

    protected override void PreStart() => LookAt(_lastRead + IdleMs);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ReceivedRequest received: Begin(received); break;
            case IAnswer answer:
                _asks.Answered(answer);
                Finished();
                break;
            case Flushed flushed: AfterFlush(flushed); break;
            case Delayed { Exchange.IsComplete: false } delayed when !_closed: delayed.Exchange.RunDue(delayed.Timer); break;
            case Delayed: break;
            case Terminated terminated: Ended(terminated.ActorRef); break;
            case Look: Expire(); break;
            case LastRequestRead: LastRead(); break;
            case InputEnded: Close(); break;
            default: Unhandled(message); break;
        }
    }

    /// <summary>What was answered and what was not is gone with the instance that failed, and with it the connection.</summary>
    protected override void PostRestart(Exception reason)
    {
        _failed = true;
        Context.Stop(Self);
    }

    protected override void PostStop()
    {
        if (_failed)
            return;
        while (_inOrder.TryDequeue(out var exchange))
            Release(exchange);
        _output.Complete();
        _stopped();
    }

    internal ProtocolWriter RentWriter() => _writers.TryPop(out var writer) ? writer : new ProtocolWriter();

    internal void Ask(IActorRef target, Func<long, object> command, Action<IAnswer> answered, Action<Unanswered> failed, TimeSpan timeout)
    {
        var deadline = Now + (long)timeout.TotalMilliseconds;
        LookAt(deadline);
        _asks.Ask(target, command, answered, failed, deadline);
    }

    internal IActorRef Reference => Self;

    internal void Withdraw(long token) => _asks.Withdraw(token);

    internal ICancelable After(Exchange exchange, TimeSpan delay)
    {
        var timer = new Cancelable(Context.System.Scheduler);
        Context.System.Scheduler.ScheduleTellOnce(delay, Self, new Delayed(exchange, timer), Self, timer);
        return timer;
    }

    internal void Completed(Exchange exchange)
    {
        _turns.Answered(exchange);
        Proceed();
    }

    private void Proceed()
    {
        WriteAnswers();
        _turns.Begin();
    }

    /// <summary>Writes every response that is next in order.</summary>
    private void WriteAnswers()
    {
        if (_draining || _flushing)
            return;
        _draining = true;
        var wrote = false;
        while (!_closed && _inOrder.TryPeek(out var exchange) && exchange.IsComplete)
        {
            _inOrder.Dequeue();
            Release(exchange);
            _turns.Written(exchange);
            exchange.Count();
            if (exchange.Encoded is { } encoded)
            {
                encoded.CopyTo(_output);
                encoded.Reset();
                if (_writers.Count < 8)
                    _writers.Push(encoded);
                wrote = true;
            }
            if (exchange.ClosesConnection)
                Close();
        }
        _draining = false;
        if (wrote)
            Flush();
        CloseOnceAnswered();
    }

    private void LastRead()
    {
        _lastRequestRead = true;
        CloseOnceAnswered();
    }

    private void CloseOnceAnswered()
    {
        if (_lastRequestRead && !_flushing && !_closed && _inOrder.Count == 0)
            Close();
    }

    private void Begin(ReceivedRequest received)
    {
        _lastRead = Now;
        var exchange = new Exchange(this, received.Header, received.Request, received.Bytes);
        _inOrder.Enqueue(exchange);
        if (_closed)
            return;
        var before = _newest;
        _newest = exchange;
        if (before is not null)
            Follow(before);
        _turns.Add(received, exchange);
        _turns.Begin();
    }

    private void Dispatch(ReceivedRequest received, Exchange exchange)
    {
        received.Api.Dispatch(received.Request, exchange);
        if (exchange != _newest)
            Follow(exchange);
    }

    /// <summary>Another request has come after this one.</summary>
    private static void Follow(Exchange exchange)
    {
        if (exchange is not { IsComplete: false, Followed: { } followed })
            return;
        exchange.Followed = null;
        followed();
    }

    private void Ended(IActorRef target)
    {
        _asks.Ended(target);
        Finished();
    }

    /// <summary>When something may be over next, though not within a second: a client's time-out of nothing is no refusal. Until then a silent connection costs no time.</summary>
    private void LookAt(long time)
    {
        var now = Now;
        time = Math.Max(time, now + 1000);
        if (time >= _looksAt)
            return;
        _looksAt = time;
        Timers.StartSingleTimer("look", Look.Instance, TimeSpan.FromMilliseconds(time - now));
    }

    private void Expire()
    {
        var now = Now;
        _looksAt = long.MaxValue;
        _asks.Expire(now);
        if (!_closed && (_inOrder.Count == 0 || _flushing) && now - _lastRead >= IdleMs)
            Close();
        foreach (var deadline in _asks.Deadlines)
            LookAt(deadline);
        LookAt(_lastRead + IdleMs);
        Finished();
    }

    private void Flush()
    {
        var flush = _output.FlushAsync();
        if (flush.IsCompletedSuccessfully)
        {
            AfterFlush(flush.Result.IsCompleted);
            return;
        }
        _flushing = true;
        flush.AsTask().PipeTo(Self, Self, result => new Flushed(result.IsCompleted, null), failure => new Flushed(true, failure));
    }

    private void AfterFlush(Flushed flushed)
    {
        _flushing = false;
        if (flushed.Failure is { } failure)
            Context.GetLogger().Debug("writing to {0} failed: {1}", Info.ClientHost, failure.Message);
        AfterFlush(flushed.ReaderGone);
    }

    private void AfterFlush(bool readerGone)
    {
        if (readerGone)
            Close();
        else
            Proceed();
    }

    /// <summary>Nothing more is written. What partitions still work on keeps its bytes until they answer.</summary>
    private void Close()
    {
        if (!_closed)
        {
            _closed = true;
            _turns.Clear();
            _asks.Close();
            foreach (var exchange in _inOrder)
            {
                exchange.Dropped?.Invoke();
                exchange.CallOff();
            }
            _output.Complete();
        }
        Finished();
    }

    private void Finished()
    {
        if (_closed && _asks.Count == 0 && !_draining)
            Context.Stop(Self);
    }

    private void Release(Exchange exchange)
    {
        Broker.InFlight.Release(exchange.Bytes);
        _own.Release(exchange.Bytes);
    }

    private sealed record Flushed(bool ReaderGone, Exception? Failure);

    private sealed record Delayed(Exchange Exchange, ICancelable Timer) : INoSerializationVerificationNeeded, IDeadLetterSuppression;

    private sealed class Look
    {
        public static readonly Look Instance = new();
    }
}
