using Akka.Streams.Implementation;

namespace Akka.Streams;

/// <summary>A port that takes elements in.</summary>
public abstract class InPort
{
    /// <summary>The port's place in its stage's shape; set when the stage is materialised.</summary>
    internal int Id = -1;
}

/// <summary>A port that gives elements out.</summary>
public abstract class OutPort
{
    /// <summary>The port's place in its stage's shape; set when the stage is materialised.</summary>
    internal int Id = -1;
}

/// <summary>An input port of a shape, its element type left open.</summary>
public abstract class Inlet : InPort
{
    /// <summary>The port's name, for messages.</summary>
    public readonly string Name;

    protected Inlet(string name) => Name = name ?? throw new ArgumentException("Inlet name must be defined");

    /// <summary>A port of the same name and type and another identity.</summary>
    public abstract Inlet CarbonCopy();

    public sealed override string ToString() => Name;

    internal abstract Type ElementType { get; }
}

/// <summary>An output port of a shape, its element type left open.</summary>
public abstract class Outlet : OutPort
{
    /// <summary>The port's name, for messages.</summary>
    public readonly string Name;

    protected Outlet(string name) => Name = name ?? throw new ArgumentException("Outlet name must be defined");

    /// <summary>A port of the same name and type and another identity.</summary>
    public abstract Outlet CarbonCopy();

    public sealed override string ToString() => Name;

    internal abstract Type ElementType { get; }
    internal abstract Connection NewConnection();
    internal abstract (Stage.IStageFactory upstreamEnd, Stage.IStageFactory downstreamEnd) NewBoundary(int bufferSize);
}

/// <summary>An input port for elements of <typeparamref name="T"/>.</summary>
public sealed class Inlet<T> : Inlet
{
    public Inlet(string name) : base(name) { }

    public override Inlet CarbonCopy() => new Inlet<T>(Name);

    internal override Type ElementType => typeof(T);
}

/// <summary>An output port for elements of <typeparamref name="T"/>.</summary>
public sealed class Outlet<T> : Outlet
{
    public Outlet(string name) : base(name) { }

    public override Outlet CarbonCopy() => new Outlet<T>(Name);

    internal override Type ElementType => typeof(T);
    internal override Connection NewConnection() => new Connection<T>();

    internal override (Stage.IStageFactory, Stage.IStageFactory) NewBoundary(int bufferSize)
    {
        var boundary = new AsyncBoundary<T>(bufferSize);
        return (new AsyncBoundarySink<T>(boundary), new AsyncBoundarySource<T>(boundary));
    }
}
