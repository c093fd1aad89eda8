using Akka.Streams.Dsl;

namespace Akka.Streams.Implementation;

/// <summary>Flows that are a junction with another graph already attached to it.</summary>
internal static class Junctions
{
    internal static IGraph<FlowShape<T, T>, TMat> Concat<T, TMat>(IGraph<SourceShape<T>, TMat> other) => Attach<T, T, TMat>(new Concat<T, T>(), other, 0);

    internal static IGraph<FlowShape<T1, T2>, TMat> Prepend<T1, T2, TMat>(IGraph<SourceShape<T2>, TMat> that) where T1 : T2 =>
        Attach<T1, T2, TMat>(new Concat<T2, T2>(), that, 1);

    internal static IGraph<FlowShape<T1, T2>, TMat> Merge<T1, T2, TMat>(IGraph<SourceShape<T2>, TMat> other, bool eagerComplete) where T1 : T2 =>
        Attach<T1, T2, TMat>(new Merge<T2, T2>(2, eagerComplete), other, 0);

    internal static IGraph<FlowShape<T, T>, TMat> MergeSorted<T, TMat>(IGraph<SourceShape<T>, TMat> other, Func<T, T, int> order) =>
        Attach<T, T, TMat>(new MergeSorted<T>(order), other, 0);

    internal static IGraph<FlowShape<T1, T3>, TMat> ZipWith<T1, T2, T3, TMat>(IGraph<SourceShape<T2>, TMat> other, Func<T1, T2, T3> combine) =>
        Attach<T1, T3, TMat>(new ZipWith<T1, T2, T3>(combine), other, 0);

    internal static IGraph<FlowShape<T, T>, TMat> AlsoTo<T, TMat>(IGraph<SinkShape<T>, TMat> that)
    {
        var shape = new FlowShape<T, T>(new Inlet<T>("AlsoTo.in"), new Outlet<T>("AlsoTo.out"));
        return new GraphImpl<FlowShape<T, T>, TMat>(shape, new CompositeBlueprint(shape, [Blueprint.Of(new Broadcast<T>(2, true)), Blueprint.Of(that)],
            [(new PartPort(0, 1), new PartPort(1, 0))], [new PartPort(0, 0)], [new PartPort(0, 0)], values => values[1]));
    }

    /// <summary>The junction's inputs but one are the flow's, the other source's is the one left.</summary>
    private static GraphImpl<FlowShape<TIn, TOut>, TMat> Attach<TIn, TOut, TMat>(IGraph<Shape> junction, IGraph<Shape> other, int flowPort)
    {
        var shape = new FlowShape<TIn, TOut>(new Inlet<TIn>("in"), new Outlet<TOut>("out"));
        return new GraphImpl<FlowShape<TIn, TOut>, TMat>(shape, new CompositeBlueprint(shape, [Blueprint.Of(junction), Blueprint.Of(other)],
            [(new PartPort(1, 0), new PartPort(0, 1 - flowPort))], [new PartPort(0, flowPort)], [new PartPort(0, 0)], values => values[1]));
    }
}
