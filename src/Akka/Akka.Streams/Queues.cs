using Akka.Util;

namespace Akka.Streams;

/// <summary>What became of an offered element.</summary>
public interface IQueueOfferResult;

/// <summary>What became of an offered element.</summary>
public sealed class QueueOfferResult
{
    private QueueOfferResult() { }

    /// <summary>The queue has taken it.</summary>
    public sealed class Enqueued : IQueueOfferResult
    {
        public static readonly Enqueued Instance = new();
        private Enqueued() { }
    }

    /// <summary>The queue was full and has dropped it.</summary>
    public sealed class Dropped : IQueueOfferResult
    {
        public static readonly Dropped Instance = new();
        private Dropped() { }
    }

    /// <summary>The stream has failed.</summary>
    public sealed class Failure : IQueueOfferResult
    {
        public Failure(Exception cause) => Cause = cause;
        public Exception Cause { get; }
    }

    /// <summary>The stream has ended.</summary>
    public sealed class QueueClosed : IQueueOfferResult
    {
        public static readonly QueueClosed Instance = new();
        private QueueClosed() { }
    }
}

/// <summary>The way into a stream from anywhere.</summary>
public interface ISourceQueue<in T>
{
    /// <summary>Completes once the element is in the stream's buffer, or with why it is not. Under back-pressure one offer may wait at a time.</summary>
    Task<IQueueOfferResult> OfferAsync(T element);

    /// <summary>Completes, or fails, when the stream does.</summary>
    Task WatchCompletionAsync();
}

/// <summary>The way into a stream from anywhere, which can end it.</summary>
public interface ISourceQueueWithComplete<in T> : ISourceQueue<T>
{
    /// <summary>Ends the stream once all elements taken are out.</summary>
    void Complete();

    void Fail(Exception ex);

    new Task WatchCompletionAsync();
}

/// <summary>The way out of a stream to anywhere.</summary>
public interface ISinkQueue<T>
{
    /// <summary>The next element; none when the stream has completed.</summary>
    Task<Option<T>> PullAsync();
}
