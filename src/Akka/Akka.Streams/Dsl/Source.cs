using Akka.Actor;
using Akka.Streams.Implementation;
using Akka.Streams.Implementation.Stages;
using Akka.Util;

namespace Akka.Streams.Dsl;

/// <summary>A graph that can be continued at its only output.</summary>
public interface IFlow<TOut, out TMat>
{
    IFlow<T, TMat> Via<T, TMat2>(IGraph<FlowShape<TOut, T>, TMat2> flow);
    IFlow<T2, TMat3> ViaMaterialized<T2, TMat2, TMat3>(IGraph<FlowShape<TOut, T2>, TMat2> flow, Func<TMat, TMat2, TMat3> combine);
    IFlow<TOut, TMat2> MapMaterializedValue<TMat2>(Func<TMat, TMat2> mapFunc);
}

/// <summary>A graph with one output.</summary>
public sealed class Source<TOut, TMat> : IFlow<TOut, TMat>, IGraph<SourceShape<TOut>, TMat>
{
    public Source(IModule module) => Module = module;

    public SourceShape<TOut> Shape => (SourceShape<TOut>)Module.Shape;
    public IModule Module { get; }

    public Source<T2, TMat> Via<T2, TMat2>(IGraph<FlowShape<TOut, T2>, TMat2> flow) => ViaMaterialized(flow, Keep.Left);

    public Source<TOut2, TMat3> ViaMaterialized<TOut2, TMat2, TMat3>(IGraph<FlowShape<TOut, TOut2>, TMat2> flow, Func<TMat, TMat2, TMat3> combine) =>
        new(Compose.Line(Blueprint.Of(Module), Blueprint.Of(flow), new SourceShape<TOut2>(flow.Shape.Outlet), combine));

    IFlow<T, TMat> IFlow<TOut, TMat>.Via<T, TMat2>(IGraph<FlowShape<TOut, T>, TMat2> flow) => Via(flow);
    IFlow<T2, TMat3> IFlow<TOut, TMat>.ViaMaterialized<T2, TMat2, TMat3>(IGraph<FlowShape<TOut, T2>, TMat2> flow, Func<TMat, TMat2, TMat3> combine) =>
        ViaMaterialized(flow, combine);
    IFlow<TOut, TMat2> IFlow<TOut, TMat>.MapMaterializedValue<TMat2>(Func<TMat, TMat2> mapFunc) => MapMaterializedValue(mapFunc);

    public IRunnableGraph<TMat> To<TMat2>(IGraph<SinkShape<TOut>, TMat2> sink) => ToMaterialized(sink, Keep.Left);

    public IRunnableGraph<TMat3> ToMaterialized<TMat2, TMat3>(IGraph<SinkShape<TOut>, TMat2> sink, Func<TMat, TMat2, TMat3> combine) =>
        new RunnableGraph<TMat3>(Compose.Line(Blueprint.Of(Module), Blueprint.Of(sink), ClosedShape.Instance, combine));

    public Source<TOut, TMat3> ConcatMaterialized<TMat2, TMat3>(IGraph<SourceShape<TOut>, TMat2> that, Func<TMat, TMat2, TMat3> materializedFunction) =>
        ViaMaterialized(Junctions.Concat(that), materializedFunction);

    public Source<TOut, TMat2> MapMaterializedValue<TMat2>(Func<TMat, TMat2> mapFunc) => new(Compose.Map(Module, mapFunc));

    public Source<TOut, TMat> WithAttributes(Attributes attributes) => new(Module.WithAttributes(attributes));
    public Source<TOut, TMat> AddAttributes(Attributes attributes) => WithAttributes(Module.Attributes.And(attributes));
    public Source<TOut, TMat> Named(string name) => AddAttributes(Attributes.CreateName(name));
    public Source<TOut, TMat> Async() => AddAttributes(Attributes.CreateAsyncBoundary());
    IGraph<SourceShape<TOut>, TMat> IGraph<SourceShape<TOut>, TMat>.WithAttributes(Attributes attributes) => WithAttributes(attributes);
    IGraph<SourceShape<TOut>, TMat> IGraph<SourceShape<TOut>, TMat>.AddAttributes(Attributes attributes) => AddAttributes(attributes);
    IGraph<SourceShape<TOut>, TMat> IGraph<SourceShape<TOut>, TMat>.Named(string name) => Named(name);
    IGraph<SourceShape<TOut>, TMat> IGraph<SourceShape<TOut>, TMat>.Async() => Async();

    /// <summary>Runs the source into the sink; returns the sink's value.</summary>
    public TMat2 RunWith<TMat2>(IGraph<SinkShape<TOut>, TMat2> sink, IMaterializer materializer) => ToMaterialized(sink, Keep.Right).Run(materializer);

    public TMat2 RunWith<TMat2>(IGraph<SinkShape<TOut>, TMat2> sink, ActorSystem materializer) =>
        RunWith(sink, ActorMaterializerExtensions.Shared(materializer));

    public Task<TOut2> RunAggregate<TOut2>(TOut2 zero, Func<TOut2, TOut, TOut2> aggregate, IMaterializer materializer) =>
        RunWith(Sink.Aggregate(zero, aggregate), materializer);

    public Task<TOut> RunSum(Func<TOut, TOut, TOut> reduce, IMaterializer materializer) => RunWith(Sink.Sum(reduce), materializer);

    public Task RunForeach(Action<TOut> action, IMaterializer materializer) => RunWith(Sink.ForEach(action), materializer);

    public override string ToString() => $"Source({Shape}, {Module})";
}

/// <summary>Makes sources.</summary>
public static class Source
{
    public static Source<T, TMat> FromGraph<T, TMat>(IGraph<SourceShape<T>, TMat> source) =>
        source as Source<T, TMat> ?? new Source<T, TMat>(source.Module);

    private static Source<T, NotUsed> Of<T>(IGraph<SourceShape<T>, NotUsed> stage) => new(stage.Module);

    /// <summary>The elements of a sequence, enumerated once a run.</summary>
    public static Source<T, NotUsed> From<T>(IEnumerable<T> enumerable) => Of(new EnumeratorSource<T>(enumerable.GetEnumerator));

    public static Source<T, NotUsed> FromEnumerator<T>(Func<IEnumerator<T>> enumeratorFactory) => Of(new EnumeratorSource<T>(enumeratorFactory));

    public static Source<T, NotUsed> Single<T>(T element) => Of(new SingleSource<T>(element));

    public static Source<T, NotUsed> Empty<T>() => Of(new EndedSource<T>(null));

    public static Source<T, NotUsed> Failed<T>(Exception cause) => Of(new EndedSource<T>(cause));

    /// <summary>No element and no end.</summary>
    public static Source<T, NotUsed> Never<T>() => Of(new NeverSource<T>());

    public static Source<T, NotUsed> Repeat<T>(T element) => Unfold(element, e => new Option<(T, T)>((e, e)));

    public static Source<TElem, NotUsed> Unfold<TState, TElem>(TState state, Func<TState, Option<(TState, TElem)>> unfold) =>
        Of(new UnfoldSource<TState, TElem>(state, unfold));

    public static Source<TElem, NotUsed> UnfoldAsync<TState, TElem>(TState state, Func<TState, Task<Option<(TState, TElem)>>> unfoldAsync) =>
        Of(new UnfoldAsyncSource<TState, TElem>(state, unfoldAsync));

    /// <summary>The same element again and again in time; a tick that nobody waits for is lost.</summary>
    public static Source<T, ICancelable> Tick<T>(TimeSpan initialDelay, TimeSpan interval, T tick) =>
        FromGraph(new TickSource<T>(initialDelay, interval, tick));

    public static Source<T, NotUsed> FromTask<T>(Task<T> task) => Of(new TaskSource<T>(task));

    /// <summary>The element that the promise is given; null completes without one.</summary>
    public static Source<T, TaskCompletionSource<T>> Maybe<T>() => FromGraph(new MaybeSource<T>());

    /// <summary>What is offered to the queue.</summary>
    public static Source<T, ISourceQueueWithComplete<T>> Queue<T>(int bufferSize, OverflowStrategy overflowStrategy)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bufferSize);
        return FromGraph(new QueueSource<T>(bufferSize, overflowStrategy));
    }

    /// <summary>Several sources through a junction.</summary>
    public static Source<TOut2, NotUsed> Combine<T, TOut2>(Source<T, NotUsed> first, Source<T, NotUsed> second,
        Func<int, IGraph<UniformFanInShape<T, TOut2>, NotUsed>> strategy, params Source<T, NotUsed>[] rest) =>
        FromGraph(GraphDsl.Create(builder =>
        {
            var junction = builder.Add(strategy(rest.Length + 2));
            var i = 0;
            foreach (var source in (Source<T, NotUsed>[])[first, second, .. rest])
                builder.From(source).To(junction.In(i++));
            return new SourceShape<TOut2>(junction.Out);
        }));
}
