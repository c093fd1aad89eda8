using Akka.Streams.Dsl;
using Akka.Util;

namespace Akka.Streams.Tests;

public sealed class SourceSpecs : StreamSpec
{
    [Fact]
    public async Task From_enumerates_anew_for_each_run()
    {
        var source = Source.From(new[] { 1, 2, 3 });
        Assert.Equal([1, 2, 3], await ElementsOf(source));
        Assert.Equal([1, 2, 3], await ElementsOf(source));
        Assert.Empty(await ElementsOf(Source.From(Array.Empty<int>())));
    }

    [Fact]
    public async Task An_enumerator_is_disposed_when_downstream_cancels()
    {
        var disposed = new TaskCompletionSource();
        IEnumerable<int> Endless()
        {
            try
            {
                while (true)
                    yield return 1;
            }
            finally
            {
                disposed.SetResult();
            }
        }
        Assert.Equal([1, 1], await ElementsOf(Source.From(Endless()).Take(2)));
        await Soon(disposed.Task);
    }

    [Fact]
    public async Task Single_Empty_Failed_are_what_they_say()
    {
        Assert.Equal([7], await ElementsOf(Source.Single(7)));
        Assert.Empty(await ElementsOf(Source.Empty<int>()));
        await Assert.ThrowsAsync<Boom>(() => ElementsOf(Source.Failed<int>(new Boom())));
    }

    [Fact]
    public async Task Unfold_goes_on_until_there_is_nothing()
    {
        Assert.Equal([0, 1, 2], await ElementsOf(Source.Unfold(0, n => n < 3 ? (n + 1, n) : Option<(int, int)>.None)));
        Assert.Equal([0, 1, 2], await ElementsOf(Source.UnfoldAsync(0, async n =>
        {
            await Task.Yield();
            return n < 3 ? (n + 1, n) : Option<(int, int)>.None;
        })));
    }

    [Fact]
    public async Task UnfoldAsync_fails_with_its_task() =>
        await Assert.ThrowsAsync<Boom>(() => ElementsOf(Source.UnfoldAsync<int, int>(0, _ => Task.FromException<Option<(int, int)>>(new Boom()))));

    [Fact]
    public async Task Tick_ticks_until_cancelled()
    {
        var (tick, elements) = Source.Tick(TimeSpan.Zero, TimeSpan.FromMilliseconds(10), "t").ToMaterialized(Sink.Seq<string>(), Keep.Both).Run(Materializer);
        await Task.Delay(100);
        tick.Cancel();
        Assert.NotEmpty(await Soon(elements));
    }

    [Fact]
    public async Task FromTask_gives_the_result_or_the_failure()
    {
        var promise = new TaskCompletionSource<int>();
        var elements = ElementsOf(Source.FromTask(promise.Task));
        promise.SetResult(5);
        Assert.Equal([5], await elements);
        await Assert.ThrowsAsync<Boom>(() => ElementsOf(Source.FromTask(Task.FromException<int>(new Boom()))));
    }

    [Fact]
    public async Task Maybe_gives_what_it_is_given()
    {
        var (promise, elements) = Source.Maybe<string>().ToMaterialized(Sink.Seq<string>(), Keep.Both).Run(Materializer);
        promise.SetResult("x");
        Assert.Equal(["x"], await Soon(elements));
    }

    [Fact]
    public async Task Queue_takes_offers_until_it_is_completed()
    {
        var (queue, elements) = Source.Queue<int>(10, OverflowStrategy.Backpressure).ToMaterialized(Sink.Seq<int>(), Keep.Both).Run(Materializer);
        for (var i = 0; i < 20; i++)
            Assert.IsType<QueueOfferResult.Enqueued>(await Soon(queue.OfferAsync(i)));
        queue.Complete();
        Assert.Equal(Enumerable.Range(0, 20), await Soon(elements));
        await Soon(queue.WatchCompletionAsync());
        Assert.IsType<QueueOfferResult.QueueClosed>(await Soon(queue.OfferAsync(99)));
    }

    [Fact]
    public async Task Queue_under_back_pressure_lets_one_offer_wait()
    {
        var probe = Probe<int, int>.Of(Flow.Create<int>(), Materializer);
        var (queue, sink) = Source.Queue<int>(1, OverflowStrategy.Backpressure)
            .ToMaterialized(Sink.Queue<int>().WithAttributes(Attributes.CreateInputBuffer(1, 1)), Keep.Both).Run(Materializer);
        var held = new List<int>();
        var offer = queue.OfferAsync(0);
        for (var i = 1; await Task.WhenAny(offer, Task.Delay(200)) == offer; i++)
            offer = queue.OfferAsync(i);
        Assert.False(offer.IsCompleted);
        await Assert.ThrowsAnyAsync<Exception>(() => Soon(queue.OfferAsync(100)));
        Assert.Equal(0, (await Soon(sink.PullAsync())).Value);
        Assert.IsType<QueueOfferResult.Enqueued>(await Soon(offer));
    }

    [Fact]
    public async Task Queue_drops_when_told_to()
    {
        var queue = Source.Queue<int>(1, OverflowStrategy.DropNew).To(Sink.FromGraph(Flow.Create<int>().SelectAsync(1, _ => new TaskCompletionSource<int>().Task)
            .To(Sink.Ignore<int>()))).Run(Materializer);
        var dropped = false;
        for (var i = 0; i < 10 && !dropped; i++)
            dropped = await Soon(queue.OfferAsync(i)) is QueueOfferResult.Dropped;
        Assert.True(dropped);
    }

    [Fact]
    public async Task Queue_that_failed_fails_the_stream_and_says_so()
    {
        var (queue, elements) = Source.Queue<int>(1, OverflowStrategy.Backpressure).ToMaterialized(Sink.Seq<int>(), Keep.Both).Run(Materializer);
        queue.Fail(new Boom());
        await Assert.ThrowsAsync<Boom>(() => Soon(elements));
        await Assert.ThrowsAsync<Boom>(() => Soon(queue.WatchCompletionAsync()));
    }

    [Fact]
    public async Task Combine_merges_or_concatenates_any_number()
    {
        var one = Source.From([1, 2]);
        var two = Source.From([3, 4]);
        var three = Source.From([5, 6]);
        Assert.Equal([1, 2, 3, 4, 5, 6], await ElementsOf(Source.Combine(one, two, Concat.Create<int>, three)));
        Assert.Equal([1, 2, 3, 4, 5, 6], (await ElementsOf(Source.Combine(one, two, n => new Merge<int>(n), three))).Order());
    }

    [Fact]
    public async Task RunWith_gives_the_sinks_value_and_Run_the_sources()
    {
        Assert.Equal(6, await Soon(Source.From([1, 2, 3]).RunSum((a, b) => a + b, Materializer)));
        Assert.Equal("ab", await Soon(Source.From(["a", "b"]).RunAggregate("", (a, b) => a + b, Materializer)));
        Assert.Same(NotUsed.Instance, Source.Single(1).To(Sink.Ignore<int>()).Run(Materializer));
        Assert.Equal(3, Source.Single(1).MapMaterializedValue(_ => 3).To(Sink.Ignore<int>()).Run(Materializer));
    }
}
