using Akka.Streams.Stage;

namespace Akka.Streams.Implementation;

/// <summary>What a graph is made of. Only the materializer looks inside.</summary>
public interface IModule
{
    Shape Shape { get; }
    Attributes Attributes { get; }

    /// <summary>The same with these attributes in place of its own.</summary>
    IModule WithAttributes(Attributes attributes);
}

/// <summary>
/// An immutable description of a graph. Its ports are known by their place in the shape, so one description can be part of another
/// any number of times.
/// </summary>
internal abstract class Blueprint(Shape shape, Attributes attributes) : IModule
{
    public Shape Shape => shape;
    public Attributes Attributes { get; private set; } = attributes;

    public IModule WithAttributes(Attributes attributes)
    {
        var copy = (Blueprint)MemberwiseClone();
        copy.Attributes = attributes;
        return copy;
    }

    /// <summary>Makes the stages of this part and wires what is wired inside.</summary>
    internal Built Build(Materialization run, Attributes inherited, IslandPlan island)
    {
        if (Attributes.Contains(Attributes.AsyncBoundary.Instance))
            island = run.NewIsland();
        return BuildInside(run, inherited.And(Attributes.WithoutAsyncBoundary()), island);
    }

    private protected abstract Built BuildInside(Materialization run, Attributes attributes, IslandPlan island);

    internal static Blueprint Of(IModule module) => (Blueprint)module;

    internal static Blueprint Of<TShape>(IGraph<TShape> graph) where TShape : Shape => (Blueprint)graph.Module;
}

/// <summary>The open ports of a built part and the value it gives.</summary>
internal readonly record struct Built(InEnd[] Ins, OutEnd[] Outs, object? Value);

internal readonly record struct InEnd(GraphStageLogic Logic, int Index, Inlet Port, IslandPlan Island);

internal readonly record struct OutEnd(GraphStageLogic Logic, int Index, Outlet Port, IslandPlan Island, Attributes Attributes);

/// <summary>A single stage.</summary>
internal sealed class StageBlueprint(IStageFactory factory, Attributes attributes) : Blueprint(factory.Ports, attributes)
{
    private protected override Built BuildInside(Materialization run, Attributes attributes, IslandPlan island) =>
        run.AddStage(factory, attributes, island);
}

/// <summary>A wire from an output of one part to an input of another.</summary>
internal readonly record struct PartPort(int Part, int Port);

/// <summary>Several parts, the wires among them, and which of their ports stay open.</summary>
internal sealed class CompositeBlueprint(Shape shape, Blueprint[] parts, (PartPort From, PartPort To)[] wires, PartPort[] ins, PartPort[] outs,
    Func<object?[], object?> combine) : Blueprint(shape, Attributes.None)
{
    private protected override Built BuildInside(Materialization run, Attributes attributes, IslandPlan island)
    {
        var built = new Built[parts.Length];
        for (var i = 0; i < parts.Length; i++)
            built[i] = parts[i].Build(run, attributes, island);
        foreach (var (from, to) in wires)
            run.Connect(built[from.Part].Outs[from.Port], built[to.Part].Ins[to.Port]);
        return new Built(
            Array.ConvertAll(ins, p => built[p.Part].Ins[p.Port]),
            Array.ConvertAll(outs, p => built[p.Part].Outs[p.Port]),
            combine(Array.ConvertAll(built, b => b.Value)));
    }
}

/// <summary>Another value for the same part.</summary>
internal sealed class MappedBlueprint(Blueprint part, Func<object?, object?> map) : Blueprint(part.Shape, Attributes.None)
{
    private protected override Built BuildInside(Materialization run, Attributes attributes, IslandPlan island)
    {
        var built = part.Build(run, attributes, island);
        return built with { Value = map(built.Value) };
    }
}

/// <summary>A graph of any shape.</summary>
internal sealed class GraphImpl<TShape, TMat>(TShape shape, IModule module) : IGraph<TShape, TMat> where TShape : Shape
{
    public TShape Shape => shape;
    public IModule Module => module;
    public IGraph<TShape, TMat> WithAttributes(Attributes attributes) => new GraphImpl<TShape, TMat>(shape, module.WithAttributes(attributes));
    public IGraph<TShape, TMat> AddAttributes(Attributes attributes) => WithAttributes(module.Attributes.And(attributes));
    public IGraph<TShape, TMat> Named(string name) => AddAttributes(Attributes.CreateName(name));
    public IGraph<TShape, TMat> Async() => AddAttributes(Attributes.CreateAsyncBoundary());
}

/// <summary>The combinations of two graphs in a row.</summary>
internal static class Compose
{
    /// <summary>The left part's only output into the right part's only input.</summary>
    internal static CompositeBlueprint Line<TLeft, TRight, TMat>(Blueprint left, Blueprint right, Shape shape, Func<TLeft, TRight, TMat> combine) =>
        new(shape, [left, right], [(new PartPort(0, 0), new PartPort(1, 0))],
            left.Shape.Inlets.IsEmpty ? [] : [new PartPort(0, 0)],
            right.Shape.Outlets.IsEmpty ? [] : [new PartPort(1, 0)],
            values => combine((TLeft)values[0]!, (TRight)values[1]!));

    internal static MappedBlueprint Map<TMat, TMat2>(IModule part, Func<TMat, TMat2> map) => new(Blueprint.Of(part), value => map((TMat)value!));
}
