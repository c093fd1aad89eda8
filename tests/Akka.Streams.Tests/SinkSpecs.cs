using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Streams.Dsl;

namespace Akka.Streams.Tests;

public sealed class SinkSpecs : StreamSpec
{
    [Fact]
    public async Task First_and_Last_want_an_element()
    {
        var numbers = Source.From([1, 2, 3]);
        Assert.Equal(1, await Soon(numbers.RunWith(Sink.First<int>(), Materializer)));
        Assert.Equal(3, await Soon(numbers.RunWith(Sink.Last<int>(), Materializer)));
        var nothing = Source.Empty<int>();
        await Assert.ThrowsAsync<NoSuchElementException>(() => Soon(nothing.RunWith(Sink.First<int>(), Materializer)));
        await Assert.ThrowsAsync<NoSuchElementException>(() => Soon(nothing.RunWith(Sink.Last<int>(), Materializer)));
        Assert.Equal(0, await Soon(nothing.RunWith(Sink.FirstOrDefault<int>(), Materializer)));
        Assert.Equal(0, await Soon(nothing.RunWith(Sink.LastOrDefault<int>(), Materializer)));
    }

    [Fact]
    public async Task ForEach_sees_every_element_in_order()
    {
        var seen = new List<int>();
        await Soon(Source.From(Enumerable.Range(1, 1000)).RunForeach(seen.Add, Materializer));
        Assert.Equal(Enumerable.Range(1, 1000), seen);
    }

    [Fact]
    public async Task ForEachAsync_sees_every_element()
    {
        var seen = new ConcurrentBag<int>();
        await Soon(Source.From(Enumerable.Range(1, 50)).RunWith(Sink.ForEachAsync<int>(4, async x =>
        {
            await Task.Yield();
            seen.Add(x);
        }), Materializer));
        Assert.Equal(Enumerable.Range(1, 50), seen.Order());
    }

    [Fact]
    public async Task ForEach_fails_with_its_function() =>
        await Assert.ThrowsAsync<Boom>(() => Soon(Source.Single(1).RunWith(Sink.ForEach<int>(_ => throw new Boom()), Materializer)));

    [Fact]
    public async Task Queue_gives_elements_then_the_end_or_the_failure()
    {
        var probe = Probe<int, int>.Of(Flow.Create<int>(), Materializer);
        await probe.Send(1, 2);
        probe.Source.Complete();
        Assert.Equal(1, await probe.Next());
        Assert.Equal(2, await probe.Next());
        await probe.End();
        var failing = Probe<int, int>.Of(Flow.Create<int>(), Materializer);
        failing.Source.Fail(new Boom());
        Assert.IsType<Boom>(await failing.Failure());
    }

    [Fact]
    public async Task OnComplete_is_told_how_the_stream_ended()
    {
        var end = new TaskCompletionSource<string>();
        Source.Single(1).To(Sink.OnComplete<int>(() => end.SetResult("done"), e => end.SetResult(e.Message))).Run(Materializer);
        Assert.Equal("done", await Soon(end.Task));
        end = new TaskCompletionSource<string>();
        Source.Failed<int>(new Boom()).To(Sink.OnComplete<int>(() => end.SetResult("done"), e => end.SetResult(e.Message))).Run(Materializer);
        Assert.Equal("boom", await Soon(end.Task));
    }

    private sealed class Acknowledging(ConcurrentQueue<object> seen, bool acknowledge) : ActorBase
    {
        protected override bool Receive(object message)
        {
            seen.Enqueue(message);
            if (acknowledge || message is "init")
                Sender.Tell("ack");
            return true;
        }
    }

    [Fact]
    public async Task ActorRefWithAck_tells_one_element_for_each_acknowledgement()
    {
        var seen = new ConcurrentQueue<object>();
        var actor = System.ActorOf(Props.Create(() => new Acknowledging(seen, true)));
        Source.From([1, 2, 3]).To(Sink.ActorRefWithAck<int>(actor, "init", "ack", "complete")).Run(Materializer);
        await Until(() => seen.Contains("complete"), "no completion");
        Assert.Equal(["init", 1, 2, 3, "complete"], seen);
    }

    [Fact]
    public async Task ActorRefWithAck_waits_for_the_acknowledgement()
    {
        var seen = new ConcurrentQueue<object>();
        var actor = System.ActorOf(Props.Create(() => new Acknowledging(seen, false)));
        Source.From([1, 2, 3]).To(Sink.ActorRefWithAck<int>(actor, "init", "ack", "complete")).Run(Materializer);
        await Until(() => seen.Contains(1), "no element");
        await Task.Delay(100);
        Assert.Equal(["init", 1], seen);
    }
}
