using System.Collections.Immutable;

namespace Akka.Streams;

/// <summary>Several inputs and one output.</summary>
public abstract class FanInShape<TOut> : Shape
{
    private readonly string _name;
    private readonly Queue<Inlet> _registered;
    private ImmutableArray<Inlet> _inlets = [];

    protected FanInShape(Outlet<TOut> outlet, IEnumerable<Inlet> registered, string name)
    {
        Out = outlet;
        Outlets = [outlet];
        _registered = new Queue<Inlet>(registered);
        _name = name;
    }

    public Outlet<TOut> Out { get; }
    public override ImmutableArray<Inlet> Inlets => _inlets;
    public override ImmutableArray<Outlet> Outlets { get; }

    internal abstract FanInShape<TOut> Construct(Outlet<TOut> outlet, IEnumerable<Inlet> inlets);

    /// <summary>The next input: one of those the shape was made from, or a fresh one.</summary>
    protected Inlet<T> NewInlet<T>(string name)
    {
        var inlet = _registered.Count > 0 ? (Inlet<T>)_registered.Dequeue() : new Inlet<T>($"{_name}.{name}");
        _inlets = _inlets.Add(inlet);
        return inlet;
    }

    public override Shape DeepCopy() => Construct((Outlet<TOut>)Out.CarbonCopy(), Copies(_inlets));

    public sealed override Shape CopyFromPorts(ImmutableArray<Inlet> inlets, ImmutableArray<Outlet> outlets)
    {
        Require(outlets.Length == 1 && inlets.Length == _inlets.Length, GetType(), inlets, outlets);
        return Construct((Outlet<TOut>)outlets[0], inlets);
    }
}

/// <summary>Two inputs of their own types and one output.</summary>
public class FanInShape<T0, T1, TOut> : FanInShape<TOut>
{
    public readonly Inlet<T0> In0;
    public readonly Inlet<T1> In1;

    public FanInShape(string name) : this(new Outlet<TOut>($"{name}.out"), [], name) { }

    public FanInShape(Outlet<TOut> outlet, Inlet<T0> in0, Inlet<T1> in1) : this(outlet, [in0, in1], "FanIn") { }

    private FanInShape(Outlet<TOut> outlet, IEnumerable<Inlet> inlets, string name) : base(outlet, inlets, name)
    {
        In0 = NewInlet<T0>("in0");
        In1 = NewInlet<T1>("in1");
    }

    internal override FanInShape<TOut> Construct(Outlet<TOut> outlet, IEnumerable<Inlet> inlets) =>
        new FanInShape<T0, T1, TOut>(outlet, inlets, "FanIn");
}

/// <summary>A number of inputs of one type and one output.</summary>
public class UniformFanInShape<TIn, TOut> : FanInShape<TOut>
{
    /// <summary>How many inputs there are.</summary>
    public readonly int N;

    public UniformFanInShape(int n) : this(n, "UniformFanIn") { }

    public UniformFanInShape(int n, string name) : this(n, new Outlet<TOut>($"{name}.out"), [], name) { }

    private UniformFanInShape(int n, Outlet<TOut> outlet, IEnumerable<Inlet> inlets, string name) : base(outlet, inlets, name)
    {
        N = n;
        Ins = Enumerable.Range(0, n).Select(i => NewInlet<TIn>($"in{i}")).ToImmutableList();
    }

    public IImmutableList<Inlet<TIn>> Ins { get; }

    public Inlet<TIn> In(int n) => Ins[n];

    internal override FanInShape<TOut> Construct(Outlet<TOut> outlet, IEnumerable<Inlet> inlets) =>
        new UniformFanInShape<TIn, TOut>(N, outlet, inlets, "FanIn");
}

/// <summary>One input and several outputs.</summary>
public abstract class FanOutShape<TIn> : Shape
{
    private readonly string _name;
    private readonly Queue<Outlet> _registered;
    private ImmutableArray<Outlet> _outlets = [];

    protected FanOutShape(Inlet<TIn> inlet, IEnumerable<Outlet> registered, string name)
    {
        In = inlet;
        Inlets = [inlet];
        _registered = new Queue<Outlet>(registered);
        _name = name;
    }

    public Inlet<TIn> In { get; }
    public override ImmutableArray<Inlet> Inlets { get; }
    public override ImmutableArray<Outlet> Outlets => _outlets;

    internal abstract FanOutShape<TIn> Construct(Inlet<TIn> inlet, IEnumerable<Outlet> outlets);

    /// <summary>The next output: one of those the shape was made from, or a fresh one.</summary>
    protected Outlet<T> NewOutlet<T>(string name)
    {
        var outlet = _registered.Count > 0 ? (Outlet<T>)_registered.Dequeue() : new Outlet<T>($"{_name}.{name}");
        _outlets = _outlets.Add(outlet);
        return outlet;
    }

    public override Shape DeepCopy() => Construct((Inlet<TIn>)In.CarbonCopy(), Copies(_outlets));

    public sealed override Shape CopyFromPorts(ImmutableArray<Inlet> inlets, ImmutableArray<Outlet> outlets)
    {
        Require(inlets.Length == 1 && outlets.Length == _outlets.Length, GetType(), inlets, outlets);
        return Construct((Inlet<TIn>)inlets[0], outlets);
    }
}

/// <summary>One input and a number of outputs of one type.</summary>
public class UniformFanOutShape<TIn, TOut> : FanOutShape<TIn>
{
    private readonly int _n;

    public UniformFanOutShape(int n) : this(n, "UniformFanOut") { }

    public UniformFanOutShape(int n, string name) : this(n, new Inlet<TIn>($"{name}.in"), [], name) { }

    private UniformFanOutShape(int n, Inlet<TIn> inlet, IEnumerable<Outlet> outlets, string name) : base(inlet, outlets, name)
    {
        _n = n;
        Outs = Enumerable.Range(0, n).Select(i => NewOutlet<TOut>($"out{i}")).ToImmutableList();
    }

    public IImmutableList<Outlet<TOut>> Outs { get; }

    public Outlet<TOut> Out(int n) => Outs[n];

    internal override FanOutShape<TIn> Construct(Inlet<TIn> inlet, IEnumerable<Outlet> outlets) =>
        new UniformFanOutShape<TIn, TOut>(_n, inlet, outlets, "FanOut");
}
