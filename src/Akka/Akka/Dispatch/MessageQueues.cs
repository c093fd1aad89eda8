using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Akka.Actor;

namespace Akka.Dispatch.MessageQueues;

/// <summary>A mailbox's queue: many producers, one consumer.</summary>
public interface IMessageQueue
{
    bool HasMessages { get; }

    int Count { get; }

    void Enqueue(IActorRef receiver, Envelope envelope);

    bool TryDequeue(out Envelope envelope);

    void CleanUp(IActorRef owner, IMessageQueue deadletters);
}

/// <summary>
/// An unbounded queue of many producers and one consumer over reused segments of slots: a producer takes a ticket by one
/// interlocked increment, so telling allocates nothing once segments circulate.
/// </summary>
public class UnboundedMessageQueue : IMessageQueue, IUnboundedMessageQueueSemantics
{
    private const int FirstSegment = 16;
    private const int LargestSegment = 1024;
    private const int MaxSpare = 4;

    private Segment _tail;
    private Consumer _at;
    private readonly object _growth = new();
    private Segment _spare;
    private int _spareCount;

    public UnboundedMessageQueue() => _at.Head = _tail = new Segment(FirstSegment);

    public bool HasMessages
    {
        get
        {
            var head = Volatile.Read(ref _at.Head);
            var next = Volatile.Read(ref _at.Next);
            // Tickets are read, not slots: a producer's increment is a full fence, so a ticket taken before the consumer
            // went idle is seen here, and one taken after makes its producer see the idle mailbox.
            if (next < head.Slots.Length) return Volatile.Read(ref head.Tickets.Value) > next;
            return Volatile.Read(ref head.Next) is { } following && Volatile.Read(ref following.Tickets.Value) > 0;
        }
    }

    public int Count
    {
        get
        {
            long count = 0;
            var next = Volatile.Read(ref _at.Next);
            for (var segment = Volatile.Read(ref _at.Head); segment is not null; segment = Volatile.Read(ref segment.Next))
            {
                count += Math.Min(Volatile.Read(ref segment.Tickets.Value), segment.Slots.Length) - next;
                next = 0;
            }
            return (int)Math.Clamp(count, 0, int.MaxValue);
        }
    }

    public void Enqueue(IActorRef receiver, Envelope envelope) => Enqueue(envelope.Message, envelope.Sender);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Enqueue(object message, IActorRef sender)
    {
        var segment = Volatile.Read(ref _tail);
        var slots = segment.Slots;
        var ticket = Interlocked.Increment(ref segment.Tickets.Value) - 1;
        if ((ulong)ticket < (ulong)slots.Length)
        {
            ref var slot = ref slots[ticket];
            if (sender is not null) slot.Sender = sender;
            Volatile.Write(ref slot.Message, message);
        }
        else
        {
            EnqueueInNextSegment(segment, message, sender);
        }
    }

    private void EnqueueInNextSegment(Segment full, object message, IActorRef sender)
    {
        while (true)
        {
            lock (_growth)
            {
                if (ReferenceEquals(_tail, full))
                {
                    var added = _spare;
                    if (added is not null)
                    {
                        _spare = added.NextSpare;
                        added.NextSpare = null;
                        _spareCount--;
                        // A spare keeps its tickets used up, so that a late producer that still holds it comes here too.
                        Volatile.Write(ref added.Tickets.Value, 0);
                    }
                    else
                    {
                        added = new Segment(Math.Min(full.Slots.Length * 4, LargestSegment));
                    }
                    Volatile.Write(ref full.Next, added);
                    Volatile.Write(ref _tail, added);
                }
            }
            var segment = Volatile.Read(ref _tail);
            var ticket = Interlocked.Increment(ref segment.Tickets.Value) - 1;
            if (ticket < segment.Slots.Length)
            {
                ref var slot = ref segment.Slots[ticket];
                slot.Sender = sender;
                Volatile.Write(ref slot.Message, message);
                return;
            }
            full = segment;
        }
    }

    public bool TryDequeue(out Envelope envelope)
    {
        if (TryDequeue(out var message, out var sender))
        {
            envelope = new Envelope(sender, message);
            return true;
        }
        envelope = default;
        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryDequeue(out object message, out IActorRef sender)
    {
        var next = _at.Next;
        var slots = _at.Head.Slots;
        if ((uint)next < (uint)slots.Length)
        {
            ref var slot = ref slots[next];
            message = Volatile.Read(ref slot.Message);
            if (message is not null)
            {
                sender = slot.Sender;
                slot.Sender = null;
                slot.Message = null;
                _at.Next = next + 1;
                return true;
            }
        }
        return TryDequeueSlowly(out message, out sender);
    }

    private bool TryDequeueSlowly(out object message, out IActorRef sender)
    {
        message = null;
        sender = null;
        if (_at.Next >= _at.Head.Slots.Length)
        {
            var following = Volatile.Read(ref _at.Head.Next);
            if (following is null) return false;
            var used = _at.Head;
            // The consumer's place moves before the segment is reused; a reader of both only gets a hint anyway.
            Volatile.Write(ref _at.Next, 0);
            Volatile.Write(ref _at.Head, following);
            Recycle(used);
        }
        if (Volatile.Read(ref _at.Head.Tickets.Value) <= _at.Next) return false;
        // The ticket is taken, its producer is between the increment and the write.
        var spin = new SpinWait();
        ref var slot = ref _at.Head.Slots[_at.Next];
        while ((message = Volatile.Read(ref slot.Message)) is null) spin.SpinOnce();
        sender = slot.Sender;
        slot.Sender = null;
        slot.Message = null;
        _at.Next++;
        return true;
    }

    private void Recycle(Segment used)
    {
        used.Next = null;
        if (used.Slots.Length < LargestSegment) return;
        lock (_growth)
        {
            if (_spareCount >= MaxSpare) return;
            used.NextSpare = _spare;
            _spare = used;
            _spareCount++;
        }
    }

    public void CleanUp(IActorRef owner, IMessageQueue deadletters)
    {
        while (TryDequeue(out var envelope)) deadletters.Enqueue(owner, envelope);
    }

    private struct Slot
    {
        internal object Message;
        internal IActorRef Sender;
    }

    private sealed class Segment(int size)
    {
        internal readonly Slot[] Slots = new Slot[size];
        internal Segment Next;
        internal Segment NextSpare;
        internal Ticket Tickets;
    }

    // Producers increment it while the consumer reads the fields before it: a cache line of its own.
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    private struct Ticket
    {
        [FieldOffset(64)] internal long Value;
    }

    // The consumer's place changes with every message; producers read what stands beside it.
    [StructLayout(LayoutKind.Explicit, Size = 144)]
    private struct Consumer
    {
        [FieldOffset(64)] internal Segment Head;
        [FieldOffset(72)] internal int Next;
    }
}

/// <summary>A queue of at most a number of messages; what does not fit after the push time-out goes to dead letters.</summary>
public class BoundedMessageQueue : IMessageQueue, IBoundedMessageQueueSemantics
{
    private readonly System.Collections.Concurrent.BlockingCollection<Envelope> _queue;

    public BoundedMessageQueue(int boundedCapacity, TimeSpan pushTimeOut)
    {
        if (boundedCapacity < 0) throw new ArgumentException("The capacity for BoundedMessageQueue can not be negative", nameof(boundedCapacity));
        _queue = new System.Collections.Concurrent.BlockingCollection<Envelope>(Math.Max(1, boundedCapacity));
        PushTimeOut = pushTimeOut;
    }

    public TimeSpan PushTimeOut { get; set; }

    public bool HasMessages => _queue.Count > 0;

    public int Count => _queue.Count;

    public void Enqueue(IActorRef receiver, Envelope envelope)
    {
        var added = PushTimeOut >= TimeSpan.Zero ? _queue.TryAdd(envelope, PushTimeOut) : _queue.TryAdd(envelope, Timeout.Infinite);
        if (!added && receiver is IInternalActorRef r) r.Provider.DeadLetters.Tell(new Event.DeadLetter(envelope.Message, envelope.Sender, receiver), envelope.Sender);
    }

    public bool TryDequeue(out Envelope envelope) => _queue.TryTake(out envelope);

    public void CleanUp(IActorRef owner, IMessageQueue deadletters)
    {
        while (TryDequeue(out var envelope)) deadletters.Enqueue(owner, envelope);
    }
}
