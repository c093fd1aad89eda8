using Akka.Actor.Timers;

namespace Akka.Actor
{
    /// <summary>An actor that is given timers; they end with the incarnation.</summary>
    public interface IWithTimers
    {
        ITimerScheduler Timers { get; set; }
    }

    /// <summary>Timers by key: starting one ends the one of the same key, and a message already in the mailbox is dropped.</summary>
    public interface ITimerScheduler
    {
        IReadOnlyCollection<object> ActiveTimers { get; }

        void StartPeriodicTimer(object key, object msg, TimeSpan interval);

        void StartPeriodicTimer(object key, object msg, TimeSpan interval, IActorRef sender);

        void StartPeriodicTimer(object key, object msg, TimeSpan initialDelay, TimeSpan interval);

        void StartPeriodicTimer(object key, object msg, TimeSpan initialDelay, TimeSpan interval, IActorRef sender);

        void StartSingleTimer(object key, object msg, TimeSpan timeout);

        void StartSingleTimer(object key, object msg, TimeSpan timeout, IActorRef sender);

        bool IsTimerActive(object key);

        void Cancel(object key);

        void CancelAll();
    }

    internal sealed class TimerScheduler(ActorCell cell) : ITimerScheduler
    {
        private readonly Dictionary<object, Timer> _timers = [];
        private long _generation;

        public IReadOnlyCollection<object> ActiveTimers => _timers.Keys;

        public void StartPeriodicTimer(object key, object msg, TimeSpan interval) => Start(key, msg, interval, interval, ActorRefs.NoSender);

        public void StartPeriodicTimer(object key, object msg, TimeSpan interval, IActorRef sender) => Start(key, msg, interval, interval, sender);

        public void StartPeriodicTimer(object key, object msg, TimeSpan initialDelay, TimeSpan interval) => Start(key, msg, initialDelay, interval, ActorRefs.NoSender);

        public void StartPeriodicTimer(object key, object msg, TimeSpan initialDelay, TimeSpan interval, IActorRef sender) => Start(key, msg, initialDelay, interval, sender);

        public void StartSingleTimer(object key, object msg, TimeSpan timeout) => Start(key, msg, timeout, null, ActorRefs.NoSender);

        public void StartSingleTimer(object key, object msg, TimeSpan timeout, IActorRef sender) => Start(key, msg, timeout, null, sender);

        private void Start(object key, object msg, TimeSpan delay, TimeSpan? interval, IActorRef sender)
        {
            ArgumentNullException.ThrowIfNull(msg);
            Cancel(key);
            var generation = ++_generation;
            TimerMessage wrapped = msg is INotInfluenceReceiveTimeout ? new QuietTimerMessage(key, generation, this) : new TimerMessage(key, generation, this);
            var scheduler = cell.System.Scheduler;
            var task = interval is { } every
                ? scheduler.ScheduleTellRepeatedlyCancelable(delay, every, cell.Self, wrapped, sender)
                : scheduler.ScheduleTellOnceCancelable(delay, cell.Self, wrapped, sender);
            _timers[key] = new Timer(msg, generation, interval is not null, task);
        }

        public bool IsTimerActive(object key) => _timers.ContainsKey(key);

        public void Cancel(object key)
        {
            if (_timers.Remove(key, out var timer)) timer.Task.Cancel();
        }

        public void CancelAll()
        {
            foreach (var timer in _timers.Values) timer.Task.Cancel();
            _timers.Clear();
        }

        /// <summary>The user's message, or null if the timer was ended or started anew in the meantime.</summary>
        internal object Intercept(TimerMessage message)
        {
            if (!ReferenceEquals(message.Owner, this) || !_timers.TryGetValue(message.Key, out var timer) || timer.Generation != message.Generation) return null;
            if (!timer.Repeats) _timers.Remove(message.Key);
            return timer.Message;
        }

        private sealed record Timer(object Message, long Generation, bool Repeats, ICancelable Task);
    }
}

namespace Akka.Actor.Timers
{
    internal class TimerMessage(object key, long generation, TimerScheduler owner) : IAutoReceivedMessage, INoSerializationVerificationNeeded, Event.IDeadLetterSuppression
    {
        internal object Key { get; } = key;

        internal long Generation { get; } = generation;

        internal TimerScheduler Owner { get; } = owner;
    }

    internal sealed class QuietTimerMessage(object key, long generation, TimerScheduler owner) : TimerMessage(key, generation, owner), INotInfluenceReceiveTimeout;
}
