using Akka.Streams.Dsl;
using FsCheck;
using FsCheck.Fluent;

namespace Akka.Streams.Tests;

public sealed class JunctionSpecs : StreamSpec
{
    private static Source<int, NotUsed> Range(int from, int count) => Source.From(Enumerable.Range(from, count));

    [Fact]
    public async Task Merge_gives_all_elements_each_side_in_its_order()
    {
        var merged = await ElementsOf(Range(0, 500).Merge(Range(1000, 500)));
        Assert.Equal(1000, merged.Count());
        Assert.Equal(Enumerable.Range(0, 500), merged.Where(x => x < 1000));
        Assert.Equal(Enumerable.Range(1000, 500), merged.Where(x => x >= 1000));
    }

    [Fact]
    public async Task Merge_completes_eagerly_when_told_to() =>
        Assert.Equal([], await ElementsOf(Source.Never<int>().Merge(Source.Empty<int>(), eagerComplete: true)));

    [Fact]
    public async Task Merge_fails_with_either_side() =>
        await Assert.ThrowsAsync<Boom>(() => ElementsOf(Source.Never<int>().Merge(Source.Failed<int>(new Boom()))));

    [Fact]
    public async Task Merge_widens_the_element_type() =>
        Assert.Equal(["a", 1], (await ElementsOf(Source.Single("a").Merge(Source.Single<object>(1)))).OrderBy(x => x is int));

    [Fact]
    public async Task Concat_and_Prepend_put_one_after_the_other()
    {
        Assert.Equal([1, 2, 3, 4], await ElementsOf(Range(1, 2).Concat(Range(3, 2))));
        Assert.Equal([3, 4, 1, 2], await ElementsOf(Range(1, 2).Prepend(Range(3, 2))));
        Assert.Equal([3, 4], await ElementsOf(Source.Empty<int>().Concat(Range(3, 2))));
        Assert.Equal([1], await ElementsOf(Range(1, 1).Concat(Source.Empty<int>())));
    }

    [Fact]
    public async Task Zip_pairs_until_one_side_ends()
    {
        Assert.Equal([(1, "a"), (2, "b")], await ElementsOf(Range(1, 5).Zip(Source.From(["a", "b"]))));
        Assert.Equal([11, 13], await ElementsOf(Range(1, 2).ZipWith(Range(10, 3), (a, b) => a + b)));
    }

    [Fact]
    public async Task MergeSorted_keeps_the_order()
    {
        Assert.Equal([1, 2, 3, 4, 5, 9], await ElementsOf(Source.From([1, 4, 9]).MergeSorted(Source.From([2, 3, 5]), (a, b) => a.CompareTo(b))));
        Assert.Equal([1, 4], await ElementsOf(Source.From([1, 4]).MergeSorted(Source.Empty<int>(), Comparer<int>.Default)));
        Assert.Equal([1, 4], await ElementsOf(Source.Empty<int>().MergeSorted(Source.From([1, 4]), Comparer<int>.Default)));
    }

    [Fact]
    public void MergeSorted_of_any_sorted_inputs_is_sorted_and_whole() =>
        Prop.ForAll(ArbMap.Default.ArbFor<Tuple<int[], int[]>>(), pair =>
        {
            var (left, right) = pair;
            var merged = ElementsOf(Source.From(left.Order().ToArray()).MergeSorted(Source.From(right.Order().ToArray()), (a, b) => a.CompareTo(b))).Result;
            return merged.SequenceEqual(left.Concat(right).Order());
        }).QuickCheckThrowOnFailure();

    [Fact]
    public async Task AlsoTo_gives_the_sink_every_element()
    {
        var also = new List<int>();
        var sink = Sink.ForEach<int>(also.Add).MapMaterializedValue(_ => NotUsed.Instance);
        Assert.Equal([1, 2, 3], await ElementsOf(Range(1, 3).AlsoTo(sink)));
        await Until(() => also.Count == 3, "the other sink is short");
    }

    [Fact]
    public async Task GraphDsl_broadcasts_and_zips()
    {
        var graph = GraphDsl.Create(builder =>
        {
            var broadcast = builder.Add(new Broadcast<int>(2));
            var zip = builder.Add(new Zip<int, string>());
            var text = builder.Add(Flow.Create<int>().Select(x => $"<{x}>"));
            builder.From(broadcast.Out(0)).To(zip.In0);
            builder.From(broadcast.Out(1)).Via(text).To(zip.In1);
            return new FlowShape<int, (int, string)>(broadcast.In, zip.Out);
        });
        Assert.Equal([(1, "<1>"), (2, "<2>")], await ElementsOf(Range(1, 2).Via(graph)));
    }

    [Fact]
    public async Task GraphDsl_balances_and_merges()
    {
        var parallel = GraphDsl.Create(builder =>
        {
            var balance = builder.Add(new Balance<int>(3));
            var merge = builder.Add(new Merge<int>(3));
            for (var i = 0; i < 3; i++)
                builder.From(balance).Via(Flow.Create<int>().Select(x => x * x)).To(merge);
            return new FlowShape<int, int>(balance.In, merge.Out);
        });
        Assert.Equal(Enumerable.Range(1, 50).Select(x => x * x), (await ElementsOf(Range(1, 50).Via(parallel))).Order());
    }

    [Fact]
    public async Task GraphDsl_gives_the_values_of_imported_graphs()
    {
        var graph = GraphDsl.Create(Sink.Seq<int>(), Sink.Sum<int>((a, b) => a + b), Keep.Both, (builder, all, sum) =>
        {
            var source = builder.Add(Range(1, 4));
            var broadcast = builder.Add(new Broadcast<int>(2));
            builder.From(source.Outlet).To(broadcast.In);
            builder.From(broadcast.Out(0)).To(all);
            builder.From(broadcast.Out(1)).To(sum);
            return ClosedShape.Instance;
        });
        var (elements, total) = RunnableGraph.FromGraph(graph).Run(Materializer);
        Assert.Equal([1, 2, 3, 4], await Soon(elements));
        Assert.Equal(10, await Soon(total));
    }

    [Fact]
    public void GraphDsl_refuses_ports_left_open() =>
        Assert.ThrowsAny<Exception>(() => GraphDsl.Create(builder =>
        {
            builder.Add(new Broadcast<int>(2));
            return ClosedShape.Instance;
        }));

    [Fact]
    public void GraphDsl_refuses_a_port_connected_twice() =>
        Assert.ThrowsAny<Exception>(() => GraphDsl.Create(builder =>
        {
            var source = builder.Add(Range(1, 1));
            var merge = builder.Add(new Merge<int>(2));
            builder.From(source.Outlet).To(merge.In(0));
            builder.From(source.Outlet).To(merge.In(1));
            return new SourceShape<int>(merge.Out);
        }));

    [Fact]
    public async Task Broadcast_goes_on_without_an_output_that_cancels()
    {
        var graph = GraphDsl.Create(Sink.Seq<int>(), (builder, all) =>
        {
            var broadcast = builder.Add(new Broadcast<int>(2));
            var cancelled = builder.Add(Flow.Create<int>().Take(1));
            builder.From(builder.Add(Range(1, 5)).Outlet).To(broadcast.In);
            builder.From(broadcast.Out(0)).To(all);
            builder.From(broadcast.Out(1)).Via(cancelled).To(builder.Add(Sink.Ignore<int>()).Inlet);
            return ClosedShape.Instance;
        });
        Assert.Equal([1, 2, 3, 4, 5], await Soon(RunnableGraph.FromGraph(graph).Run(Materializer)));
    }

    [Fact]
    public async Task Async_islands_lose_nothing_and_keep_the_order()
    {
        var stream = Range(1, 10_000).Async().Select(x => x + 1).Async().Where(x => x % 2 == 0).Async();
        Assert.Equal(Enumerable.Range(1, 5_000).Select(x => x * 2), await ElementsOf(stream));
    }

    [Fact]
    public async Task A_boundary_holds_no_more_than_its_buffer()
    {
        var made = 0;
        var gate = new TaskCompletionSource<int>();
        var done = Source.From(Enumerable.Range(1, 1000)).Select(x =>
        {
            Interlocked.Increment(ref made);
            return x;
        }).WithAttributes(Attributes.CreateInputBuffer(4, 4)).Async().SelectAsync(1, _ => gate.Task).RunWith(Sink.Ignore<int>(), Materializer);
        await Until(() => made >= 4, "the boundary asked for nothing");
        await Task.Delay(100);
        Assert.InRange(made, 4, 40);
        gate.SetResult(1);
        await Soon(done);
        Assert.Equal(1000, made);
    }

    [Fact]
    public async Task Failure_and_cancellation_cross_boundaries()
    {
        await Assert.ThrowsAsync<Boom>(() => ElementsOf(Source.Failed<int>(new Boom()).Async().Select(x => x).Async()));
        var watched = Source.Repeat(1).WatchTermination(Keep.Right).Async().To(Flow.Create<int>().Take(3).To(Sink.Ignore<int>())).Run(Materializer);
        await Soon(watched);
    }
}
