using Akka.Actor;
using Akka.Streams.Dsl;

namespace Akka.Streams.Tests;

/// <summary>A system and a materializer for the specs of a class.</summary>
public abstract class StreamSpec : IDisposable
{
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    protected StreamSpec()
    {
        System = ActorSystem.Create("streams");
        Materializer = System.Materializer();
    }

    protected ActorSystem System { get; }
    protected ActorMaterializer Materializer { get; }

    public void Dispose()
    {
        System.Terminate().Wait(Patience);
        GC.SuppressFinalize(this);
    }

    protected Task<T> Soon<T>(Task<T> task) => task.WaitAsync(Patience);

    protected Task Soon(Task task) => task.WaitAsync(Patience);

    protected async Task<IEnumerable<T>> ElementsOf<T, TMat>(Source<T, TMat> source) => await Soon(source.RunWith(Sink.Seq<T>(), Materializer));

    protected static async Task Until(Func<bool> holds, string what)
    {
        var deadline = DateTime.UtcNow + Patience;
        while (!holds())
        {
            Assert.True(DateTime.UtcNow < deadline, what);
            await Task.Delay(5);
        }
    }
}

/// <summary>What a failing stream fails with.</summary>
public sealed class Boom() : Exception("boom");

/// <summary>A queue fed by the spec and a queue read by it, with a flow between them.</summary>
internal sealed class Probe<TIn, TOut>(ISourceQueueWithComplete<TIn> source, ISinkQueue<TOut> sink)
{
    internal static Probe<TIn, TOut> Of<TMat>(Flow<TIn, TOut, TMat> flow, IMaterializer materializer)
    {
        var (source, sink) = Dsl.Source.Queue<TIn>(100, OverflowStrategy.Backpressure).Via(flow)
            .ToMaterialized(Sink.Queue<TOut>().WithAttributes(Attributes.CreateInputBuffer(1, 1)), Keep.Both).Run(materializer);
        return new Probe<TIn, TOut>(source, sink);
    }

    internal ISourceQueueWithComplete<TIn> Source => source;

    internal async Task Send(params TIn[] elements)
    {
        foreach (var element in elements)
            Assert.IsType<QueueOfferResult.Enqueued>(await source.OfferAsync(element).WaitAsync(TimeSpan.FromSeconds(10)));
    }

    internal async Task<TOut> Next()
    {
        var next = await sink.PullAsync().WaitAsync(TimeSpan.FromSeconds(10));
        Assert.True(next.HasValue, "the stream had completed");
        return next.Value;
    }

    internal async Task End() => Assert.False((await sink.PullAsync().WaitAsync(TimeSpan.FromSeconds(10))).HasValue);

    internal Task<Exception> Failure() => Xunit.Record.ExceptionAsync(() => sink.PullAsync().WaitAsync(TimeSpan.FromSeconds(10)))!;
}
