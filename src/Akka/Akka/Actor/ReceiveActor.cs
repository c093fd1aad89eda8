using Akka.Dispatch;

namespace Akka.Actor.Internal
{
    /// <summary>An actor with a step between construction and its first message.</summary>
    public interface IInitializableActor
    {
        void Init();
    }
}

namespace Akka.Actor
{
    /// <summary>An actor whose behaviours are lists of typed handlers; the first that fits a message handles it.</summary>
    public abstract class ReceiveActor : UntypedActor, Internal.IInitializableActor
    {
        private List<Handler> _configuring = [];
        private bool _closed;

        void Internal.IInitializableActor.Init()
        {
            var handlers = Finish();
            Context.Become(Handle(handlers));
        }

        private Handler[] Finish()
        {
            var handlers = _configuring.ToArray();
            _configuring = null;
            _closed = false;
            return handlers;
        }

        private static Receive Handle(Handler[] handlers) => message =>
        {
            foreach (var handler in handlers)
            {
                if (handler.TryHandle(message)) return true;
            }
            return false;
        };

        protected sealed override void OnReceive(object message) { }

        /// <summary>Replaces the behaviour by the handlers that <paramref name="configure"/> declares.</summary>
        protected void Become(Action configure) => Context.Become(Handle(Configure(configure)));

        /// <summary>Puts the handlers on top of the behaviour; <see cref="ActorBase.UnbecomeStacked"/> takes them off.</summary>
        protected void BecomeStacked(Action configure) => Context.BecomeStacked(Handle(Configure(configure)));

        private Handler[] Configure(Action configure)
        {
            var outer = (_configuring, _closed);
            _configuring = [];
            _closed = false;
            try
            {
                configure();
                return Finish();
            }
            finally
            {
                (_configuring, _closed) = outer;
            }
        }

        private void Add(Handler handler, bool last = false)
        {
            if (_configuring is null) throw new InvalidOperationException("You may only call Receive-methods when constructing the actor and inside Become().");
            if (_closed) throw new InvalidOperationException("A handler that catches all messages has been added. No handler can be added after that.");
            _configuring.Add(handler);
            _closed = last;
        }

        protected void Receive<T>(Action<T> handler, Predicate<T> shouldHandle = null)
        {
            ArgumentNullException.ThrowIfNull(handler);
            Add(new Typed<T>(handler, shouldHandle), last: typeof(T) == typeof(object) && shouldHandle is null);
        }

        protected void Receive<T>(Predicate<T> shouldHandle, Action<T> handler) => Receive(handler, shouldHandle);

        protected void Receive(Type messageType, Action<object> handler, Predicate<object> shouldHandle = null) =>
            Add(new Choosing(message => messageType.IsInstanceOfType(message) && (shouldHandle is null || shouldHandle(message)) && Do(handler, message)));

        protected void Receive(Type messageType, Predicate<object> shouldHandle, Action<object> handler) => Receive(messageType, handler, shouldHandle);

        /// <summary>A handler that says itself whether it handled the message.</summary>
        protected void Receive<T>(Func<T, bool> handler)
        {
            ArgumentNullException.ThrowIfNull(handler);
            Add(new Choosing(message => message is T typed && handler(typed)));
        }

        protected void Receive(Type messageType, Func<object, bool> handler) => Add(new Choosing(message => messageType.IsInstanceOfType(message) && handler(message)));

        protected void ReceiveAny(Action<object> handler)
        {
            ArgumentNullException.ThrowIfNull(handler);
            Add(new Choosing(message => Do(handler, message)), last: true);
        }

        /// <summary>An asynchronous handler: the actor takes no other user message until its task has ended.</summary>
        protected void ReceiveAsync<T>(Func<T, Task> handler, Predicate<T> shouldHandle = null)
        {
            ArgumentNullException.ThrowIfNull(handler);
            Receive(message => ActorTaskScheduler.RunTask(() => handler(message)), shouldHandle);
        }

        protected void ReceiveAsync<T>(Predicate<T> shouldHandle, Func<T, Task> handler) => ReceiveAsync(handler, shouldHandle);

        protected void ReceiveAsync(Type messageType, Func<object, Task> handler, Predicate<object> shouldHandle = null) =>
            Receive(messageType, message => ActorTaskScheduler.RunTask(() => handler(message)), shouldHandle);

        protected void ReceiveAsync(Type messageType, Predicate<object> shouldHandle, Func<object, Task> handler) => ReceiveAsync(messageType, handler, shouldHandle);

        protected void ReceiveAnyAsync(Func<object, Task> handler)
        {
            ArgumentNullException.ThrowIfNull(handler);
            ReceiveAny(message => ActorTaskScheduler.RunTask(() => handler(message)));
        }

        private static bool Do(Action<object> handler, object message)
        {
            handler(message);
            return true;
        }

        private abstract class Handler
        {
            internal abstract bool TryHandle(object message);
        }

        private sealed class Typed<T>(Action<T> handler, Predicate<T> shouldHandle) : Handler
        {
            internal override bool TryHandle(object message)
            {
                if (message is not T typed || (shouldHandle is not null && !shouldHandle(typed))) return false;
                handler(typed);
                return true;
            }
        }

        private sealed class Choosing(Func<object, bool> handler) : Handler
        {
            internal override bool TryHandle(object message) => handler(message);
        }
    }
}
