using System.IO.Pipelines;
using Actors.Broker.Groups;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Akka.Actor;
using Akka.Event;

namespace Actors.Broker.Network;

/// <summary>
/// A client's connection: dispatches its requests to the actors that decide, and writes the responses in the order of the requests.
/// It watches whom it asked, so that each request is answered once even when an actor ends.
/// </summary>
internal sealed class ConnectionActor : UntypedActor, IWithTimers
{
    private readonly PipeWriter _output;
    private readonly ByteBudget _own;
    private readonly Action _stopped;
    private readonly Queue<Exchange> _inOrder = new();
    private readonly Dictionary<long, PendingAsk> _asks = [];
    private readonly HashSet<IActorRef> _watched = [];
    private readonly Stack<ProtocolWriter> _writers = new();

    // Fetches begin one after the other, each once the answer before it was taken: else a client that reads nothing would have an answer's records kept for each of its requests.
    private readonly Queue<(ReceivedRequest Received, Exchange Exchange)> _fetches = new();
    private bool _fetching;
    private bool _beginningFetches;
    private long _lastToken;
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
            case IAnswer answer: Answered(answer); break;
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

    internal void Ask(Exchange exchange, IActorRef target, Func<long, object> command, Action<IAnswer> answered, Action<Unanswered> failed, TimeSpan timeout)
    {
        var token = ++_lastToken;
        var deadline = Now + (long)timeout.TotalMilliseconds;
        _asks.Add(token, new PendingAsk(exchange, target, answered, failed, deadline));
        LookAt(deadline);
        if (_watched.Add(target))
            Context.Watch(target);
        target.Tell(command(token), Self);
    }

    internal IActorRef Reference => Self;

    internal void Withdraw(long token) => _asks.Remove(token);

    internal ICancelable After(Exchange exchange, TimeSpan delay)
    {
        var timer = new Cancelable(Context.System.Scheduler);
        Context.System.Scheduler.ScheduleTellOnce(delay, Self, new Delayed(exchange, timer), Self, timer);
        return timer;
    }

    /// <summary>Writes every response that is next in order.</summary>
    internal void Completed()
    {
        if (_draining || _flushing)
            return;
        _draining = true;
        var wrote = false;
        while (!_closed && _inOrder.TryPeek(out var exchange) && exchange.IsComplete)
        {
            _inOrder.Dequeue();
            Release(exchange);
            _fetching &= exchange.Request is not FetchRequest;
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
        if (before is { IsComplete: false, Followed: { } followed })
        {
            before.Followed = null;
            followed();
        }
        if (received.Request is not FetchRequest)
        {
            received.Api.Dispatch(received.Request, exchange);
            return;
        }
        _fetches.Enqueue((received, exchange));
        BeginFetches();
    }

    private void BeginFetches()
    {
        if (_beginningFetches)
            return;
        _beginningFetches = true;
        while (!_fetching && !_flushing && !_closed && _fetches.TryDequeue(out var next))
        {
            _fetching = true;
            next.Received.Api.Dispatch(next.Received.Request, next.Exchange);
        }
        _beginningFetches = false;
    }

    private void Answered(IAnswer answer)
    {
        if (!_asks.Remove(answer.Token, out var ask))
            return;
        if (!_closed)
            ask.Answered(answer);
        Finished();
    }

    private void Ended(IActorRef target)
    {
        _watched.Remove(target);
        foreach (var (token, ask) in _asks.Where(a => a.Value.Target.Equals(target)).ToList())
            Fail(token, ask, Unanswered.Ended);
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
        foreach (var (token, ask) in _asks.Where(a => a.Value.Deadline <= now).ToList())
            Fail(token, ask, Unanswered.TimedOut);
        if (!_closed && (_inOrder.Count == 0 || _flushing) && now - _lastRead >= IdleMs)
            Close();
        foreach (var ask in _asks.Values)
            LookAt(ask.Deadline);
        LookAt(_lastRead + IdleMs);
        Finished();
    }

    private void Fail(long token, PendingAsk ask, Unanswered why)
    {
        if (_asks.Remove(token) && !_closed)
            ask.Failed(why);
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
        {
            Close();
            return;
        }
        Completed();
        BeginFetches();
    }

    /// <summary>Nothing more is written. What partitions still work on keeps its bytes until they answer.</summary>
    private void Close()
    {
        if (!_closed)
        {
            _closed = true;
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

    private sealed record PendingAsk(Exchange Exchange, IActorRef Target, Action<IAnswer> Answered, Action<Unanswered> Failed, long Deadline);

    private sealed record Flushed(bool ReaderGone, Exception? Failure);

    private sealed record Delayed(Exchange Exchange, ICancelable Timer) : INoSerializationVerificationNeeded, IDeadLetterSuppression;

    private sealed class Look
    {
        public static readonly Look Instance = new();
    }
}
