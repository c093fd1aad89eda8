using Akka.Streams.Implementation;

namespace Akka.Streams;

/// <summary>A description of a stream or a part of one, with its open ports. It can be used any number of times.</summary>
public interface IGraph<out TShape> where TShape : Shape
{
    TShape Shape { get; }
    IModule Module { get; }
}

/// <summary>A graph that gives its user a value when it is run.</summary>
public interface IGraph<out TShape, out TMaterialized> : IGraph<TShape> where TShape : Shape
{
    /// <summary>The same graph with these attributes in place of its own.</summary>
    IGraph<TShape, TMaterialized> WithAttributes(Attributes attributes);

    /// <summary>The same graph with these attributes beside its own.</summary>
    IGraph<TShape, TMaterialized> AddAttributes(Attributes attributes);

    IGraph<TShape, TMaterialized> Named(string name);

    /// <summary>The same graph, run in an actor of its own.</summary>
    IGraph<TShape, TMaterialized> Async();
}
