using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Event;

namespace Akka.TestKit.Internal;

/// <summary>The actor behind a test kit or probe: what it receives waits in a queue for the test.</summary>
internal sealed class InternalTestActor(MessageInbox inbox) : ActorBase
{
    private readonly StrategyByChild _strategy = new();
    private TestActor.Ignore _ignore;
    private AutoPilot _autoPilot;

    protected override SupervisorStrategy SupervisorStrategy() => _strategy;

    protected override bool Receive(object message)
    {
        switch (message)
        {
            case TestActor.SetIgnore set: _ignore = set.Ignore; return true;
            case TestActor.Watch watch: Context.Watch(watch.Actor); return true;
            case TestActor.Unwatch unwatch: Context.Unwatch(unwatch.Actor); return true;
            case TestActor.SetAutoPilot set: _autoPilot = set.AutoPilot; return true;
            case TestActor.Spawn spawn:
                var child = spawn.Apply(Context);
                if (spawn._supervisorStrategy.HasValue) _strategy.Set(child, spawn._supervisorStrategy.Value);
                inbox.Add(new RealMessageEnvelope(child, Self));
                return true;
        }
        var sender = Context.Sender;
        if (_autoPilot is not null)
        {
            var next = _autoPilot.Run(sender, message);
            if (next is not KeepRunning) _autoPilot = next is NoAutoPilot ? null : next;
        }
        if (_ignore is null || !_ignore(message)) inbox.Add(new RealMessageEnvelope(message, sender));
        return true;
    }

    protected override void PostStop()
    {
        while (inbox.TryTake(out var left)) Context.System.DeadLetters.Tell(new DeadLetter(left.Message, left.Sender, Self), left.Sender);
    }

    private sealed class StrategyByChild : OneForOneStrategy
    {
        private readonly ConcurrentDictionary<IActorRef, SupervisorStrategy> _strategies = new();

        internal void Set(IActorRef child, SupervisorStrategy strategy) => _strategies[child] = strategy;

        protected override Directive Handle(IActorRef child, Exception exception) =>
            _strategies.TryGetValue(child, out var strategy) ? strategy.Decider.Decide(exception) : base.Handle(child, exception);
    }
}

/// <summary>Messages that wait for the test, taken by blocking or by awaiting.</summary>
internal sealed class MessageInbox
{
    private readonly ConcurrentQueue<MessageEnvelope> _messages = new();
    private readonly SemaphoreSlim _count = new(0);

    internal bool HasMessages => !_messages.IsEmpty;

    internal void Add(MessageEnvelope envelope)
    {
        _messages.Enqueue(envelope);
        _count.Release();
    }

    internal bool TryTake(out MessageEnvelope envelope)
    {
        envelope = null;
        return _count.Wait(0) && _messages.TryDequeue(out envelope);
    }

    /// <summary>The next message, left in its place if <paramref name="peek"/>; null after the time.</summary>
    internal async ValueTask<MessageEnvelope> Next(TimeSpan max, bool peek, bool blocking, CancellationToken token)
    {
        var limit = max < TimeSpan.Zero && max != Timeout.InfiniteTimeSpan ? TimeSpan.Zero : max;
        var got = blocking ? _count.Wait(limit, token) : await _count.WaitAsync(limit, token).ConfigureAwait(false);
        if (!got) return null;
        MessageEnvelope envelope;
        if (!peek)
        {
            _messages.TryDequeue(out envelope);
            return envelope;
        }
        _messages.TryPeek(out envelope);
        _count.Release();
        return envelope;
    }
}

/// <summary>Keeps the test actor the implicit sender across awaits of a test.</summary>
internal sealed class ActorCellKeepingSynchronizationContext(ActorCell cell) : SynchronizationContext
{
    public override void Post(SendOrPostCallback d, object state) => ThreadPool.QueueUserWorkItem(_ => Run(d, state));

    public override void Send(SendOrPostCallback d, object state) => Run(d, state);

    private void Run(SendOrPostCallback d, object state)
    {
        var outer = Current;
        var before = ActorCell.SetCurrent(cell);
        SetSynchronizationContext(this);
        try
        {
            d(state);
        }
        finally
        {
            ActorCell.SetCurrent(before);
            SetSynchronizationContext(outer);
        }
    }
}

/// <summary>
/// While it lasts the thread has no synchronisation context: where there is one, as in every xunit test, continuations of
/// completed tasks would go to the thread pool instead of running at once.
/// </summary>
internal readonly struct OnThisThread : IDisposable
{
    private readonly SynchronizationContext _before;

    private OnThisThread(SynchronizationContext before) => _before = before;

    internal static OnThisThread Begin()
    {
        var before = SynchronizationContext.Current;
        if (before is not null) SynchronizationContext.SetSynchronizationContext(null);
        return new OnThisThread(before);
    }

    public void Dispose()
    {
        if (_before is not null) SynchronizationContext.SetSynchronizationContext(_before);
    }
}
