namespace Akka.TestKit;

public abstract partial class TestKitBase
{
    private async ValueTask<MessageEnvelope> Take(TimeSpan max, bool blocking, CancellationToken token)
    {
        var envelope = await _inbox.Next(max, peek: false, blocking, token).ConfigureAwait(false);
        _last = envelope ?? NullMessageEnvelope.Instance;
        return envelope;
    }

    private static T Done<T>(ValueTask<T> done) => done.GetAwaiter().GetResult();

    /// <summary>The next message, or null after the time.</summary>
    public object ReceiveOne(TimeSpan? max = null, CancellationToken cancellationToken = default) => Done(Take(RemainingOrDilated(max), true, cancellationToken))?.Message;

    public async ValueTask<object> ReceiveOneAsync(TimeSpan? max = null, CancellationToken cancellationToken = default) =>
        (await Take(RemainingOrDilated(max), false, cancellationToken).ConfigureAwait(false))?.Message;

    public bool TryReceiveOne(out MessageEnvelope envelope, TimeSpan? max = null, CancellationToken cancellationToken = default)
    {
        var taken = Done(Take(RemainingOrDilated(max), true, cancellationToken));
        envelope = taken ?? NullMessageEnvelope.Instance;
        return taken is not null;
    }

    /// <summary>The next message, which stays the next one.</summary>
    public object PeekOne(TimeSpan? max = null, CancellationToken cancellationToken = default) =>
        Done(_inbox.Next(RemainingOrDilated(max), peek: true, blocking: true, cancellationToken))?.Message;

    public object PeekOne(CancellationToken cancellationToken) => PeekOne(null, cancellationToken);

    public async ValueTask<object> PeekOneAsync(TimeSpan? max = null, CancellationToken cancellationToken = default) =>
        (await _inbox.Next(RemainingOrDilated(max), peek: true, blocking: false, cancellationToken).ConfigureAwait(false))?.Message;

    public IReadOnlyCollection<object> ReceiveN(int numberOfMessages, CancellationToken cancellationToken = default) =>
        Done(ReceiveMany(numberOfMessages, RemainingOrDefault, true, cancellationToken));

    public IReadOnlyCollection<object> ReceiveN(int numberOfMessages, TimeSpan max, CancellationToken cancellationToken = default) =>
        Done(ReceiveMany(numberOfMessages, Dilated(max), true, cancellationToken));

    public async IAsyncEnumerable<object> ReceiveNAsync(int numberOfMessages, TimeSpan max, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var message in await ReceiveMany(numberOfMessages, Dilated(max), false, cancellationToken).ConfigureAwait(false)) yield return message;
    }

    public IAsyncEnumerable<object> ReceiveNAsync(int numberOfMessages, CancellationToken cancellationToken = default) => ReceiveNAsync(numberOfMessages, RemainingOrDefault, cancellationToken);

    private async ValueTask<IReadOnlyCollection<object>> ReceiveMany(int count, TimeSpan max, bool blocking, CancellationToken token)
    {
        var stop = Now + max;
        var messages = new List<object>(count);
        while (messages.Count < count)
        {
            var envelope = await Take(Positive(stop - Now), blocking, token).ConfigureAwait(false);
            if (envelope is null) Fail($"Timeout ({max}) while expecting {count} messages. Only got {messages.Count} after {max}.{Listed(messages)}");
            messages.Add(envelope!.Message);
        }
        return messages;
    }

    private static string Listed(IEnumerable<object> messages) => string.Concat(messages.Select((m, i) => $"\n  {i + 1}. {m} ({m.GetType()})"));

    /// <summary>Takes messages while the filter makes something of them; the first it makes nothing of stays.</summary>
    public IReadOnlyList<T> ReceiveWhile<T>(TimeSpan? max, Func<object, T> filter, int msgs = int.MaxValue, CancellationToken cancellationToken = default) =>
        ReceiveWhile(filter, max, Timeout.InfiniteTimeSpan, msgs, cancellationToken);

    public IReadOnlyList<T> ReceiveWhile<T>(TimeSpan? max, TimeSpan? idle, Func<object, T> filter, int msgs = int.MaxValue, CancellationToken cancellationToken = default) =>
        ReceiveWhile(filter, max, idle, msgs, cancellationToken);

    public IReadOnlyList<T> ReceiveWhile<T>(Func<object, T> filter, TimeSpan? max = null, TimeSpan? idle = null, int msgs = int.MaxValue, CancellationToken cancellationToken = default)
    {
        var stop = Now + RemainingOrDilated(max);
        var result = new List<T>();
        while (result.Count < msgs)
        {
            var left = Positive(stop - Now);
            if (idle is { } pause && pause != Timeout.InfiniteTimeSpan && pause < left) left = pause;
            var next = Done(_inbox.Next(left, peek: true, blocking: true, cancellationToken));
            if (next is null || filter(next.Message) is not { } accepted) break;
            Done(Take(TimeSpan.Zero, true, cancellationToken));
            result.Add(accepted);
        }
        return result;
    }

    public IReadOnlyList<T> ReceiveWhile<T>(Predicate<T> shouldContinue, TimeSpan? max = null, TimeSpan? idle = null, int msgs = int.MaxValue, bool shouldIgnoreOtherMessageTypes = true, CancellationToken cancellationToken = default)
    {
        var stop = Now + RemainingOrDilated(max);
        var result = new List<T>();
        while (result.Count < msgs)
        {
            var left = Positive(stop - Now);
            if (idle is { } pause && pause != Timeout.InfiniteTimeSpan && pause < left) left = pause;
            var next = Done(_inbox.Next(left, peek: true, blocking: true, cancellationToken));
            if (next is null || (next.Message is T typed ? !shouldContinue(typed) : !shouldIgnoreOtherMessageTypes)) break;
            Done(Take(TimeSpan.Zero, true, cancellationToken));
            if (next.Message is T taken) result.Add(taken);
        }
        return result;
    }

    /// <summary>Takes messages until one fits; the others are gone.</summary>
    public object FishForMessage(Predicate<object> isMessage, TimeSpan? max = null, string hint = "", CancellationToken cancellationToken = default) =>
        FishForMessage<object>(isMessage, max, hint, cancellationToken);

    public T FishForMessage<T>(Predicate<T> isMessage, TimeSpan? max = null, string hint = "", CancellationToken cancellationToken = default) =>
        Done(Fish(isMessage, null, max, hint, true, cancellationToken));

    public T FishForMessage<T>(Predicate<T> isMessage, System.Collections.ArrayList allMessages, TimeSpan? max = null, string hint = "", CancellationToken cancellationToken = default) =>
        Done(Fish(isMessage, allMessages, max, hint, true, cancellationToken));

    public ValueTask<object> FishForMessageAsync(Predicate<object> isMessage, TimeSpan? max = null, string hint = "", CancellationToken cancellationToken = default) =>
        Fish(isMessage, null, max, hint, false, cancellationToken);

    public ValueTask<T> FishForMessageAsync<T>(Predicate<T> isMessage, TimeSpan? max = null, string hint = "", CancellationToken cancellationToken = default) =>
        Fish(isMessage, null, max, hint, false, cancellationToken);

    private async ValueTask<T> Fish<T>(Predicate<T> isMessage, System.Collections.ArrayList all, TimeSpan? max, string hint, bool blocking, CancellationToken token)
    {
        var limit = RemainingOrDilated(max);
        var stop = Now + limit;
        var seen = new List<object>();
        while (true)
        {
            var envelope = await Take(Positive(stop - Now), blocking, token).ConfigureAwait(false);
            if (envelope is null)
            {
                Fail($"Timeout ({limit}) during fishForMessage, hint {hint}; seen:{Listed(seen)}");
                return default;
            }
            all?.Add(envelope.Message);
            if (envelope.Message is T typed && isMessage(typed)) return typed;
            seen.Add(envelope.Message);
        }
    }
}
