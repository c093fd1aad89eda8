using Akka.Streams.Implementation;

namespace Akka.Streams.Stage;

/// <summary>A stage's logic and the value its user gets.</summary>
public interface ILogicAndMaterializedValue<out TMaterialized>
{
    GraphStageLogic Logic { get; }
    TMaterialized MaterializedValue { get; }
}

/// <summary>A stage's logic and the value its user gets.</summary>
public struct LogicAndMaterializedValue<TMaterialized> : ILogicAndMaterializedValue<TMaterialized>
{
    public LogicAndMaterializedValue(GraphStageLogic logic, TMaterialized materializedValue)
    {
        Logic = logic;
        MaterializedValue = materializedValue;
    }

    public GraphStageLogic Logic { get; }
    public TMaterialized MaterializedValue { get; }
}

/// <summary>A stage that makes a logic and a value each time it is run.</summary>
public interface IGraphStageWithMaterializedValue<out TShape, out TMaterialized> : IGraph<TShape, TMaterialized> where TShape : Shape
{
    ILogicAndMaterializedValue<TMaterialized> CreateLogicAndMaterializedValue(Attributes attributes);
}

/// <summary>What the materializer needs of a stage, its types left open.</summary>
internal interface IStageFactory
{
    Shape Ports { get; }
    (GraphStageLogic Logic, object? Value) Create(Attributes attributes);
}

/// <summary>
/// The description of a processing stage: its ports, and how to make the logic that runs between them. It is shared among all
/// runs, so whatever changes belongs into the logic.
/// </summary>
public abstract class GraphStageWithMaterializedValue<TShape, TMaterialized> : IGraphStageWithMaterializedValue<TShape, TMaterialized>, IStageFactory
    where TShape : Shape
{
    private IModule? _module;

    protected GraphStageWithMaterializedValue() { }

    protected virtual Attributes InitialAttributes => Attributes.None;

    public abstract TShape Shape { get; }

    public IModule Module => _module ??= new StageBlueprint(this, InitialAttributes);

    Shape IStageFactory.Ports => Shape;

    public abstract ILogicAndMaterializedValue<TMaterialized> CreateLogicAndMaterializedValue(Attributes inheritedAttributes);

    (GraphStageLogic, object?) IStageFactory.Create(Attributes attributes)
    {
        var made = CreateLogicAndMaterializedValue(attributes);
        return (made.Logic, made.MaterializedValue);
    }

    public IGraph<TShape, TMaterialized> WithAttributes(Attributes attributes) =>
        new GraphImpl<TShape, TMaterialized>(Shape, Module.WithAttributes(attributes));

    public IGraph<TShape, TMaterialized> AddAttributes(Attributes attributes) => WithAttributes(Module.Attributes.And(attributes));

    public IGraph<TShape, TMaterialized> Named(string name) => AddAttributes(Attributes.CreateName(name));

    public IGraph<TShape, TMaterialized> Async() => AddAttributes(Attributes.CreateAsyncBoundary());
}

/// <summary>A stage without a value for its user.</summary>
public abstract class GraphStage<TShape> : GraphStageWithMaterializedValue<TShape, NotUsed> where TShape : Shape
{
    protected GraphStage() { }

    public sealed override ILogicAndMaterializedValue<NotUsed> CreateLogicAndMaterializedValue(Attributes inheritedAttributes) =>
        new LogicAndMaterializedValue<NotUsed>(CreateLogic(inheritedAttributes), NotUsed.Instance);

    protected abstract GraphStageLogic CreateLogic(Attributes inheritedAttributes);
}
