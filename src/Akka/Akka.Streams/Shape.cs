using System.Collections.Immutable;

namespace Akka.Streams;

/// <summary>The ports of a graph: what can be connected to it from outside.</summary>
public abstract class Shape : ICloneable
{
    /// <summary>The open inputs, in order.</summary>
    public abstract ImmutableArray<Inlet> Inlets { get; }

    /// <summary>The open outputs, in order.</summary>
    public abstract ImmutableArray<Outlet> Outlets { get; }

    /// <summary>A shape of the same kind with fresh ports.</summary>
    public abstract Shape DeepCopy();

    /// <summary>A shape of the same kind over the given ports; fails when their number does not fit.</summary>
    public abstract Shape CopyFromPorts(ImmutableArray<Inlet> inlets, ImmutableArray<Outlet> outlets);

    /// <summary>Whether both shapes hold the same ports, in any order.</summary>
    public bool HasSamePortsAs(Shape shape) =>
        Inlets.ToHashSet().SetEquals(shape.Inlets) && Outlets.ToHashSet().SetEquals(shape.Outlets);

    /// <summary>Whether both shapes hold the same ports and are of one type.</summary>
    public bool HasSamePortsAndShapeAs(Shape shape) => HasSamePortsAs(shape) && GetType() == shape.GetType();

    public object Clone() => DeepCopy();

    public sealed override string ToString() =>
        $"{GetType().Name}([{string.Join(", ", Inlets)}] [{string.Join(", ", Outlets)}])";

    internal static ImmutableArray<Inlet> Copies(ImmutableArray<Inlet> ports) => [.. ports.Select(p => p.CarbonCopy())];

    internal static ImmutableArray<Outlet> Copies(ImmutableArray<Outlet> ports) => [.. ports.Select(p => p.CarbonCopy())];

    internal static void Require(bool fits, Type shape, ImmutableArray<Inlet> inlets, ImmutableArray<Outlet> outlets)
    {
        if (!fits)
            throw new ArgumentException($"proposed inlets [{string.Join(", ", inlets)}] and outlets [{string.Join(", ", outlets)}] do not fit {shape.Name}");
    }
}

/// <summary>The shape of a graph that can be run: no port is open.</summary>
public sealed class ClosedShape : Shape
{
    public static readonly ClosedShape Instance = new();

    private ClosedShape() { }

    public override ImmutableArray<Inlet> Inlets => [];
    public override ImmutableArray<Outlet> Outlets => [];
    public override Shape DeepCopy() => this;

    public override Shape CopyFromPorts(ImmutableArray<Inlet> inlets, ImmutableArray<Outlet> outlets)
    {
        Require(inlets.IsEmpty && outlets.IsEmpty, typeof(ClosedShape), inlets, outlets);
        return this;
    }
}

/// <summary>One output.</summary>
public sealed class SourceShape<TOut> : Shape
{
    public readonly Outlet<TOut> Outlet;

    public SourceShape(Outlet<TOut> outlet)
    {
        Outlet = outlet ?? throw new ArgumentNullException(nameof(outlet));
        Outlets = [outlet];
    }

    public override ImmutableArray<Inlet> Inlets => [];
    public override ImmutableArray<Outlet> Outlets { get; }
    public override Shape DeepCopy() => new SourceShape<TOut>((Outlet<TOut>)Outlet.CarbonCopy());

    public override Shape CopyFromPorts(ImmutableArray<Inlet> inlets, ImmutableArray<Outlet> outlets)
    {
        Require(inlets.IsEmpty && outlets.Length == 1, typeof(SourceShape<TOut>), inlets, outlets);
        return new SourceShape<TOut>((Outlet<TOut>)outlets[0]);
    }

    public override bool Equals(object? obj) => obj is SourceShape<TOut> other && Outlet.Equals(other.Outlet);
    public override int GetHashCode() => Outlet.GetHashCode();
}

/// <summary>A shape with one input and one output, its element types left open.</summary>
public interface IFlowShape
{
    Inlet Inlet { get; }
    Outlet Outlet { get; }
}

/// <summary>One input and one output.</summary>
public sealed class FlowShape<TIn, TOut> : Shape, IFlowShape
{
    public FlowShape(Inlet<TIn> inlet, Outlet<TOut> outlet)
    {
        Inlet = inlet ?? throw new ArgumentNullException(nameof(inlet));
        Outlet = outlet ?? throw new ArgumentNullException(nameof(outlet));
        Inlets = [inlet];
        Outlets = [outlet];
    }

    public Inlet<TIn> Inlet { get; }
    public Outlet<TOut> Outlet { get; }
    Inlet IFlowShape.Inlet => Inlet;
    Outlet IFlowShape.Outlet => Outlet;
    public override ImmutableArray<Inlet> Inlets { get; }
    public override ImmutableArray<Outlet> Outlets { get; }
    public override Shape DeepCopy() => new FlowShape<TIn, TOut>((Inlet<TIn>)Inlet.CarbonCopy(), (Outlet<TOut>)Outlet.CarbonCopy());

    public override Shape CopyFromPorts(ImmutableArray<Inlet> inlets, ImmutableArray<Outlet> outlets)
    {
        Require(inlets.Length == 1 && outlets.Length == 1, typeof(FlowShape<TIn, TOut>), inlets, outlets);
        return new FlowShape<TIn, TOut>((Inlet<TIn>)inlets[0], (Outlet<TOut>)outlets[0]);
    }
}

/// <summary>One input.</summary>
public sealed class SinkShape<TIn> : Shape
{
    public readonly Inlet<TIn> Inlet;

    public SinkShape(Inlet<TIn> inlet)
    {
        Inlet = inlet ?? throw new ArgumentNullException(nameof(inlet));
        Inlets = [inlet];
    }

    public override ImmutableArray<Inlet> Inlets { get; }
    public override ImmutableArray<Outlet> Outlets => [];
    public override Shape DeepCopy() => new SinkShape<TIn>((Inlet<TIn>)Inlet.CarbonCopy());

    public override Shape CopyFromPorts(ImmutableArray<Inlet> inlets, ImmutableArray<Outlet> outlets)
    {
        Require(inlets.Length == 1 && outlets.IsEmpty, typeof(SinkShape<TIn>), inlets, outlets);
        return new SinkShape<TIn>((Inlet<TIn>)inlets[0]);
    }

    public override bool Equals(object? obj) => obj is SinkShape<TIn> other && Inlet.Equals(other.Inlet);
    public override int GetHashCode() => Inlet.GetHashCode();
}
