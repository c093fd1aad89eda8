using Akka.Actor;

namespace Actors.Broker.Network;

/// <summary>
/// What a connection has asked and not been answered. Whom it asked it watches, so that each ask is answered or fails once even when an actor ends.
/// Used only inside the connection's actor.
/// </summary>
internal sealed class OpenAsks(IActorContext context)
{
    private readonly Dictionary<long, OpenAsk> _asks = [];
    private readonly HashSet<IActorRef> _watched = [];
    private long _lastToken;
    private bool _closed;

    public int Count => _asks.Count;

    /// <summary>When they are over, in epoch milliseconds.</summary>
    public IEnumerable<long> Deadlines => _asks.Values.Select(ask => ask.Deadline);

    public void Ask(IActorRef target, Func<long, object> command, Action<IAnswer> answered, Action<Unanswered> failed, long deadline)
    {
        var token = ++_lastToken;
        _asks.Add(token, new OpenAsk(target, answered, failed, deadline));
        if (_watched.Add(target))
            context.Watch(target);
        target.Tell(command(token), context.Self);
    }

    public void Withdraw(long token) => _asks.Remove(token);

    /// <summary>Nobody is told of answers any more.</summary>
    public void Close() => _closed = true;

    /// <summary>The answer to an ask that is over goes to nobody.</summary>
    public void Answered(IAnswer answer)
    {
        if (_asks.Remove(answer.Token, out var ask) && !_closed)
            ask.Answered(answer);
    }

    public void Ended(IActorRef target)
    {
        _watched.Remove(target);
        Fail(ask => ask.Target.Equals(target), Unanswered.Ended);
    }

    public void Expire(long now) => Fail(ask => ask.Deadline <= now, Unanswered.TimedOut);

    private void Fail(Func<OpenAsk, bool> which, Unanswered why)
    {
        foreach (var (token, ask) in _asks.Where(each => which(each.Value)).ToList())
            if (_asks.Remove(token) && !_closed)
                ask.Failed(why);
    }

    private sealed record OpenAsk(IActorRef Target, Action<IAnswer> Answered, Action<Unanswered> Failed, long Deadline);
}
