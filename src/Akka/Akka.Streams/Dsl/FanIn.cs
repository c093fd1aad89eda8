using Akka.Streams.Stage;

namespace Akka.Streams.Dsl;

/// <summary>Elements of several inputs as they come; completes when all have, or eagerly with the first.</summary>
public class Merge<TIn, TOut> : GraphStage<UniformFanInShape<TIn, TOut>> where TIn : TOut
{
    private readonly int _inputs;
    private readonly bool _eagerComplete;

    public Merge(int inputPorts, bool eagerComplete = false)
    {
        if (inputPorts < 1)
            throw new ArgumentException("Merge must have one or more input ports", nameof(inputPorts));
        _inputs = inputPorts;
        _eagerComplete = eagerComplete;
        Shape = new UniformFanInShape<TIn, TOut>(inputPorts, "Merge");
    }

    public Outlet<TOut> Out => Shape.Out;
    public Inlet<TIn> In(int id) => Shape.In(id);
    protected override Attributes InitialAttributes => Attributes.CreateName("Merge");
    public override UniformFanInShape<TIn, TOut> Shape { get; }
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this);
    public override string ToString() => "Merge";

    private sealed class Logic : OutGraphStageLogic
    {
        private readonly Merge<TIn, TOut> _stage;
        private readonly Queue<Inlet<TIn>> _pending = new();
        private int _running;

        internal Logic(Merge<TIn, TOut> stage) : base(stage.Shape)
        {
            _stage = stage;
            _running = stage._inputs;
            foreach (var inlet in stage.Shape.Ins)
                SetHandler(inlet, () => OnPush(inlet), Finished);
            SetHandler(stage.Out, this);
        }

        public override void PreStart()
        {
            foreach (var inlet in _stage.Shape.Ins)
                TryPull(inlet);
        }

        private void OnPush(Inlet<TIn> inlet)
        {
            // An input in the queue waits for demand; only when none does may another be passed on at once.
            if (_pending.Count == 0 && IsAvailable(_stage.Out))
            {
                Push(_stage.Out, Grab(inlet));
                TryPull(inlet);
            }
            else
                _pending.Enqueue(inlet);
        }

        private void Finished()
        {
            if (_stage._eagerComplete)
            {
                foreach (var inlet in _stage.Shape.Ins)
                    Cancel(inlet);
                _running = 0;
            }
            else
                _running--;
            if (_running == 0 && !AnyAvailable())
                CompleteStage();
        }

        private bool AnyAvailable()
        {
            foreach (var inlet in _pending)
                if (IsAvailable(inlet))
                    return true;
            return false;
        }

        public override void OnPull()
        {
            while (_pending.TryDequeue(out var inlet))
            {
                if (!IsAvailable(inlet))
                    continue;
                Push(_stage.Out, Grab(inlet));
                if (_running == 0 && !AnyAvailable())
                    CompleteStage();
                else
                    TryPull(inlet);
                return;
            }
        }
    }
}

/// <summary>Elements of several inputs as they come.</summary>
public sealed class Merge<T> : Merge<T, T>
{
    public Merge(int inputPorts, bool eagerComplete = false) : base(inputPorts, eagerComplete) { }
}

/// <summary>All elements of the first input, then all of the second, and so on.</summary>
public class Concat<TIn, TOut> : GraphStage<UniformFanInShape<TIn, TOut>> where TIn : TOut
{
    private readonly int _inputs;

    public Concat(int inputPorts = 2)
    {
        if (inputPorts <= 1)
            throw new ArgumentException("A Concat must have more than 1 input port", nameof(inputPorts));
        _inputs = inputPorts;
        Shape = new UniformFanInShape<TIn, TOut>(inputPorts, "Concat");
    }

    public Outlet<TOut> Out => Shape.Out;
    public Inlet<TIn> In(int id) => Shape.In(id);
    protected override Attributes InitialAttributes => Attributes.CreateName("Concat");
    public override UniformFanInShape<TIn, TOut> Shape { get; }
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this);

    private sealed class Logic : OutGraphStageLogic
    {
        private readonly Concat<TIn, TOut> _stage;
        private int _active;

        internal Logic(Concat<TIn, TOut> stage) : base(stage.Shape)
        {
            _stage = stage;
            for (var i = 0; i < stage._inputs; i++)
            {
                var index = i;
                var inlet = stage.In(i);
                SetHandler(inlet, () => Push(stage.Out, Grab(inlet)), () => Finished(index));
            }
            SetHandler(stage.Out, this);
        }

        private void Finished(int index)
        {
            if (index != _active)
                return;
            do
                _active++;
            while (_active < _stage._inputs && IsClosed(_stage.In(_active)));
            if (_active == _stage._inputs)
                CompleteStage();
            else if (IsAvailable(_stage.Out))
                Pull(_stage.In(_active));
        }

        public override void OnPull() => Pull(_stage.In(_active));
    }
}

/// <summary>Makes concatenations.</summary>
public static class Concat
{
    public static IGraph<UniformFanInShape<T, T>, NotUsed> Create<T>(int inputPorts = 2) => new Concat<T, T>(inputPorts);
}

/// <summary>Pairs of elements, one of each input, combined.</summary>
public class ZipWith<TIn0, TIn1, TOut> : GraphStage<FanInShape<TIn0, TIn1, TOut>>
{
    public readonly Func<TIn0, TIn1, TOut> Zipper;

    public ZipWith(Func<TIn0, TIn1, TOut> zipper)
    {
        Zipper = zipper;
        Shape = new FanInShape<TIn0, TIn1, TOut>("ZipWith");
    }

    public Inlet<TIn0> In0 => Shape.In0;
    public Inlet<TIn1> In1 => Shape.In1;
    public Outlet<TOut> Out => Shape.Out;
    protected sealed override Attributes InitialAttributes => Attributes.CreateName("ZipWith");
    public sealed override FanInShape<TIn0, TIn1, TOut> Shape { get; }
    protected sealed override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this);

    private sealed class Logic : OutGraphStageLogic
    {
        private readonly ZipWith<TIn0, TIn1, TOut> _stage;
        private int _missing;
        private bool _willEnd;

        internal Logic(ZipWith<TIn0, TIn1, TOut> stage) : base(stage.Shape)
        {
            _stage = stage;
            SetHandler(stage.In0, Arrived, () => Finished(IsAvailable(stage.In0)));
            SetHandler(stage.In1, Arrived, () => Finished(IsAvailable(stage.In1)));
            SetHandler(stage.Out, this);
        }

        public override void PreStart()
        {
            Pull(_stage.In0);
            Pull(_stage.In1);
        }

        private void Arrived()
        {
            if (--_missing == 0)
                PushAll();
        }

        private void Finished(bool hasElement)
        {
            if (hasElement)
                _willEnd = true;
            else
                CompleteStage();
        }

        private void PushAll()
        {
            Push(_stage.Out, _stage.Zipper(Grab(_stage.In0), Grab(_stage.In1)));
            if (_willEnd)
            {
                CompleteStage();
                return;
            }
            Pull(_stage.In0);
            Pull(_stage.In1);
        }

        public override void OnPull()
        {
            _missing += 2;
            if (_missing == 0)
                PushAll();
        }
    }
}

/// <summary>Pairs of elements, one of each input.</summary>
public sealed class Zip<T1, T2> : ZipWith<T1, T2, (T1, T2)>
{
    public Zip() : base((a, b) => (a, b)) { }

    public override string ToString() => "Zip";
}

/// <summary>Elements of two sorted inputs in order.</summary>
public sealed class MergeSorted<T> : GraphStage<FanInShape<T, T, T>>
{
    private readonly Func<T, T, int> _compare;
    public readonly Inlet<T> Left;
    public readonly Inlet<T> Right;
    public readonly Outlet<T> Out;

    public MergeSorted(Func<T, T, int> compare)
    {
        _compare = compare;
        Shape = new FanInShape<T, T, T>("MergeSorted");
        Left = Shape.In0;
        Right = Shape.In1;
        Out = Shape.Out;
    }

    public override FanInShape<T, T, T> Shape { get; }
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this);

    private sealed class Logic : OutGraphStageLogic
    {
        private readonly MergeSorted<T> _stage;
        private Util.Option<T> _left;
        private Util.Option<T> _right;

        internal Logic(MergeSorted<T> stage) : base(stage.Shape)
        {
            _stage = stage;
            SetHandler(stage.Left, () => Arrived(stage.Left, ref _left), Next);
            SetHandler(stage.Right, () => Arrived(stage.Right, ref _right), Next);
            SetHandler(stage.Out, this);
        }

        public override void PreStart()
        {
            Pull(_stage.Left);
            Pull(_stage.Right);
        }

        public override void OnPull() => Next();

        private void Arrived(Inlet<T> inlet, ref Util.Option<T> head)
        {
            head = Grab(inlet);
            Next();
        }

        /// <summary>Gives out the lesser head once both are known: an input's head is there, or the input has ended.</summary>
        private void Next()
        {
            if (!(_left.HasValue || IsClosed(_stage.Left)) || !(_right.HasValue || IsClosed(_stage.Right)))
                return;
            if (!_left.HasValue && !_right.HasValue)
                CompleteStage();
            else if (!IsAvailable(_stage.Out))
                return;
            else if (!_right.HasValue || (_left.HasValue && _stage._compare(_left.Value, _right.Value) < 1))
                Give(_stage.Left, ref _left);
            else
                Give(_stage.Right, ref _right);
        }

        private void Give(Inlet<T> inlet, ref Util.Option<T> head)
        {
            Push(_stage.Out, head.Value);
            head = Util.Option<T>.None;
            if (!IsClosed(inlet))
                Pull(inlet);
            else if (!_left.HasValue && !_right.HasValue && IsClosed(_stage.Left) && IsClosed(_stage.Right))
                CompleteStage();
        }
    }
}
