using System.Collections.Immutable;
using Akka.Actor;
using Akka.Streams.Implementation;
using Akka.Streams.Implementation.Stages;

namespace Akka.Streams.Dsl;

/// <summary>A graph with one input.</summary>
public sealed class Sink<TIn, TMat> : IGraph<SinkShape<TIn>, TMat>
{
    public Sink(IModule module) => Module = module;

    public SinkShape<TIn> Shape => (SinkShape<TIn>)Module.Shape;
    public IModule Module { get; }

    /// <summary>Takes other elements, each changed by the function first.</summary>
    public Sink<TIn2, TMat> ContraMap<TIn2>(Func<TIn2, TIn> function) => Flow.FromFunction(function).ToMaterialized(this, Keep.Right);

    public Sink<TIn, TMat2> MapMaterializedValue<TMat2>(Func<TMat, TMat2> fn) => new(Compose.Map(Module, fn));

    public TMat2 RunWith<TMat2>(IGraph<SourceShape<TIn>, TMat2> source, IMaterializer materializer) =>
        Source.FromGraph(source).To(this).Run(materializer);

    public Sink<TIn, TMat> WithAttributes(Attributes attributes) => new(Module.WithAttributes(attributes));
    public Sink<TIn, TMat> AddAttributes(Attributes attributes) => WithAttributes(Module.Attributes.And(attributes));
    public Sink<TIn, TMat> Named(string name) => AddAttributes(Attributes.CreateName(name));
    public Sink<TIn, TMat> Async() => AddAttributes(Attributes.CreateAsyncBoundary());
    IGraph<SinkShape<TIn>, TMat> IGraph<SinkShape<TIn>, TMat>.WithAttributes(Attributes attributes) => WithAttributes(attributes);
    IGraph<SinkShape<TIn>, TMat> IGraph<SinkShape<TIn>, TMat>.AddAttributes(Attributes attributes) => AddAttributes(attributes);
    IGraph<SinkShape<TIn>, TMat> IGraph<SinkShape<TIn>, TMat>.Named(string name) => Named(name);
    IGraph<SinkShape<TIn>, TMat> IGraph<SinkShape<TIn>, TMat>.Async() => Async();

    public override string ToString() => $"Sink({Shape}, {Module})";
}

/// <summary>Makes sinks.</summary>
public static class Sink
{
    public static Sink<TIn, TMat> FromGraph<TIn, TMat>(IGraph<SinkShape<TIn>, TMat> graph) => graph as Sink<TIn, TMat> ?? Wrap(graph);

    public static Sink<TIn, TMat> Wrap<TIn, TMat>(IGraph<SinkShape<TIn>, TMat> graph) => new(graph.Module);

    /// <summary>All elements, as a list.</summary>
    public static Sink<TIn, Task<IImmutableList<TIn>>> Seq<TIn>() => Wrap(new SeqSink<TIn>());

    /// <summary>The first element; an empty stream fails the task.</summary>
    public static Sink<TIn, Task<TIn>> First<TIn>() => Wrap(new FirstSink<TIn>(false));

    public static Sink<TIn, Task<TIn>> FirstOrDefault<TIn>() => Wrap(new FirstSink<TIn>(true));

    /// <summary>The last element; an empty stream fails the task.</summary>
    public static Sink<TIn, Task<TIn>> Last<TIn>() => Wrap(new LastSink<TIn>(false));

    public static Sink<TIn, Task<TIn>> LastOrDefault<TIn>() => Wrap(new LastSink<TIn>(true));

    public static Sink<TIn, Task<Done>> Ignore<TIn>() => Wrap(new IgnoreSink<TIn>());

    public static Sink<TIn, Task<Done>> ForEach<TIn>(Action<TIn> action) =>
        Flow.Create<TIn>().Select(input =>
        {
            action(input);
            return NotUsed.Instance;
        }).ToMaterialized(Ignore<NotUsed>(), Keep.Right).Named("foreachSink");

    /// <summary>Runs the function for each element, at most a number of them at a time.</summary>
    public static Sink<TIn, Task<Done>> ForEachAsync<TIn>(int parallelism, Func<TIn, Task> action) =>
        Flow.Create<TIn>().SelectAsyncUnordered(parallelism, async input =>
        {
            await action(input).ConfigureAwait(false);
            return NotUsed.Instance;
        }).ToMaterialized(Ignore<NotUsed>(), Keep.Right).Named("foreachAsyncSink");

    public static Sink<TIn, Task<TOut>> Aggregate<TIn, TOut>(TOut zero, Func<TOut, TIn, TOut> aggregate) =>
        Flow.Create<TIn>().Aggregate(zero, aggregate).ToMaterialized(First<TOut>(), Keep.Right).Named("AggregateSink");

    public static Sink<TIn, Task<TIn>> Sum<TIn>(Func<TIn, TIn, TIn> reduce) =>
        Flow.Create<TIn>().Sum(reduce).ToMaterialized(First<TIn>(), Keep.Right).Named("SumSink");

    /// <summary>Tells the actor each element once it has acknowledged the one before.</summary>
    public static Sink<TIn, NotUsed> ActorRefWithAck<TIn>(IActorRef actorRef, object onInitMessage, object ackMessage, object onCompleteMessage,
        Func<Exception, object>? onFailureMessage = null) =>
        Wrap(new ActorRefWithAckSink<TIn>(actorRef, onInitMessage, ackMessage, onCompleteMessage, onFailureMessage));

    /// <summary>Elements for whoever asks the queue.</summary>
    public static Sink<TIn, ISinkQueue<TIn>> Queue<TIn>() => Wrap(new QueueSink<TIn>());

    public static Sink<TIn, NotUsed> OnComplete<TIn>(Action success, Action<Exception> failure) => Wrap(new OnCompleteSink<TIn>(success, failure));

    /// <summary>Cancels at once.</summary>
    public static Sink<TIn, NotUsed> Cancelled<TIn>() => Wrap(new CancelledSink<TIn>());
}
