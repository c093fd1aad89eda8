using Akka.Actor;
using Akka.Streams.Implementation;

namespace Akka.Streams.Dsl;

/// <summary>A graph without open ports.</summary>
public interface IRunnableGraph<out TMat> : IGraph<ClosedShape, TMat>
{
    IRunnableGraph<TMat2> MapMaterializedValue<TMat2>(Func<TMat, TMat2> func);

    /// <summary>Runs the graph and returns its value.</summary>
    TMat Run(IMaterializer materializer);

    TMat Run(ActorSystem actorSystem);

    new IRunnableGraph<TMat> WithAttributes(Attributes attributes);
    new IRunnableGraph<TMat> AddAttributes(Attributes attributes);
    new IRunnableGraph<TMat> Named(string name);
}

/// <summary>A graph without open ports.</summary>
public sealed class RunnableGraph<TMat> : IRunnableGraph<TMat>
{
    public RunnableGraph(IModule module) => Module = module;

    public ClosedShape Shape => ClosedShape.Instance;
    public IModule Module { get; }

    public IRunnableGraph<TMat2> MapMaterializedValue<TMat2>(Func<TMat, TMat2> func) => new RunnableGraph<TMat2>(Compose.Map(Module, func));
    public TMat Run(IMaterializer materializer) => materializer.Materialize(this);
    public TMat Run(ActorSystem actorSystem) => Run(ActorMaterializerExtensions.Shared(actorSystem));
    public IRunnableGraph<TMat> WithAttributes(Attributes attributes) => new RunnableGraph<TMat>(Module.WithAttributes(attributes));
    public IRunnableGraph<TMat> AddAttributes(Attributes attributes) => WithAttributes(Module.Attributes.And(attributes));
    public IRunnableGraph<TMat> Named(string name) => AddAttributes(Attributes.CreateName(name));
    public IRunnableGraph<TMat> Async() => AddAttributes(Attributes.CreateAsyncBoundary());
    IGraph<ClosedShape, TMat> IGraph<ClosedShape, TMat>.WithAttributes(Attributes attributes) => WithAttributes(attributes);
    IGraph<ClosedShape, TMat> IGraph<ClosedShape, TMat>.AddAttributes(Attributes attributes) => AddAttributes(attributes);
    IGraph<ClosedShape, TMat> IGraph<ClosedShape, TMat>.Named(string name) => Named(name);
    IGraph<ClosedShape, TMat> IGraph<ClosedShape, TMat>.Async() => Async();
}

/// <summary>Makes runnable graphs.</summary>
public static class RunnableGraph
{
    public static RunnableGraph<TMat> FromGraph<TMat>(IGraph<ClosedShape, TMat> g) => g as RunnableGraph<TMat> ?? new RunnableGraph<TMat>(g.Module);
}
