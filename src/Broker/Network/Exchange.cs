using System.Diagnostics;
using Actors.Broker.Groups;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Akka.Actor;

namespace Actors.Broker.Network;

/// <summary>Why an actor that was asked gave no answer.</summary>
internal enum Unanswered
{
    /// <summary>It ended, or moved to another node.</summary>
    Ended,

    /// <summary>The request's deadline passed.</summary>
    TimedOut,
}

/// <summary>One request on its way to its one answer. Used only inside the connection's actor.</summary>
internal sealed class Exchange(ConnectionActor connection, RequestHeader header, IRequest request, long bytes)
{
    private ProtocolWriter? _encoded;
    private ErrorCode _error;
    private Action? _due;
    private ICancelable? _timer;

    public IRequest Request { get; } = request;

    public short ApiVersion => header.RequestApiVersion;

    public int CorrelationId => header.CorrelationId;

    public string ClientId => header.ClientId ?? "";

    /// <summary>What the request holds of the byte budgets until it is answered.</summary>
    public long Bytes { get; } = bytes;

    public ConnectionInfo Connection => connection.Info;

    public BrokerContext Broker => connection.Broker;

    /// <summary>The connection's requests that wait for a group's coordinator.</summary>
    public AwaitedGroups AwaitedGroups => connection.AwaitedGroups;

    /// <summary>Now, in epoch milliseconds, by the system's scheduler, so that a virtual clock rules here too.</summary>
    public long Now => connection.Now;

    /// <summary>When it was begun, by the monotonic clock, for the request's latency.</summary>
    public long StartedAt { get; } = Stopwatch.GetTimestamp();

    public bool IsComplete { get; private set; }

    /// <summary>Null: complete without a response (acks=0).</summary>
    public ProtocolWriter? Encoded => _encoded;

    public bool ClosesConnection { get; private set; }

    /// <summary>Set by an API that parks: called when the exchange is dropped unanswered because the connection went away.</summary>
    public Action? Dropped { get; set; }

    /// <summary>Set by an API whose answer may wait: called once, when the client has sent another request, whose answer waits behind this one.</summary>
    public Action? Followed { get; set; }

    /// <summary>What the client's library calls itself in ApiVersions (KIP-511); empty before, and for those that do not.</summary>
    public string ClientSoftware
    {
        get => connection.ClientSoftware;
        set => connection.ClientSoftware = value;
    }

    /// <summary>Tells <paramref name="target"/> a command that carries a token; exactly one of the callbacks runs, unless the connection goes first.</summary>
    public void Ask(IActorRef target, Func<long, object> command, Action<IAnswer> answered, Action<Unanswered> failed, TimeSpan? timeout = null) =>
        connection.Ask(target, command, answered, failed, timeout ?? Broker.Settings.RequestTimeout);

    /// <summary>The answer to this token is not wanted any more.</summary>
    public void Withdraw(long token) => connection.Withdraw(token);

    /// <summary>The connection's actor, as sender of messages that have no answer.</summary>
    public IActorRef Self => connection.Reference;

    /// <summary>Runs the action in the connection's actor after the delay, unless the exchange is complete by then. One at a time: the next takes the place of the last.</summary>
    public void After(TimeSpan delay, Action action)
    {
        _timer?.Cancel();
        _due = action;
        _timer = connection.After(this, delay);
    }

    /// <summary>The delay is over.</summary>
    public void RunDue(ICancelable timer)
    {
        if (timer != _timer)
            return;
        var due = _due;
        (_due, _timer) = (null, null);
        due?.Invoke();
    }

    /// <summary>Nothing is waited for any more. The scheduler may keep the timer for a while, but not what it would have run, which holds the answer.</summary>
    public void CallOff()
    {
        _timer?.Cancel();
        (_due, _timer, Dropped, Followed) = (null, null, null, null);
    }

    /// <summary>Runs the action once the condition holds, looking every few milliseconds; or after a second, when it does not: what another node has done shows here soon.</summary>
    public void Once(Func<bool> condition, Action action, int looks = 200)
    {
        if (looks == 0 || condition())
            action();
        else
            After(TimeSpan.FromMilliseconds(5), () => Once(condition, action, looks - 1));
    }

    /// <summary>Its response is on its way.</summary>
    public void Count()
    {
        Broker.Counters.Answered(Request.Key, StartedAt);
        RequestTraces.Answered(Request.Key, ApiVersion, ClientId, _error, StartedAt);
    }

    public void Complete(IMessage response)
    {
        if (IsComplete)
            throw new InvalidOperationException($"{Request.Key} was answered already");
        if (response is IResponse answer)
        {
            Broker.Counters.Failed(Request.Key, answer);
            _error = RequestTraces.FirstError(answer);
        }
        var writer = connection.RentWriter();
        Frame.WriteResponse(writer, Request.Key, response, ApiVersion, CorrelationId);
        _encoded = writer;
        IsComplete = true;
        CallOff();
        connection.Completed(this);
    }

    public void CompleteSilently(bool closeConnection = false)
    {
        if (IsComplete)
            throw new InvalidOperationException($"{Request.Key} was answered already");
        ClosesConnection = closeConnection;
        IsComplete = true;
        CallOff();
        connection.Completed(this);
    }
}

/// <summary>What is known of a connection.</summary>
/// <param name="Listener">The name of the listener it came in by; Metadata answers with the addresses of that one.</param>
/// <param name="ClientHost">The client's address as group descriptions show it, <c>/127.0.0.1</c>.</param>
internal sealed record ConnectionInfo(string Listener, string ClientHost);

/// <summary>An answer to a command: <see cref="Token"/> is the command's.</summary>
internal interface IAnswer
{
    long Token { get; }
}
