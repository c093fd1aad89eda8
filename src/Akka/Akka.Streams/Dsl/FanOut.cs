using Akka.Streams.Stage;

namespace Akka.Streams.Dsl;

/// <summary>Each element to every output, at the pace of the slowest. An output that cancels is left out; the last one, or with eagerCancel any, cancels upstream.</summary>
public sealed class Broadcast<T> : GraphStage<UniformFanOutShape<T, T>>
{
    private readonly int _outputs;
    private readonly bool _eagerCancel;
    public readonly Inlet<T> In;

    public Broadcast(int outputPorts, bool eagerCancel = false)
    {
        if (outputPorts < 1)
            throw new ArgumentException("A Broadcast must have one or more output ports", nameof(outputPorts));
        _outputs = outputPorts;
        _eagerCancel = eagerCancel;
        Shape = new UniformFanOutShape<T, T>(outputPorts, "Broadcast");
        In = Shape.In;
    }

    public Outlet<T> Out(int id) => Shape.Out(id);
    protected override Attributes InitialAttributes => Attributes.CreateName("Broadcast");
    public override UniformFanOutShape<T, T> Shape { get; }
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this);
    public override string ToString() => "Broadcast";

    private sealed class Logic : InGraphStageLogic
    {
        private readonly Broadcast<T> _stage;
        private readonly bool[] _wants;
        private int _missing;
        private int _running;

        internal Logic(Broadcast<T> stage) : base(stage.Shape)
        {
            _stage = stage;
            _running = _missing = stage._outputs;
            _wants = new bool[stage._outputs];
            SetHandler(stage.In, this);
            for (var i = 0; i < stage._outputs; i++)
            {
                var index = i;
                SetHandler(stage.Out(i), () => Wanted(index), cause => Cancelled(index, cause));
            }
        }

        public override void OnPush()
        {
            _missing = _running;
            var element = Grab(_stage.In);
            for (var i = 0; i < _stage._outputs; i++)
                if (!IsClosed(_stage.Out(i)))
                {
                    Push(_stage.Out(i), element);
                    _wants[i] = false;
                }
        }

        private void Wanted(int index)
        {
            _wants[index] = true;
            _missing--;
            PullWhenAllWant();
        }

        private void PullWhenAllWant()
        {
            if (_missing == 0 && !HasBeenPulled(_stage.In))
                TryPull(_stage.In);
        }

        private void Cancelled(int index, Exception cause)
        {
            if (_stage._eagerCancel)
            {
                CancelStage(cause);
                return;
            }
            if (--_running == 0)
                CancelStage(cause);
            else if (!_wants[index])
            {
                _missing--;
                PullWhenAllWant();
            }
        }
    }
}

/// <summary>Each element to one output, whichever wants it first.</summary>
public sealed class Balance<T> : GraphStage<UniformFanOutShape<T, T>>
{
    private readonly int _outputs;
    private readonly bool _waitForAll;

    public Balance(int outputPorts, bool waitForAllDownstreams = false)
    {
        if (outputPorts < 1)
            throw new ArgumentException("A Balance must have one or more output ports", nameof(outputPorts));
        _outputs = outputPorts;
        _waitForAll = waitForAllDownstreams;
        Shape = new UniformFanOutShape<T, T>(outputPorts, "Balance");
    }

    public Inlet<T> In => Shape.In;
    public Outlet<T> Out(int id) => Shape.Out(id);
    protected override Attributes InitialAttributes => Attributes.CreateName("Balance");
    public override UniformFanOutShape<T, T> Shape { get; }
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this);
    public override string ToString() => "Balance";

    private sealed class Logic : InGraphStageLogic
    {
        private readonly Balance<T> _stage;
        private readonly Queue<Outlet<T>> _waiting = new();
        private readonly bool[] _hasPulled;
        private int _needed;
        private int _running;

        internal Logic(Balance<T> stage) : base(stage.Shape)
        {
            _stage = stage;
            _running = stage._outputs;
            _needed = stage._waitForAll ? stage._outputs : 0;
            _hasPulled = new bool[stage._outputs];
            SetHandler(stage.In, this);
            for (var i = 0; i < stage._outputs; i++)
            {
                var index = i;
                SetHandler(stage.Out(i), () => Wanted(index), cause => Cancelled(index, cause));
            }
        }

        private void Wanted(int index)
        {
            if (!_hasPulled[index])
            {
                _hasPulled[index] = true;
                if (_needed > 0)
                    _needed--;
            }
            _waiting.Enqueue(_stage.Out(index));
            Serve();
        }

        public override void OnPush() => Serve();

        private void Serve()
        {
            if (_needed > 0)
                return;
            while (_waiting.TryPeek(out var outlet) && !IsAvailable(outlet))
                _waiting.Dequeue();
            if (_waiting.Count == 0)
                return;
            if (IsAvailable(_stage.In))
                Push(_waiting.Dequeue(), Grab(_stage.In));
            if (_waiting.Count > 0 && !HasBeenPulled(_stage.In))
                TryPull(_stage.In);
        }

        public override void OnUpstreamFinish()
        {
            if (!IsAvailable(_stage.In))
                CompleteStage();
        }

        private void Cancelled(int index, Exception cause)
        {
            if (--_running == 0)
            {
                CancelStage(cause);
                return;
            }
            if (!_hasPulled[index] && _needed > 0)
            {
                _needed--;
                Serve();
            }
        }
    }
}
