using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Akka.Actor;
using Akka.Event;

namespace Akka.TestKit;

/// <summary>Prints what is logged, except what a test has muted or expects.</summary>
public class TestEventListener : DefaultLogger
{
    private readonly ExpectedEvents _expected = ExpectedEvents.Of(Context.System);

    protected override void Print(LogEvent logEvent)
    {
        if (!_expected.Any(logEvent)) base.Print(logEvent);
    }
}

internal sealed class ExpectedEvents : IExtension
{
    private readonly ConcurrentDictionary<object, Predicate<object>> _filters = new();

    internal static ExpectedEvents Of(ActorSystem system) => system.WithExtension<ExpectedEvents, Id>();

    internal void Add(object key, Predicate<object> filter) => _filters[key] = filter;

    internal void Remove(object key) => _filters.TryRemove(key, out _);

    internal bool Any(object e) => _filters.Values.Any(f => f(e));

    private sealed class Id : ExtensionIdProvider<ExpectedEvents>
    {
        public override ExpectedEvents CreateExtension(ExtendedActorSystem system) => new();
    }
}

/// <summary>A filter that can be taken away.</summary>
public interface IUnmutableFilter : IDisposable
{
    void Unmute();
}

/// <summary>What to do with a filter: expect events, or keep them from being printed.</summary>
public interface IEventFilterApplier
{
    void ExpectOne(Action action, CancellationToken cancellationToken = default);

    void ExpectOne(TimeSpan timeout, Action action, CancellationToken cancellationToken = default);

    T ExpectOne<T>(Func<T> func, CancellationToken cancellationToken = default);

    void Expect(int expectedCount, Action action, CancellationToken cancellationToken = default);

    void Expect(int expectedCount, TimeSpan timeout, Action action, CancellationToken cancellationToken = default);

    Task ExpectOneAsync(Func<Task> actionAsync, CancellationToken cancellationToken = default);

    Task ExpectAsync(int expectedCount, Func<Task> actionAsync, CancellationToken cancellationToken = default);

    void Mute(Action action, CancellationToken cancellationToken = default);

    IUnmutableFilter Mute();
}

/// <summary>Makes filters of log events and dead letters.</summary>
public class EventFilterFactory
{
    private readonly TestKitBase _testkit;
    private readonly ActorSystem _system;

    public EventFilterFactory(TestKitBase testkit) : this(testkit, testkit.Sys) { }

    public EventFilterFactory(TestKitBase testkit, ActorSystem system) => (_testkit, _system) = (testkit, system);

    private Applier Make(Predicate<object> matches, string description) => new(_testkit, _system, matches, description);

    private Applier ForEvents<T>(Func<T, bool> also, string message, string start, string contains, string source) where T : LogEvent =>
        Make(e => e is T log && also(log) && Fits(log.Message?.ToString() ?? "", message, start, contains) && FitsSource(log.LogSource, source), $"{typeof(T).Name} {message ?? start ?? contains}");

    private static bool Fits(string text, string message, string start, string contains) =>
        (message is null || text == message) && (start is null || text.StartsWith(start, StringComparison.Ordinal)) && (contains is null || text.Contains(contains, StringComparison.Ordinal));

    private static bool FitsSource(string actual, string source) => source is null || actual == source || (actual?.EndsWith(source, StringComparison.Ordinal) ?? false);

    public IEventFilterApplier Exception<TException>(string message = null, string start = null, string contains = null, string source = null) where TException : Exception =>
        Exception(typeof(TException), message, start, contains, source);

    public IEventFilterApplier Exception(Type exceptionType, string message = null, string start = null, string contains = null, string source = null, bool checkInnerExceptions = false) =>
        Make(
            e => e is Error error && FitsSource(error.LogSource, source) && Chain(error.Cause, checkInnerExceptions).Any(x => exceptionType.IsInstanceOfType(x)
                && (Fits(x.Message, message, start, contains) || Fits(error.Message?.ToString() ?? "", message, start, contains))),
            $"{exceptionType.Name} {message ?? start ?? contains}");

    private static IEnumerable<Exception> Chain(Exception e, bool inner)
    {
        for (; e is not null; e = inner ? e.InnerException : null) yield return e;
    }

    public IEventFilterApplier Error(string message = null, string start = null, string contains = null, string source = null) => ForEvents<Error>(_ => true, message, start, contains, source);

    public IEventFilterApplier Error(Regex pattern, string source = null) => ForEvents<Error>(e => pattern.IsMatch(e.Message?.ToString() ?? ""), null, null, null, source);

    public IEventFilterApplier Warning(string message = null, string start = null, string contains = null, string source = null) => ForEvents<Warning>(_ => true, message, start, contains, source);

    public IEventFilterApplier Warning(Regex pattern, string source = null) => ForEvents<Warning>(e => pattern.IsMatch(e.Message?.ToString() ?? ""), null, null, null, source);

    public IEventFilterApplier Info(string message = null, string start = null, string contains = null, string source = null) => ForEvents<Info>(_ => true, message, start, contains, source);

    public IEventFilterApplier Info(Regex pattern, string source = null) => ForEvents<Info>(e => pattern.IsMatch(e.Message?.ToString() ?? ""), null, null, null, source);

    public IEventFilterApplier Debug(string message = null, string start = null, string contains = null, string source = null) => ForEvents<Debug>(_ => true, message, start, contains, source);

    public IEventFilterApplier Custom(Predicate<LogEvent> predicate) => ForEvents<LogEvent>(e => predicate(e), null, null, null, null);

    public IEventFilterApplier Custom<TLogEvent>(Predicate<TLogEvent> predicate) where TLogEvent : LogEvent => ForEvents<TLogEvent>(e => predicate(e), null, null, null, null);

    public IEventFilterApplier DeadLetter() => DeadLetter(typeof(object));

    public IEventFilterApplier DeadLetter<TMessage>(string source = null) => DeadLetter(typeof(TMessage), source);

    public IEventFilterApplier DeadLetter<TMessage>(Func<TMessage, bool> isMatch, string source = null) => DeadLetter(typeof(TMessage), m => isMatch((TMessage)m), source);

    public IEventFilterApplier DeadLetter(Type type, string source = null) => DeadLetter(type, _ => true, source);

    public IEventFilterApplier DeadLetter(Type type, Func<object, bool> isMatch, string source = null) =>
        Make(e => e is DeadLetter letter && type.IsInstanceOfType(letter.Message) && isMatch(letter.Message) && FitsSource(letter.Recipient.Path.ToString(), source), $"dead letter {type.Name}");

    private sealed class Applier(TestKitBase testkit, ActorSystem system, Predicate<object> matches, string description) : IEventFilterApplier
    {
        public void ExpectOne(Action action, CancellationToken cancellationToken = default) => Expect(1, action, cancellationToken);

        public void ExpectOne(TimeSpan timeout, Action action, CancellationToken cancellationToken = default) => Expect(1, timeout, action, cancellationToken);

        public T ExpectOne<T>(Func<T> func, CancellationToken cancellationToken = default)
        {
            T result = default;
            Expect(1, () => { result = func(); }, cancellationToken);
            return result;
        }

        public void Expect(int expectedCount, Action action, CancellationToken cancellationToken = default) => Expect(expectedCount, testkit.TestKitSettings.FilterLeeway, action, cancellationToken);

        public void Expect(int expectedCount, TimeSpan timeout, Action action, CancellationToken cancellationToken = default)
        {
            using var counter = new Counter(system, matches);
            action();
            testkit.AwaitConditionNoThrow(() => counter.Count >= expectedCount, testkit.Dilated(timeout), cancellationToken: cancellationToken);
            Verify(counter, expectedCount);
        }

        public Task ExpectOneAsync(Func<Task> actionAsync, CancellationToken cancellationToken = default) => ExpectAsync(1, actionAsync, cancellationToken);

        public async Task ExpectAsync(int expectedCount, Func<Task> actionAsync, CancellationToken cancellationToken = default)
        {
            using var counter = new Counter(system, matches);
            await actionAsync().ConfigureAwait(false);
            var stop = TestKitBase.Now + testkit.Dilated(testkit.TestKitSettings.FilterLeeway);
            while (counter.Count < expectedCount && TestKitBase.Now < stop) await Task.Delay(10, cancellationToken).ConfigureAwait(false);
            Verify(counter, expectedCount);
        }

        private void Verify(Counter counter, int expected) =>
            testkit.FailUnless(counter.Count == expected, $"Expected {expected} event(s) of [{description}], received {counter.Count}");

        public void Mute(Action action, CancellationToken cancellationToken = default)
        {
            using (Mute()) action();
        }

        public IUnmutableFilter Mute() => new Muted(system, matches);
    }

    private sealed class Muted : IUnmutableFilter
    {
        private readonly ActorSystem _system;

        internal Muted(ActorSystem system, Predicate<object> matches)
        {
            _system = system;
            ExpectedEvents.Of(system).Add(this, matches);
        }

        public void Unmute() => ExpectedEvents.Of(_system).Remove(this);

        public void Dispose() => Unmute();
    }

    // Subscribed itself rather than through an actor: an event counts before the call that published it returns.
    private sealed class Counter : MinimalActorRef, IDisposable
    {
        private readonly ActorSystem _system;
        private readonly Predicate<object> _matches;
        private int _count;

        internal Counter(ActorSystem system, Predicate<object> matches)
        {
            _system = system;
            _matches = matches;
            Path = ((ExtendedActorSystem)system).Provider.TempPath();
            ExpectedEvents.Of(system).Add(this, matches);
            system.EventStream.Subscribe(this, typeof(LogEvent));
            system.EventStream.Subscribe(this, typeof(DeadLetter));
        }

        internal int Count => Volatile.Read(ref _count);

        public override ActorPath Path { get; }

        public override IActorRefProvider Provider => ((ExtendedActorSystem)_system).Provider;

        protected override void TellInternal(object message, IActorRef sender)
        {
            if (_matches(message)) Interlocked.Increment(ref _count);
        }

        public void Dispose()
        {
            _system.EventStream.Unsubscribe(this);
            ExpectedEvents.Of(_system).Remove(this);
        }
    }
}
