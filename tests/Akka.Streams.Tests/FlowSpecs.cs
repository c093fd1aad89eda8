using Akka.Streams.Dsl;
using Akka.Streams.Supervision;
using Akka.Util;

namespace Akka.Streams.Tests;

public sealed class FlowSpecs : StreamSpec
{
    private static Source<int, NotUsed> Numbers(int count) => Source.From(Enumerable.Range(1, count));

    private static int Fragile(int x) => x == 3 ? throw new Boom() : x * 10;

    [Fact]
    public async Task Select_changes_each_element() => Assert.Equal([2, 4, 6], await ElementsOf(Numbers(3).Select(x => x * 2)));

    [Fact]
    public async Task Where_and_WhereNot_split_the_elements()
    {
        Assert.Equal([2, 4], await ElementsOf(Numbers(5).Where(x => x % 2 == 0)));
        Assert.Equal([1, 3, 5], await ElementsOf(Numbers(5).WhereNot(x => x % 2 == 0)));
    }

    [Fact]
    public async Task Collect_takes_what_is_defined() => Assert.Equal(["4", "5"], await ElementsOf(Numbers(5).Collect(x => x > 3, x => x.ToString())));

    [Fact]
    public async Task SelectMany_gives_all_parts_in_order() =>
        Assert.Equal([1, 2, 2, 3, 3, 3], await ElementsOf(Numbers(3).SelectMany(x => Enumerable.Repeat(x, x))));

    [Fact]
    public async Task SelectMany_of_nothing_goes_on() => Assert.Equal([4], await ElementsOf(Numbers(4).SelectMany(x => x < 4 ? Array.Empty<int>() : [x])));

    [Fact]
    public async Task StatefulSelectMany_makes_a_state_for_each_run()
    {
        var numbered = Source.From(["a", "b"]).StatefulSelectMany(() =>
        {
            var n = 0;
            return (Func<string, IEnumerable<string>>)(x => [$"{++n}{x}"]);
        });
        Assert.Equal(["1a", "2b"], await ElementsOf(numbered));
        Assert.Equal(["1a", "2b"], await ElementsOf(numbered));
    }

    [Fact]
    public async Task A_function_that_throws_fails_the_stream_unless_told_otherwise() =>
        await Assert.ThrowsAsync<Boom>(() => ElementsOf(Numbers(5).Select(Fragile)));

    [Fact]
    public async Task Resuming_drops_the_element_that_failed()
    {
        var resume = ActorAttributes.CreateSupervisionStrategy(Deciders.ResumingDecider);
        Assert.Equal([10, 20, 40, 50], await ElementsOf(Numbers(5).Select(Fragile).WithAttributes(resume)));
        Assert.Equal([1, 2, 4, 5], await ElementsOf(Numbers(5).Where(x => Fragile(x) > 0).WithAttributes(resume)));
        Assert.Equal([10, 20, 40, 50], await ElementsOf(Numbers(5).SelectMany(x => new[] { Fragile(x) }).WithAttributes(resume)));
        Assert.Equal([10, 20, 40, 50], await ElementsOf(Numbers(5).SelectAsync(2, x => Task.FromResult(Fragile(x))).WithAttributes(resume)));
    }

    [Fact]
    public async Task Restarting_drops_what_had_been_aggregated()
    {
        var restart = ActorAttributes.CreateSupervisionStrategy(Deciders.RestartingDecider);
        var sums = Numbers(5).Aggregate(0, (sum, x) => x == 3 ? throw new Boom() : sum + x).WithAttributes(restart);
        Assert.Equal([9], await ElementsOf(sums));
    }

    [Fact]
    public async Task Take_completes_after_its_number()
    {
        Assert.Equal([1, 2], await ElementsOf(Source.Repeat(0).Scan(0, (n, _) => n + 1).Skip(1).Take(2)));
        Assert.Empty(await ElementsOf(Numbers(3).Take(0)));
    }

    [Fact]
    public async Task TakeWhile_ends_with_or_before_the_element_that_fails_it()
    {
        Assert.Equal([1, 2], await ElementsOf(Numbers(5).TakeWhile(x => x < 3)));
        Assert.Equal([1, 2, 3], await ElementsOf(Numbers(5).TakeWhile(x => x < 3, inclusive: true)));
    }

    [Fact]
    public async Task Skip_and_SkipWhile_leave_out_the_beginning()
    {
        Assert.Equal([4, 5], await ElementsOf(Numbers(5).Skip(3)));
        Assert.Equal([3, 4, 5], await ElementsOf(Numbers(5).SkipWhile(x => x < 3)));
    }

    [Fact]
    public async Task Grouped_gives_full_groups_and_the_rest() =>
        Assert.Equal(["1,2", "3,4", "5"], await ElementsOf(Numbers(5).Grouped(2).Select(g => string.Join(",", g))));

    [Fact]
    public async Task GroupedWithin_gives_a_group_when_full_or_when_the_time_is_over()
    {
        var probe = Probe<int, string>.Of(Flow.Create<int>().GroupedWithin(3, TimeSpan.FromMilliseconds(100)).Select(g => string.Join(",", g)), Materializer);
        await probe.Send(1, 2, 3, 4);
        Assert.Equal("1,2,3", await probe.Next());
        Assert.Equal("4", await probe.Next());
        await probe.Send(5);
        probe.Source.Complete();
        Assert.Equal("5", await probe.Next());
        await probe.End();
    }

    [Fact]
    public async Task Scan_gives_the_zero_and_every_step()
    {
        Assert.Equal([0, 1, 3, 6], await ElementsOf(Numbers(3).Scan(0, (a, b) => a + b)));
        Assert.Equal([7], await ElementsOf(Source.Empty<int>().Scan(7, (a, b) => a + b)));
    }

    [Fact]
    public async Task Aggregate_gives_one_value_also_of_nothing()
    {
        Assert.Equal([15], await ElementsOf(Numbers(5).Aggregate(0, (a, b) => a + b)));
        Assert.Equal([7], await ElementsOf(Source.Empty<int>().Aggregate(7, (a, b) => a + b)));
    }

    [Fact]
    public async Task Sum_of_nothing_fails()
    {
        Assert.Equal([15], await ElementsOf(Numbers(5).Sum((a, b) => a + b)));
        await Assert.ThrowsAsync<NoSuchElementException>(() => ElementsOf(Source.Empty<int>().Sum((a, b) => a + b)));
    }

    [Fact]
    public async Task Recover_ends_with_one_more_element()
    {
        Assert.Equal([10, 20, -1], await ElementsOf(Numbers(5).Select(Fragile).Recover(e => e is Boom ? new Option<int>(-1) : Option<int>.None)));
        await Assert.ThrowsAsync<Boom>(() => ElementsOf(Numbers(5).Select(Fragile).Recover(_ => Option<int>.None)));
    }

    [Fact]
    public async Task SelectError_gives_another_failure() =>
        await Assert.ThrowsAsync<InvalidOperationException>(() => ElementsOf(Numbers(5).Select(Fragile).SelectError(e => new InvalidOperationException("other", e))));

    [Fact]
    public async Task SelectAsync_keeps_the_order_however_the_tasks_end()
    {
        var tasks = Enumerable.Range(0, 5).Select(_ => new TaskCompletionSource<int>()).ToArray();
        var result = ElementsOf(Source.From(Enumerable.Range(0, 5)).SelectAsync(5, i => tasks[i].Task));
        foreach (var i in new[] { 4, 2, 0, 3, 1 })
            tasks[i].SetResult(i * 10);
        Assert.Equal([0, 10, 20, 30, 40], await result);
    }

    [Fact]
    public async Task SelectAsync_runs_no_more_tasks_than_it_may()
    {
        int running = 0, most = 0;
        var result = await ElementsOf(Numbers(40).SelectAsync(4, async x =>
        {
            var now = Interlocked.Increment(ref running);
            InterlockedMax(ref most, now);
            await Task.Delay(1);
            Interlocked.Decrement(ref running);
            return x;
        }));
        Assert.Equal(Enumerable.Range(1, 40), result);
        Assert.InRange(most, 1, 4);
    }

    [Fact]
    public async Task SelectAsync_fails_with_its_task() =>
        await Assert.ThrowsAsync<Boom>(() => ElementsOf(Numbers(5).SelectAsync(2, x => x == 3 ? Task.FromException<int>(new Boom()) : Task.FromResult(x))));

    [Fact]
    public async Task SelectAsyncUnordered_gives_what_is_ready()
    {
        var tasks = Enumerable.Range(0, 3).Select(_ => new TaskCompletionSource<int>()).ToArray();
        var probe = Probe<int, int>.Of(Flow.Create<int>().SelectAsyncUnordered(3, i => tasks[i].Task), Materializer);
        await probe.Send(0, 1, 2);
        tasks[2].SetResult(2);
        Assert.Equal(2, await probe.Next());
        tasks[0].SetResult(0);
        Assert.Equal(0, await probe.Next());
        tasks[1].SetResult(1);
        Assert.Equal(1, await probe.Next());
        probe.Source.Complete();
        await probe.End();
    }

    [Fact]
    public async Task Batch_puts_together_what_downstream_has_not_asked_for()
    {
        var gate = new TaskCompletionSource();
        var batches = Numbers(10).Batch(100, x => new List<int> { x }, (list, x) =>
        {
            list.Add(x);
            if (x == 10)
                gate.SetResult();
            return list;
        }).SelectAsync(1, async list =>
        {
            await gate.Task;
            return list.Count;
        });
        Assert.Equal(10, (await ElementsOf(batches)).Sum());
    }

    [Fact]
    public async Task BatchWeighted_stays_below_the_sum_of_costs()
    {
        var release = new TaskCompletionSource();
        var batches = ElementsOf(Numbers(9).BatchWeighted(3, _ => 1, x => 1, (n, _) => n + 1).SelectAsync(1, async n =>
        {
            await release.Task;
            return n;
        }));
        release.SetResult();
        Assert.All(await batches, n => Assert.InRange(n, 1, 3));
        Assert.Equal(9, (await batches).Sum());
    }

    [Fact]
    public async Task Conflate_loses_nothing() =>
        Assert.Equal(5050, (await ElementsOf(Numbers(100).Conflate((a, b) => a + b))).Sum());

    [Theory]
    [InlineData(OverflowStrategy.DropHead, "4,5,6")]
    [InlineData(OverflowStrategy.DropTail, "1,2,6")]
    [InlineData(OverflowStrategy.DropNew, "1,2,3")]
    [InlineData(OverflowStrategy.DropBuffer, "4,5,6")]
    public async Task A_full_buffer_does_what_its_strategy_says(OverflowStrategy strategy, string left)
    {
        var release = new TaskCompletionSource();
        var taken = 0;
        var result = Numbers(7).Select(x => x - 1).Select(x =>
        {
            Interlocked.Increment(ref taken);
            return x;
        }).Buffer(3, strategy).SelectAsync(1, async x =>
        {
            await release.Task;
            return x;
        }).RunWith(Sink.Seq<int>(), Materializer);
        await Until(() => taken == 7, "the buffer stopped asking");
        release.SetResult();
        Assert.Equal(left, string.Join(",", (await Soon(result)).Where(x => x != 0)));
    }

    [Fact]
    public async Task A_full_buffer_fails_or_waits()
    {
        await Assert.ThrowsAsync<BufferOverflowException>(() => ElementsOf(Numbers(9).Buffer(2, OverflowStrategy.Fail).SelectAsync(1, async x =>
        {
            await Task.Delay(20);
            return x;
        })));
        Assert.Equal(Enumerable.Range(1, 9), await ElementsOf(Numbers(9).Buffer(2, OverflowStrategy.Backpressure)));
    }

    [Fact]
    public async Task TakeWithin_ends_with_its_time() =>
        Assert.True((await ElementsOf(Source.Tick(TimeSpan.Zero, TimeSpan.FromMilliseconds(20), 1).TakeWithin(TimeSpan.FromMilliseconds(200)))).Count() < 15);

    [Fact]
    public async Task Throttle_delays_or_fails_what_comes_too_fast()
    {
        var clock = global::System.Diagnostics.Stopwatch.StartNew();
        Assert.Equal([1, 2, 3, 4, 5], await ElementsOf(Numbers(5).Throttle(1, TimeSpan.FromMilliseconds(50), 1, ThrottleMode.Shaping)));
        Assert.True(clock.ElapsedMilliseconds >= 150, $"took {clock.ElapsedMilliseconds} ms");
        await Assert.ThrowsAnyAsync<Exception>(() => ElementsOf(Numbers(5).Throttle(1, TimeSpan.FromSeconds(5), 1, ThrottleMode.Enforcing)));
    }

    [Fact]
    public async Task WatchTermination_tells_completion_failure_and_cancellation()
    {
        Task<Done> Watch(Source<int, NotUsed> source) => source.WatchTermination(Keep.Right).To(Sink.Ignore<int>()).Run(Materializer);
        await Soon(Watch(Numbers(3)));
        await Assert.ThrowsAsync<Boom>(() => Soon(Watch(Source.Failed<int>(new Boom()))));
        await Soon(Source.Repeat(1).WatchTermination(Keep.Right).To(Sink.Cancelled<int>()).Run(Materializer));
    }

    [Fact]
    public async Task Via_and_To_put_flows_together_and_a_flow_can_be_used_twice()
    {
        var twice = Flow.Create<int>().Select(x => x * 2).Named("twice");
        var both = twice.Via(twice);
        Assert.Equal([4, 8], await ElementsOf(Numbers(2).Via(both)));
        Assert.Equal(12, await Soon(Numbers(2).RunWith(both.ToMaterialized(Sink.Sum<int>((a, b) => a + b), Keep.Right), Materializer)));
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = target; value > seen; seen = target)
            Interlocked.CompareExchange(ref target, value, seen);
    }
}
