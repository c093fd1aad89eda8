using Akka.Streams.Stage;

namespace Akka.Streams.Implementation;

/// <summary>
/// What lies between two islands. The downstream end asks for as many elements as its buffer has room for, in batches of half the
/// buffer; either end reaches the other through the other's mailbox.
/// </summary>
internal sealed class AsyncBoundary<T>(int bufferSize)
{
    internal int BufferSize { get; } = Math.Max(1, bufferSize);
    internal Action<int> Request = null!;
    internal Action<Exception> Cancel = null!;
    internal Action<T> OnNext = null!;
    internal Action<Exception?> OnEnd = null!;
}

internal sealed class AsyncBoundarySink<T>(AsyncBoundary<T> boundary) : GraphStage<SinkShape<T>>
{
    public override SinkShape<T> Shape { get; } = new(new Inlet<T>("boundary.in"));

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, boundary);

    private sealed class Logic : InGraphStageLogic
    {
        private readonly Inlet<T> _in;
        private readonly AsyncBoundary<T> _boundary;
        private int _demand;
        private bool _ended;

        internal Logic(SinkShape<T> shape, AsyncBoundary<T> boundary) : base(shape)
        {
            _in = shape.Inlet;
            _boundary = boundary;
            boundary.Request = GetAsyncCallback<int>(OnRequest);
            boundary.Cancel = GetAsyncCallback<Exception>(cause =>
            {
                _ended = true;
                Cancel(_in, cause);
            });
            SetHandler(_in, this);
        }

        private void OnRequest(int n)
        {
            _demand += n;
            if (_demand > 0 && !HasBeenPulled(_in))
                TryPull(_in);
        }

        public override void OnPush()
        {
            _boundary.OnNext(Grab(_in));
            if (--_demand > 0)
                Pull(_in);
        }

        public override void OnUpstreamFinish() => End(null);

        public override void OnUpstreamFailure(Exception e) => End(e);

        private void End(Exception? failure)
        {
            _ended = true;
            _boundary.OnEnd(failure);
        }

        public override void PostStop()
        {
            if (!_ended)
                _boundary.OnEnd(new AbruptStageTerminationException(this));
        }
    }
}

internal sealed class AsyncBoundarySource<T>(AsyncBoundary<T> boundary) : GraphStage<SourceShape<T>>
{
    public override SourceShape<T> Shape { get; } = new(new Outlet<T>("boundary.out"));

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, boundary);

    private sealed class Logic : OutGraphStageLogic
    {
        private readonly Outlet<T> _out;
        private readonly AsyncBoundary<T> _boundary;
        private readonly Queue<T> _buffer = new();
        private int _outstanding;
        private bool _completed;
        private bool _cancelled;

        internal Logic(SourceShape<T> shape, AsyncBoundary<T> boundary) : base(shape)
        {
            _out = shape.Outlet;
            _boundary = boundary;
            boundary.OnNext = GetAsyncCallback<T>(OnNext);
            boundary.OnEnd = GetAsyncCallback<Exception?>(OnEnd);
            SetHandler(_out, this);
        }

        public override void PreStart()
        {
            _outstanding = _boundary.BufferSize;
            _boundary.Request(_outstanding);
        }

        private void OnNext(T element)
        {
            _outstanding--;
            if (_buffer.Count == 0 && IsAvailable(_out))
            {
                Push(_out, element);
                RequestMore();
            }
            else
                _buffer.Enqueue(element);
        }

        private void OnEnd(Exception? failure)
        {
            _completed = true;
            if (failure is not null)
                FailStage(failure);
            else if (_buffer.Count == 0)
                CompleteStage();
        }

        public override void OnPull()
        {
            if (!_buffer.TryDequeue(out var element))
                return;
            Push(_out, element);
            if (!_completed)
                RequestMore();
            else if (_buffer.Count == 0)
                CompleteStage();
        }

        private void RequestMore()
        {
            var room = _boundary.BufferSize - _buffer.Count - _outstanding;
            if (room < (_boundary.BufferSize + 1) / 2)
                return;
            _outstanding += room;
            _boundary.Request(room);
        }

        public override void OnDownstreamFinish(Exception cause)
        {
            _cancelled = true;
            _boundary.Cancel(cause);
            base.OnDownstreamFinish(cause);
        }

        public override void PostStop()
        {
            if (!_completed && !_cancelled)
                _boundary.Cancel(new AbruptStageTerminationException(this));
        }
    }
}
