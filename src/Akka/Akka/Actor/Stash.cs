using Akka.Dispatch;

namespace Akka.Actor
{
    /// <summary>Messages put aside until the actor can handle them.</summary>
    public interface IStash
    {
        int Count { get; }

        bool IsEmpty { get; }

        bool NonEmpty { get; }

        bool IsFull { get; }

        /// <summary>-1 if unbounded.</summary>
        int Capacity { get; }

        /// <summary>Puts the current message aside.</summary>
        void Stash();

        /// <summary>Puts the oldest stashed message at the front of the mailbox.</summary>
        void Unstash();

        /// <summary>Puts all stashed messages at the front of the mailbox, in their order.</summary>
        void UnstashAll();

        void UnstashAll(Func<Envelope, bool> predicate);

        IEnumerable<Envelope> ClearStash();

        void Prepend(IEnumerable<Envelope> envelopes);
    }

    /// <summary>An actor that is given a stash.</summary>
    public interface IActorStash
    {
        IStash Stash { get; set; }
    }

    /// <summary>An actor with a stash that asks nothing of its mailbox.</summary>
    public interface IWithUnrestrictedStash : IActorStash;

    /// <summary>An actor with a stash.</summary>
    public interface IWithStash : IWithUnrestrictedStash, IRequiresMessageQueue<IDequeBasedMessageQueueSemantics>;

    /// <summary>An actor with a stash that is never full.</summary>
    public interface IWithUnboundedStash : IWithUnrestrictedStash, IRequiresMessageQueue<IUnboundedDequeBasedMessageQueueSemantics>;

    /// <summary>Makes stashes for actors that hold more than one.</summary>
    public static class StashFactory
    {
        public static IStash CreateStash<T>(this IActorContext context) where T : ActorBase => new Internal.UnboundedStashImpl(context);

        public static IStash CreateStash(this IActorContext context, IActorStash actorInstance)
        {
            _ = actorInstance;
            return new Internal.UnboundedStashImpl(context);
        }

        public static IStash CreateStash(this IActorContext context, Type actorType)
        {
            _ = actorType;
            return new Internal.UnboundedStashImpl(context);
        }
    }
}

namespace Akka.Actor.Internal
{
    /// <summary>A stash over the front of the cell's mailbox.</summary>
    public abstract class AbstractStash : IStash
    {
        private readonly ActorCell _cell;
        private LinkedList<Envelope> _stashed = new();
        private object _lastStashed;
        private long _stashedAt;

        protected AbstractStash(IActorContext context) => _cell = (ActorCell)context;

        public virtual int Capacity => -1;

        public int Count => _stashed.Count;

        public bool IsEmpty => _stashed.Count == 0;

        public bool NonEmpty => _stashed.Count > 0;

        public bool IsFull => Capacity >= 0 && _stashed.Count >= Capacity;

        public void Stash()
        {
            var message = _cell.CurrentMessage ?? throw new InvalidOperationException("There is no current message to stash.");
            if (_stashed.Count > 0 && ReferenceEquals(_lastStashed, message) && _stashedAt == _cell.Handled)
            {
                throw new IllegalActorStateException($"Can't stash the same message {message} more than once");
            }
            if (IsFull) throw new StashOverflowException($"Couldn't enqueue message {message} from {_cell.Sender} to stash of {_cell.Self}");
            _stashed.AddLast(new Envelope(_cell.CurrentSender, message));
            _lastStashed = message;
            _stashedAt = _cell.Handled;
        }

        public void Unstash()
        {
            if (_stashed.Count == 0) return;
            var first = _stashed.First.Value;
            _stashed.RemoveFirst();
            _cell.Mailbox.EnqueueFirst(first);
        }

        public void UnstashAll() => UnstashAll(static _ => true);

        public void UnstashAll(Func<Envelope, bool> predicate)
        {
            var stashed = _stashed;
            _stashed = new LinkedList<Envelope>();
            for (var node = stashed.Last; node is not null; node = node.Previous)
            {
                if (predicate(node.Value)) _cell.Mailbox.EnqueueFirst(node.Value);
            }
        }

        public IEnumerable<Envelope> ClearStash()
        {
            var stashed = _stashed;
            _stashed = new LinkedList<Envelope>();
            return stashed;
        }

        /// <summary>Puts messages before those that are stashed already, in the order given.</summary>
        public void Prepend(IEnumerable<Envelope> envelopes)
        {
            var added = envelopes.ToArray();
            for (var i = added.Length - 1; i >= 0; i--) _stashed.AddFirst(added[i]);
        }
    }

    /// <summary>A stash that is never full.</summary>
    public class UnboundedStashImpl(IActorContext context) : AbstractStash(context);
}
