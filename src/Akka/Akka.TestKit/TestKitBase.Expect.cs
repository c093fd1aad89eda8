using Akka.Actor;

namespace Akka.TestKit;

public abstract partial class TestKitBase
{
    private async ValueTask<T> Expect<T>(TimeSpan? timeout, string hint, bool blocking, CancellationToken token, Action<T, IActorRef> check)
    {
        var limit = RemainingOrDilated(timeout);
        var envelope = await Take(limit, blocking, token).ConfigureAwait(false);
        var hinted = string.IsNullOrEmpty(hint) ? "" : $" [{hint}]";
        switch (envelope)
        {
            case null:
                Fail($"Failed: Timeout {limit} while waiting for a message of type {typeof(T)}{hinted}");
                return default;
            case { Message: T message }:
                check?.Invoke(message, envelope.Sender);
                return message;
            default:
                Fail($"Failed: Expected a message of type {typeof(T)}, but received {{{envelope.Message}}} (type {envelope.Message.GetType()}) instead from {envelope.Sender}{hinted}");
                return default;
        }
    }

    private void Check(bool condition, Func<string> reason)
    {
        if (!condition) Fail(reason());
    }

    private Action<T, IActorRef> EqualTo<T>(T expected, Func<T, T, bool> comparer) => (message, _) =>
    {
        if (comparer is null) _assertions.AssertEqual(expected, message);
        else _assertions.AssertEqual(expected, message, comparer);
    };

    private Action<T, IActorRef> From<T>(IActorRef sender, Action<T, IActorRef> also = null) => (message, actual) =>
    {
        Check(Equals(sender, actual), () => $"Failed: Expected sender {sender}, but received {{{message}}} from {actual}");
        also?.Invoke(message, actual);
    };

    private Action<T, IActorRef> Fits<T>(Predicate<T> isMessage) => (message, _) => Check(isMessage(message), () => $"Failed: Got a message of the expected type <{typeof(T)}>, {{{message}}}, which the predicate refused");

    /// <summary>The next message must come in time, be of the type, and be what is asked for.</summary>
    public T ExpectMsg<T>(TimeSpan? duration = null, string hint = null, CancellationToken cancellationToken = default) =>
        Done(Expect<T>(duration, hint, true, cancellationToken, null));

    public ValueTask<T> ExpectMsgAsync<T>(TimeSpan? duration = null, string hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(duration, hint, false, cancellationToken, null);

    public T ExpectMsg<T>(T message, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        Done(Expect<T>(timeout, hint, true, cancellationToken, EqualTo(message, null)));

    public ValueTask<T> ExpectMsgAsync<T>(T message, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(timeout, hint, false, cancellationToken, EqualTo(message, null));

    public T ExpectMsg<T>(T expected, Func<T, T, bool> comparer, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        Done(Expect<T>(timeout, hint, true, cancellationToken, EqualTo(expected, comparer)));

    public ValueTask<T> ExpectMsgAsync<T>(T expected, Func<T, T, bool> comparer, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(timeout, hint, false, cancellationToken, EqualTo(expected, comparer));

    public T ExpectMsg<T>(Predicate<T> isMessage, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        Done(Expect<T>(timeout, hint, true, cancellationToken, Fits(isMessage)));

    public ValueTask<T> ExpectMsgAsync<T>(Predicate<T> isMessage, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(timeout, hint, false, cancellationToken, Fits(isMessage));

    public T ExpectMsg<T>(Action<T> assert, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        Done(Expect<T>(timeout, hint, true, cancellationToken, (m, _) => assert(m)));

    public ValueTask<T> ExpectMsgAsync<T>(Action<T> assert, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(timeout, hint, false, cancellationToken, (m, _) => assert(m));

    public T ExpectMsg<T>(Func<T, IActorRef, bool> isMessageAndSender, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        Done(Expect<T>(timeout, hint, true, cancellationToken, (m, s) => Check(isMessageAndSender(m, s), () => $"Failed: Got {{{m}}} from {s}, which the predicate refused")));

    public ValueTask<T> ExpectMsgAsync<T>(Func<T, IActorRef, bool> isMessageAndSender, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(timeout, hint, false, cancellationToken, (m, s) => Check(isMessageAndSender(m, s), () => $"Failed: Got {{{m}}} from {s}, which the predicate refused"));

    public T ExpectMsg<T>(Action<T, IActorRef> assertMessageAndSender, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        Done(Expect<T>(timeout, hint, true, cancellationToken, assertMessageAndSender));

    public ValueTask<T> ExpectMsgAsync<T>(Action<T, IActorRef> assertMessageAndSender, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(timeout, hint, false, cancellationToken, assertMessageAndSender);

    /// <summary>The same, and the sender must be the one given.</summary>
    public T ExpectMsgFrom<T>(IActorRef sender, TimeSpan? duration = null, string hint = null, CancellationToken cancellationToken = default) =>
        Done(Expect<T>(duration, hint, true, cancellationToken, From<T>(sender)));

    public ValueTask<T> ExpectMsgFromAsync<T>(IActorRef sender, TimeSpan? duration = null, string hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(duration, hint, false, cancellationToken, From<T>(sender));

    public T ExpectMsgFrom<T>(IActorRef sender, T message, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        Done(Expect<T>(timeout, hint, true, cancellationToken, From(sender, EqualTo(message, null))));

    public ValueTask<T> ExpectMsgFromAsync<T>(IActorRef sender, T message, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(timeout, hint, false, cancellationToken, From(sender, EqualTo(message, null)));

    public T ExpectMsgFrom<T>(IActorRef sender, Predicate<T> isMessage, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        Done(Expect<T>(timeout, hint, true, cancellationToken, From(sender, Fits(isMessage))));

    public ValueTask<T> ExpectMsgFromAsync<T>(IActorRef sender, Predicate<T> isMessage, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(timeout, hint, false, cancellationToken, From(sender, Fits(isMessage)));

    public T ExpectMsgFrom<T>(IActorRef sender, Action<T> assertMessage, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        Done(Expect<T>(timeout, hint, true, cancellationToken, From<T>(sender, (m, _) => assertMessage(m))));

    public ValueTask<T> ExpectMsgFromAsync<T>(IActorRef sender, Action<T> assertMessage, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(timeout, hint, false, cancellationToken, From<T>(sender, (m, _) => assertMessage(m)));

    /// <summary>The next message must be about the end of the actor given; watch it first.</summary>
    public Terminated ExpectTerminated(IActorRef target, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        ExpectMsg<Terminated>(t => Check(t.ActorRef.Equals(target), () => $"Failed: Expected the end of {target}, but {t.ActorRef} has ended"), timeout, hint, cancellationToken);

    public ValueTask<Terminated> ExpectTerminatedAsync(IActorRef target, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        ExpectMsgAsync<Terminated>(t => Check(t.ActorRef.Equals(target), () => $"Failed: Expected the end of {target}, but {t.ActorRef} has ended"), timeout, hint, cancellationToken);

    /// <summary>The next message must equal one of those given.</summary>
    public T ExpectMsgAnyOf<T>(IEnumerable<T> messages, CancellationToken cancellationToken = default)
    {
        var allowed = messages.ToList();
        return ExpectMsg<T>(m => Check(allowed.Contains(m), () => $"Failed: not found {{{m}}} among [{string.Join(", ", allowed)}]"), cancellationToken: cancellationToken);
    }

    /// <summary>The next messages must be those given, in any order.</summary>
    public IReadOnlyCollection<T> ExpectMsgAllOf<T>(IReadOnlyCollection<T> messages, CancellationToken cancellationToken = default) => ExpectAll(RemainingOrDefault, messages, cancellationToken);

    public IReadOnlyCollection<T> ExpectMsgAllOf<T>(params T[] messages) => ExpectAll(RemainingOrDefault, messages, default);

    public IReadOnlyCollection<T> ExpectMsgAllOf<T>(TimeSpan max, IReadOnlyCollection<T> messages, CancellationToken cancellationToken = default) => ExpectAll(Dilated(max), messages, cancellationToken);

    public IReadOnlyCollection<T> ExpectMsgAllOf<T>(TimeSpan max, params T[] messages) => ExpectAll(Dilated(max), messages, default);

    private List<T> ExpectAll<T>(TimeSpan max, IReadOnlyCollection<T> expected, CancellationToken token)
    {
        var received = Done(ReceiveMany(expected.Count, max, true, token)).ToList();
        var unexpected = received.ToList();
        var missing = expected.Where(e => !unexpected.Remove(e)).ToList();
        if (missing.Count > 0 || unexpected.Count > 0) Fail($"not found [{string.Join(", ", missing)}], found unexpected [{string.Join(", ", unexpected)}]");
        return received.OfType<T>().ToList();
    }

    /// <summary>Nothing may come for the time given.</summary>
    public void ExpectNoMsg(CancellationToken cancellationToken = default) => Done(ExpectNothing(RemainingOrDefault, true, cancellationToken));

    public void ExpectNoMsg(TimeSpan duration, CancellationToken cancellationToken = default) => Done(ExpectNothing(Dilated(duration), true, cancellationToken));

    public void ExpectNoMsg(int milliseconds, CancellationToken cancellationToken = default) => ExpectNoMsg(TimeSpan.FromMilliseconds(milliseconds), cancellationToken);

    public async ValueTask ExpectNoMsgAsync(CancellationToken cancellationToken = default) => await ExpectNothing(RemainingOrDefault, false, cancellationToken).ConfigureAwait(false);

    public async ValueTask ExpectNoMsgAsync(TimeSpan duration, CancellationToken cancellationToken = default) => await ExpectNothing(Dilated(duration), false, cancellationToken).ConfigureAwait(false);

    public ValueTask ExpectNoMsgAsync(int milliseconds, CancellationToken cancellationToken = default) => ExpectNoMsgAsync(TimeSpan.FromMilliseconds(milliseconds), cancellationToken);

    private async ValueTask<bool> ExpectNothing(TimeSpan duration, bool blocking, CancellationToken token)
    {
        var envelope = await Take(duration, blocking, token).ConfigureAwait(false);
        if (envelope is not null) Fail($"Failed: Expected no messages during {duration}, instead we received {envelope}");
        return true;
    }
}
