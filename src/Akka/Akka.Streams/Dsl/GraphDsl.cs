using Akka.Streams.Implementation;

namespace Akka.Streams.Dsl;

/// <summary>Builds graphs of any form out of parts and wires.</summary>
public static class GraphDsl
{
    /// <summary>Collects parts and wires.</summary>
    public sealed class Builder<T>
    {
        private readonly List<Blueprint> _parts = [];
        private readonly List<(PartPort From, PartPort To)> _wires = [];
        private readonly Dictionary<InPort, PartPort> _ins = [];
        private readonly Dictionary<OutPort, PartPort> _outs = [];

        internal Builder() { }

        /// <summary>Imports a graph; its ports are then those of the shape returned.</summary>
        public TShape Add<TShape, TMat>(IGraph<TShape, TMat> graph) where TShape : Shape
        {
            var shape = (TShape)graph.Shape.DeepCopy();
            for (var i = 0; i < shape.Inlets.Length; i++)
                _ins.Add(shape.Inlets[i], new PartPort(_parts.Count, i));
            for (var i = 0; i < shape.Outlets.Length; i++)
                _outs.Add(shape.Outlets[i], new PartPort(_parts.Count, i));
            _parts.Add(Blueprint.Of(graph));
            return shape;
        }

        public ForwardOps<TOut, T> From<TOut>(Outlet<TOut> outlet) => new(this, outlet);
        public ForwardOps<TOut, T> From<TOut>(SourceShape<TOut> source) => new(this, source.Outlet);
        public ForwardOps<TOut, T> From<TOut>(IGraph<SourceShape<TOut>, T> source) => new(this, Add(source).Outlet);
        public ForwardOps<TOut, T> From<TIn, TOut>(FlowShape<TIn, TOut> flow) => new(this, flow.Outlet);
        public ForwardOps<TOut, T> From<TIn, TOut>(IGraph<FlowShape<TIn, TOut>, T> flow) => new(this, Add(flow).Outlet);
        public ForwardOps<TOut, T> From<TIn, TOut>(UniformFanInShape<TIn, TOut> fanIn) => new(this, fanIn.Out);
        public ForwardOps<TOut, T> From<TIn, TOut>(UniformFanOutShape<TIn, TOut> fanOut) => new(this, FreeOut(fanOut));
        public ReverseOps<TIn, T> To<TIn>(Inlet<TIn> inlet) => new(this, inlet);
        public ReverseOps<TIn, T> To<TIn>(SinkShape<TIn> sink) => new(this, sink.Inlet);
        public ReverseOps<TIn, T> To<TIn, TMat>(IGraph<SinkShape<TIn>, TMat> sink) => new(this, Add(sink).Inlet);

        internal Outlet<TOut> FreeOut<TIn, TOut>(UniformFanOutShape<TIn, TOut> junction) =>
            junction.Outs.FirstOrDefault(_outs.ContainsKey) ?? throw new ArgumentException($"No more outlets free on {junction}");

        internal Inlet<TIn> FreeIn<TIn, TOut>(UniformFanInShape<TIn, TOut> junction) =>
            junction.Ins.FirstOrDefault(_ins.ContainsKey) ?? throw new ArgumentException($"No more inlets free on {junction}");

        internal void Connect(Outlet from, Inlet to)
        {
            if (!_outs.Remove(from, out var outPort))
                throw new ArgumentException($"The output port [{from}] is not part of the graph or already connected");
            if (!_ins.Remove(to, out var inPort))
                throw new ArgumentException($"The input port [{to}] is not part of the graph or already connected");
            _wires.Add((outPort, inPort));
        }

        internal GraphImpl<TShape, TMat> Finish<TShape, TMat>(TShape shape, Func<object?[], object?> combine) where TShape : Shape
        {
            if (!_ins.Keys.ToHashSet().SetEquals(shape.Inlets))
                throw new InvalidOperationException(
                    $"The input ports [{string.Join(", ", shape.Inlets)}] of the shape are not those left open: [{string.Join(", ", _ins.Keys)}]");
            if (!_outs.Keys.ToHashSet().SetEquals(shape.Outlets))
                throw new InvalidOperationException(
                    $"The output ports [{string.Join(", ", shape.Outlets)}] of the shape are not those left open: [{string.Join(", ", _outs.Keys)}]");
            var blueprint = new CompositeBlueprint(shape, [.. _parts], [.. _wires],
                [.. shape.Inlets.Select(p => _ins[p])], [.. shape.Outlets.Select(p => _outs[p])], combine);
            return new GraphImpl<TShape, TMat>(shape, blueprint);
        }
    }

    /// <summary>An output about to be connected.</summary>
    public sealed class ForwardOps<TOut, TMat>
    {
        internal readonly Builder<TMat> Builder;

        public ForwardOps(Builder<TMat> builder, Outlet<TOut> outlet)
        {
            Builder = builder;
            Out = outlet;
        }

        public Outlet<TOut> Out { get; }
    }

    /// <summary>An input about to be connected.</summary>
    public sealed class ReverseOps<TIn, TMat>
    {
        internal readonly Builder<TMat> Builder;

        public ReverseOps(Builder<TMat> builder, Inlet<TIn> inlet)
        {
            Builder = builder;
            In = inlet;
        }

        public Inlet<TIn> In { get; }
    }

    public static IGraph<TShape, NotUsed> Create<TShape>(Func<Builder<NotUsed>, TShape> buildBlock) where TShape : Shape =>
        CreateMaterialized<TShape, NotUsed>(buildBlock, _ => NotUsed.Instance);

    /// <summary>A graph with the value of the one given.</summary>
    public static IGraph<TShapeOut, TMat> Create<TShapeOut, TMat, TShape1>(IGraph<TShape1, TMat> g1, Func<Builder<TMat>, TShape1, TShapeOut> buildBlock)
        where TShapeOut : Shape where TShape1 : Shape
    {
        var builder = new Builder<TMat>();
        var shape = buildBlock(builder, builder.Add(g1));
        return builder.Finish<TShapeOut, TMat>(shape, values => values[0]);
    }

    /// <summary>A graph whose value combines those of the two given.</summary>
    public static IGraph<TShapeOut, TMatOut> Create<TShapeOut, TMatOut, TMat0, TMat1, TShape0, TShape1>(IGraph<TShape0, TMat0> g0, IGraph<TShape1, TMat1> g1,
        Func<TMat0, TMat1, TMatOut> combineMaterializers, Func<Builder<TMatOut>, TShape0, TShape1, TShapeOut> buildBlock)
        where TShapeOut : Shape where TShape0 : Shape where TShape1 : Shape
    {
        var builder = new Builder<TMatOut>();
        var shape = buildBlock(builder, builder.Add(g0), builder.Add(g1));
        return builder.Finish<TShapeOut, TMatOut>(shape, values => combineMaterializers((TMat0)values[0]!, (TMat1)values[1]!));
    }

    private static GraphImpl<TShape, TMat> CreateMaterialized<TShape, TMat>(Func<Builder<TMat>, TShape> buildBlock, Func<object?[], object?> combine)
        where TShape : Shape
    {
        var builder = new Builder<TMat>();
        var shape = buildBlock(builder);
        return builder.Finish<TShape, TMat>(shape, combine);
    }
}

/// <summary>Connects outputs.</summary>
public static class ForwardOps
{
    public static GraphDsl.Builder<TMat> To<TIn, TOut, TMat>(this GraphDsl.ForwardOps<TOut, TMat> ops, Inlet<TIn> inlet) where TIn : TOut
    {
        ops.Builder.Connect(ops.Out, inlet);
        return ops.Builder;
    }

    public static GraphDsl.Builder<TMat> To<TIn, TOut, TMat>(this GraphDsl.ForwardOps<TOut, TMat> ops, SinkShape<TIn> sink) where TIn : TOut =>
        ops.To(sink.Inlet);

    public static GraphDsl.Builder<TMat> To<TIn, TOut, TMat>(this GraphDsl.ForwardOps<TOut, TMat> ops, FlowShape<TIn, TOut> flow) where TIn : TOut =>
        ops.To(flow.Inlet);

    public static GraphDsl.Builder<TMat> To<TIn, TOut, TMat, TMat2>(this GraphDsl.ForwardOps<TOut, TMat> ops, IGraph<SinkShape<TIn>, TMat2> sink)
        where TIn : TOut => ops.To(ops.Builder.Add(sink).Inlet);

    public static GraphDsl.Builder<TMat> To<TIn, TOut1, TOut2, TMat>(this GraphDsl.ForwardOps<TOut1, TMat> ops, UniformFanInShape<TIn, TOut2> junction)
        where TIn : TOut1 => ops.To(ops.Builder.FreeIn(junction));

    public static GraphDsl.Builder<TMat> To<TIn, TOut1, TOut2, TMat>(this GraphDsl.ForwardOps<TOut1, TMat> ops, UniformFanOutShape<TIn, TOut2> junction)
        where TIn : TOut1 => ops.To((Inlet<TIn>)junction.In);

    public static GraphDsl.ForwardOps<TOut2, TMat> Via<TIn, TOut1, TOut2, TMat>(this GraphDsl.ForwardOps<TOut1, TMat> ops, FlowShape<TIn, TOut2> flow)
        where TIn : TOut1 => ops.To(flow.Inlet).From(flow.Outlet);

    public static GraphDsl.ForwardOps<TOut2, TMat> Via<TIn, TOut1, TOut2, TMat>(this GraphDsl.ForwardOps<TOut1, TMat> ops,
        IGraph<FlowShape<TIn, TOut2>, NotUsed> flow) where TIn : TOut1 => ops.Via(ops.Builder.Add(flow));

    public static GraphDsl.ForwardOps<TOut2, TMat> Via<TIn, TOut1, TOut2, TMat>(this GraphDsl.ForwardOps<TOut1, TMat> ops,
        UniformFanInShape<TIn, TOut2> junction) where TIn : TOut1 => ops.To(junction).From(junction.Out);

    public static GraphDsl.ForwardOps<TOut2, TMat> Via<TIn, TOut1, TOut2, TMat>(this GraphDsl.ForwardOps<TOut1, TMat> ops,
        UniformFanOutShape<TIn, TOut2> junction) where TIn : TOut1
    {
        var outlet = ops.Builder.FreeOut(junction);
        return ops.To(junction).From(outlet);
    }
}

/// <summary>Connects inputs.</summary>
public static class ReverseOps
{
    public static GraphDsl.Builder<TMat> From<TIn, TOut, TMat>(this GraphDsl.ReverseOps<TIn, TMat> ops, Outlet<TOut> outlet) where TIn : TOut
    {
        ops.Builder.Connect(outlet, ops.In);
        return ops.Builder;
    }

    public static GraphDsl.Builder<TMat> From<TIn, TOut, TMat>(this GraphDsl.ReverseOps<TIn, TMat> ops, SourceShape<TOut> source) where TIn : TOut =>
        ops.From(source.Outlet);

    public static GraphDsl.Builder<TMat> From<TIn, TOut, TMat>(this GraphDsl.ReverseOps<TIn, TMat> ops, IGraph<SourceShape<TOut>, TMat> source)
        where TIn : TOut => ops.From(ops.Builder.Add(source).Outlet);
}
