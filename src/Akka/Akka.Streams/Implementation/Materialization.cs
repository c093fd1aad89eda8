using Akka.Streams.Stage;

namespace Akka.Streams.Implementation;

/// <summary>The stages that will run in one actor.</summary>
internal sealed class IslandPlan
{
    internal readonly List<GraphStageLogic> Logics = [];
    internal int Connections;
}

/// <summary>Turns a description into stages and connections, grouped into islands.</summary>
internal sealed class Materialization
{
    internal readonly List<IslandPlan> Islands = [];

    internal IslandPlan NewIsland()
    {
        var island = new IslandPlan();
        Islands.Add(island);
        return island;
    }

    internal Built AddStage(IStageFactory factory, Attributes attributes, IslandPlan island)
    {
        var shape = factory.Ports;
        GraphStageLogic.NumberPorts(shape);
        var (logic, value) = factory.Create(attributes);
        if (logic.InCount != shape.Inlets.Length || logic.OutCount != shape.Outlets.Length)
            throw new InvalidOperationException($"{logic} has {logic.InCount} inputs and {logic.OutCount} outputs, its stage's shape is {shape}");
        logic.Attributes = attributes;
        logic.Name = attributes.GetAttribute<Attributes.Name>()?.Value ?? logic.GetType().Name;
        island.Logics.Add(logic);
        var ins = new InEnd[shape.Inlets.Length];
        for (var i = 0; i < ins.Length; i++)
            ins[i] = new InEnd(logic, i, shape.Inlets[i], island);
        var outs = new OutEnd[shape.Outlets.Length];
        for (var i = 0; i < outs.Length; i++)
            outs[i] = new OutEnd(logic, i, shape.Outlets[i], island, attributes);
        return new Built(ins, outs, value);
    }

    internal void Connect(OutEnd from, InEnd to)
    {
        if (from.Port.ElementType != to.Port.ElementType)
        {
            var cast = (IStageFactory)Activator.CreateInstance(typeof(CastStage<,>).MakeGenericType(from.Port.ElementType, to.Port.ElementType), nonPublic: true)!;
            var built = AddStage(cast, from.Attributes, from.Island);
            Connect(from, built.Ins[0]);
            from = built.Outs[0];
        }
        if (!ReferenceEquals(from.Island, to.Island))
        {
            var buffer = from.Attributes.GetMandatoryAttribute<Attributes.InputBuffer>();
            var (upstreamEnd, downstreamEnd) = from.Port.NewBoundary(buffer.Max);
            Connect(from, AddStage(upstreamEnd, from.Attributes, from.Island).Ins[0]);
            from = AddStage(downstreamEnd, from.Attributes, to.Island).Outs[0];
        }
        var connection = from.Port.NewConnection();
        from.Logic.WireOut(from.Index, connection);
        to.Logic.Wire(to.Index, connection);
        from.Island.Connections++;
    }
}

/// <summary>Passes elements on as another type, where an output feeds an input of a wider or narrower one.</summary>
internal sealed class CastStage<TIn, TOut> : GraphStage<FlowShape<TIn, TOut>>
{
    public override FlowShape<TIn, TOut> Shape { get; } = new(new Inlet<TIn>("cast.in"), new Outlet<TOut>("cast.out"));

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape);

    private sealed class Logic : InAndOutGraphStageLogic
    {
        private readonly FlowShape<TIn, TOut> _shape;

        internal Logic(FlowShape<TIn, TOut> shape) : base(shape)
        {
            _shape = shape;
            SetHandlers(shape.Inlet, shape.Outlet, this);
        }

        public override void OnPush() => Push(_shape.Outlet, (TOut)(object)Grab(_shape.Inlet)!);
        public override void OnPull() => Pull(_shape.Inlet);
    }
}
