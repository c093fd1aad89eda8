using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

internal sealed class Grouped<T> : LinearStage<T, IEnumerable<T>>
{
    private readonly int _size;

    internal Grouped(int size) : base("Grouped")
    {
        if (size <= 0)
            throw new ArgumentException("count must be greater than 0", nameof(size));
        _size = size;
    }

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this, inheritedAttributes);

    private sealed class Logic(Grouped<T> stage, Attributes attributes) : LinearLogic<T, IEnumerable<T>>(stage, attributes)
    {
        private List<T> _group = new(stage._size);

        public override void OnPush()
        {
            _group.Add(Grab(In));
            if (_group.Count < stage._size)
            {
                Pull(In);
                return;
            }
            var full = _group;
            _group = new List<T>(stage._size);
            Push(Out, full);
        }

        public override void OnUpstreamFinish()
        {
            if (_group.Count > 0)
                Emit(Out, _group, CompleteStage);
            else
                CompleteStage();
        }
    }
}

internal sealed class GroupedWithin<T> : LinearStage<T, IEnumerable<T>>
{
    private const string Timer = "GroupedWithinTimer";
    private readonly int _size;
    private readonly TimeSpan _interval;

    internal GroupedWithin(int size, TimeSpan interval) : base("GroupedWithin")
    {
        if (size <= 0)
            throw new ArgumentException("count must be greater than 0", nameof(size));
        if (interval <= TimeSpan.Zero)
            throw new ArgumentException("Timeout must be greater than zero", nameof(interval));
        _size = size;
        _interval = interval;
    }

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this);

    private sealed class Logic : TimerGraphStageLogic, IInHandler, IOutHandler
    {
        private readonly GroupedWithin<T> _stage;
        private List<T> _group = [];
        private bool _due;

        internal Logic(GroupedWithin<T> stage) : base(stage.Shape)
        {
            _stage = stage;
            SetHandler(stage.In, this);
            SetHandler(stage.Out, this);
        }

        public override void PreStart()
        {
            ScheduleRepeatedly(Timer, _stage._interval);
            Pull(_stage.In);
        }

        public void OnPush()
        {
            _group.Add(Grab(_stage.In));
            if (_group.Count >= _stage._size)
                _due = true;
            else
                Pull(_stage.In);
            if (_due && IsAvailable(_stage.Out))
                PushGroup();
        }

        public void OnPull()
        {
            if (_due)
                PushGroup();
        }

        protected override void OnTimer(object timerKey)
        {
            if (_group.Count == 0)
                return;
            _due = true;
            if (IsAvailable(_stage.Out))
                PushGroup();
        }

        private void PushGroup()
        {
            var group = _group;
            _group = [];
            _due = false;
            Push(_stage.Out, group);
            if (IsClosed(_stage.In))
                CompleteStage();
            else if (!HasBeenPulled(_stage.In))
                Pull(_stage.In);
            ScheduleRepeatedly(Timer, _stage._interval);
        }

        public void OnUpstreamFinish()
        {
            if (_group.Count == 0)
            {
                CompleteStage();
                return;
            }
            _due = true;
            if (IsAvailable(_stage.Out))
                PushGroup();
        }

        public void OnUpstreamFailure(Exception e) => FailStage(e);
        public void OnDownstreamFinish(Exception cause) => InternalOnDownstreamFinish(cause);
    }
}

internal sealed class Batch<TIn, TOut>(long max, Func<TIn, long> cost, Func<TIn, TOut> seed, Func<TOut, TIn, TOut> aggregate)
    : LinearStage<TIn, TOut>("Batch")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this, max, cost, seed, aggregate, inheritedAttributes);

    private sealed class Logic(Batch<TIn, TOut> stage, long max, Func<TIn, long> cost, Func<TIn, TOut> seed, Func<TOut, TIn, TOut> aggregate,
        Attributes attributes) : LinearLogic<TIn, TOut>(stage, attributes)
    {
        private Util.Option<TOut> _batch;
        private Util.Option<TIn> _pending;
        private readonly long _max = max;
        private long _left = max;

        public override void PreStart() => Pull(In);

        public override void OnPush()
        {
            var element = Grab(In);
            try
            {
                var weight = cost(element);
                if (!_batch.HasValue)
                {
                    _batch = seed(element);
                    _left -= weight;
                }
                else if (_left < weight)
                    _pending = element;
                else
                {
                    _batch = aggregate(_batch.Value, element);
                    _left -= weight;
                }
            }
            catch (Exception e)
            {
                if (!Survives(e))
                    return;
            }
            if (IsAvailable(Out))
                Flush();
            if (!_pending.HasValue)
                PullUnlessPulled();
        }

        public override void OnPull()
        {
            if (!_batch.HasValue)
            {
                if (IsClosed(In))
                    CompleteStage();
                else
                    PullUnlessPulled();
                return;
            }
            Flush();
            if (IsClosed(In) && !_batch.HasValue)
                CompleteStage();
            else if (!_pending.HasValue)
                PullUnlessPulled();
        }

        private void Flush()
        {
            if (_batch.HasValue)
            {
                Push(Out, _batch.Value);
                _left = _max;
            }
            _batch = Util.Option<TOut>.None;
            if (!_pending.HasValue)
                return;
            var element = _pending.Value;
            _pending = Util.Option<TIn>.None;
            try
            {
                _batch = seed(element);
                _left -= cost(element);
            }
            catch (Exception e)
            {
                Survives(e);
            }
        }

        protected override void Restart()
        {
            _batch = Util.Option<TOut>.None;
            _pending = Util.Option<TIn>.None;
            _left = _max;
        }

        public override void OnUpstreamFinish()
        {
            if (!_batch.HasValue)
                CompleteStage();
        }
    }
}

internal sealed class Buffer<T> : LinearStage<T, T>
{
    private readonly int _size;
    private readonly OverflowStrategy _strategy;

    internal Buffer(int size, OverflowStrategy strategy) : base("Buffer")
    {
        if (size <= 0)
            throw new ArgumentException("Buffer size must be greater than 0", nameof(size));
        _size = size;
        _strategy = strategy;
    }

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this, inheritedAttributes);

    private sealed class Logic(Buffer<T> stage, Attributes attributes) : LinearLogic<T, T>(stage, attributes)
    {
        private readonly LinkedList<T> _buffer = new();

        public override void PreStart() => Pull(In);

        public override void OnPush()
        {
            var element = Grab(In);
            if (IsAvailable(Out) && _buffer.Count == 0)
            {
                Push(Out, element);
                Pull(In);
                return;
            }
            if (_buffer.Count == stage._size && !MakeRoom(element))
                return;
            _buffer.AddLast(element);
            if (stage._strategy != OverflowStrategy.Backpressure || _buffer.Count < stage._size)
                Pull(In);
        }

        /// <summary>Whether the element may be added now.</summary>
        private bool MakeRoom(T element)
        {
            switch (stage._strategy)
            {
                case OverflowStrategy.DropHead:
                    _buffer.RemoveFirst();
                    return true;
                case OverflowStrategy.DropTail:
                    _buffer.RemoveLast();
                    return true;
                case OverflowStrategy.DropBuffer:
                    _buffer.Clear();
                    return true;
                case OverflowStrategy.DropNew:
                    Pull(In);
                    return false;
                case OverflowStrategy.Fail:
                    FailStage(new BufferOverflowException($"Buffer overflow (max capacity was {stage._size})"));
                    return false;
                default:
                    throw new InvalidOperationException("A buffer that back-pressures asked for more than it holds");
            }
        }

        public override void OnPull()
        {
            if (_buffer.First is { } first)
            {
                _buffer.RemoveFirst();
                Push(Out, first.Value);
            }
            if (!IsClosed(In))
                PullUnlessPulled();
            else if (_buffer.Count == 0)
                CompleteStage();
        }

        public override void OnUpstreamFinish()
        {
            if (_buffer.Count == 0)
                CompleteStage();
        }
    }
}

internal sealed class TakeWithin<T>(TimeSpan duration) : LinearStage<T, T>("TakeWithin")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this, duration);

    private sealed class Logic : TimerGraphStageLogic, IInHandler, IOutHandler
    {
        private readonly TakeWithin<T> _stage;
        private readonly TimeSpan _duration;

        internal Logic(TakeWithin<T> stage, TimeSpan duration) : base(stage.Shape)
        {
            _stage = stage;
            _duration = duration;
            SetHandler(stage.In, this);
            SetHandler(stage.Out, this);
        }

        public override void PreStart() => ScheduleOnce("TakeWithinTimer", _duration);
        protected override void OnTimer(object timerKey) => CompleteStage();
        public void OnPush() => Push(_stage.Out, Grab(_stage.In));
        public void OnPull() => Pull(_stage.In);
        public void OnUpstreamFinish() => CompleteStage();
        public void OnUpstreamFailure(Exception e) => FailStage(e);
        public void OnDownstreamFinish(Exception cause) => InternalOnDownstreamFinish(cause);
    }
}

internal sealed class Throttle<T>(int elements, TimeSpan per, int maximumBurst, ThrottleMode mode) : LinearStage<T, T>("Throttle")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this, elements, per, maximumBurst, mode);

    /// <summary>A bucket of tokens, one an element, filled evenly up to the burst.</summary>
    private sealed class Logic : TimerGraphStageLogic, IInHandler, IOutHandler
    {
        private readonly Throttle<T> _stage;
        private readonly double _ticksPerToken;
        private readonly int _burst;
        private readonly ThrottleMode _mode;
        private double _tokens;
        private long _updated;
        private bool _finished;
        private T _waiting = default!;
        private bool _isWaiting;

        internal Logic(Throttle<T> stage, int elements, TimeSpan per, int maximumBurst, ThrottleMode mode) : base(stage.Shape)
        {
            _stage = stage;
            _ticksPerToken = (double)per.Ticks / elements;
            _burst = Math.Max(1, maximumBurst);
            _mode = mode;
            _tokens = _burst;
            SetHandler(stage.In, this);
            SetHandler(stage.Out, this);
        }

        public override void PreStart() => _updated = Now;

        private long Now => ActorMaterializer.System.Scheduler.MonotonicClock.Ticks;

        public void OnPush()
        {
            var element = Grab(_stage.In);
            var now = Now;
            _tokens = Math.Min(_burst, _tokens + (now - _updated) / _ticksPerToken);
            _updated = now;
            if (_tokens >= 1)
            {
                _tokens--;
                Push(_stage.Out, element);
            }
            else if (_mode == ThrottleMode.Enforcing)
                FailStage(new OverflowException("Maximum throttle throughput exceeded"));
            else
            {
                _waiting = element;
                _isWaiting = true;
                ScheduleOnce("ThrottleTimer", TimeSpan.FromTicks((long)Math.Ceiling((1 - _tokens) * _ticksPerToken)));
                _tokens--;
            }
        }

        protected override void OnTimer(object timerKey)
        {
            _isWaiting = false;
            Push(_stage.Out, _waiting);
            _waiting = default!;
            if (_finished)
                CompleteStage();
        }

        public void OnPull()
        {
            if (!_isWaiting)
                Pull(_stage.In);
        }

        public void OnUpstreamFinish()
        {
            if (_isWaiting)
                _finished = true;
            else
                CompleteStage();
        }

        public void OnUpstreamFailure(Exception e) => FailStage(e);
        public void OnDownstreamFinish(Exception cause) => InternalOnDownstreamFinish(cause);
    }
}
