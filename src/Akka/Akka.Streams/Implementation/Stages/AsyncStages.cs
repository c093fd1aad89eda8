using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

/// <summary>A result that may still be under way.</summary>
internal sealed class Pending<T>
{
    internal bool IsDone;
    internal T Value = default!;
    internal Exception? Failure;

    internal void Set(Task<T> task)
    {
        IsDone = true;
        if (task.IsCompletedSuccessfully)
            Value = task.Result;
        else
            Failure = Unwrap(task);
    }

    internal static Exception Unwrap(Task task) =>
        task.Exception is { } e ? e.InnerExceptions.Count == 1 ? e.InnerExceptions[0] : e : new TaskCanceledException(task);
}

internal sealed class SelectAsync<TIn, TOut> : LinearStage<TIn, TOut>
{
    private readonly int _parallelism;
    private readonly Func<TIn, Task<TOut>> _function;

    internal SelectAsync(int parallelism, Func<TIn, Task<TOut>> function) : base("SelectAsync")
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(parallelism, 1);
        _parallelism = parallelism;
        _function = function;
    }

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this, inheritedAttributes);

    private sealed class Logic : LinearLogic<TIn, TOut>
    {
        private readonly SelectAsync<TIn, TOut> _stage;
        private readonly Queue<Pending<TOut>> _buffer = new();
        private readonly Action<(Pending<TOut>, Task<TOut>)> _done;

        internal Logic(SelectAsync<TIn, TOut> stage, Attributes attributes) : base(stage, attributes)
        {
            _stage = stage;
            _done = GetAsyncCallback<(Pending<TOut> Pending, Task<TOut> Task)>(x =>
            {
                x.Pending.Set(x.Task);
                if (x.Pending.Failure is null || Survives(x.Pending.Failure))
                    PushNext();
            });
        }

        public override void OnPush()
        {
            try
            {
                var task = _stage._function(Grab(In));
                var pending = new Pending<TOut>();
                if (task.IsCompleted)
                {
                    pending.Set(task);
                    if (pending.Failure is not null && !Survives(pending.Failure))
                        return;
                }
                else
                    task.ContinueWith(t => _done((pending, t)), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
                _buffer.Enqueue(pending);
            }
            catch (Exception e)
            {
                if (!Survives(e))
                    return;
            }
            PushNext();
        }

        public override void OnPull() => PushNext();

        private void PushNext()
        {
            while (IsAvailable(Out) && _buffer.TryPeek(out var first) && first.IsDone)
            {
                _buffer.Dequeue();
                if (first.Failure is null && first.Value is not null)
                    Push(Out, first.Value);
            }
            if (IsClosed(In))
            {
                if (_buffer.Count == 0)
                    CompleteStage();
            }
            else if (_buffer.Count < _stage._parallelism && !HasBeenPulled(In))
                Pull(In);
        }

        public override void OnUpstreamFinish()
        {
            if (_buffer.Count == 0)
                CompleteStage();
        }
    }
}

internal sealed class SelectAsyncUnordered<TIn, TOut> : LinearStage<TIn, TOut>
{
    private readonly int _parallelism;
    private readonly Func<TIn, Task<TOut>> _function;

    internal SelectAsyncUnordered(int parallelism, Func<TIn, Task<TOut>> function) : base("SelectAsyncUnordered")
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(parallelism, 1);
        _parallelism = parallelism;
        _function = function;
    }

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this, inheritedAttributes);

    private sealed class Logic : LinearLogic<TIn, TOut>
    {
        private readonly SelectAsyncUnordered<TIn, TOut> _stage;
        private readonly Queue<TOut> _buffer = new();
        private readonly Action<Task<TOut>> _done;
        private int _inFlight;

        internal Logic(SelectAsyncUnordered<TIn, TOut> stage, Attributes attributes) : base(stage, attributes)
        {
            _stage = stage;
            _done = GetAsyncCallback<Task<TOut>>(Done);
        }

        public override void OnPush()
        {
            try
            {
                var task = _stage._function(Grab(In));
                _inFlight++;
                if (task.IsCompleted)
                    Done(task);
                else
                    task.ContinueWith(_done, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }
            catch (Exception e)
            {
                if (!Survives(e))
                    return;
            }
            PullMore();
        }

        private void Done(Task<TOut> task)
        {
            _inFlight--;
            if (!task.IsCompletedSuccessfully)
            {
                if (!Survives(Pending<TOut>.Unwrap(task)))
                    return;
            }
            else if (task.Result is { } value)
            {
                if (IsAvailable(Out))
                    Push(Out, value);
                else
                    _buffer.Enqueue(value);
            }
            if (IsClosed(In) && _inFlight == 0 && _buffer.Count == 0)
                CompleteStage();
            else
                PullMore();
        }

        public override void OnPull()
        {
            if (_buffer.TryDequeue(out var value))
                Push(Out, value);
            if (IsClosed(In) && _inFlight == 0 && _buffer.Count == 0)
                CompleteStage();
            else
                PullMore();
        }

        private void PullMore()
        {
            if (_inFlight + _buffer.Count < _stage._parallelism)
                PullUnlessPulled();
        }

        public override void OnUpstreamFinish()
        {
            if (_inFlight + _buffer.Count == 0)
                CompleteStage();
        }
    }
}

internal sealed class TerminationWatcher<T> : GraphStageWithMaterializedValue<FlowShape<T, T>, Task<Done>>
{
    private readonly Inlet<T> _in = new("TerminationWatcher.in");
    private readonly Outlet<T> _out = new("TerminationWatcher.out");

    internal TerminationWatcher() => Shape = new FlowShape<T, T>(_in, _out);

    public override FlowShape<T, T> Shape { get; }

    public override ILogicAndMaterializedValue<Task<Done>> CreateLogicAndMaterializedValue(Attributes inheritedAttributes)
    {
        var end = new TaskCompletionSource<Done>(inheritedAttributes.Continuations);
        return new LogicAndMaterializedValue<Task<Done>>(new Logic(this, end), end.Task);
    }

    private sealed class Logic : InAndOutGraphStageLogic
    {
        private readonly TerminationWatcher<T> _stage;
        private readonly TaskCompletionSource<Done> _end;

        internal Logic(TerminationWatcher<T> stage, TaskCompletionSource<Done> end) : base(stage.Shape)
        {
            _stage = stage;
            _end = end;
            SetHandlers(stage._in, stage._out, this);
        }

        public override void OnPush() => Push(_stage._out, Grab(_stage._in));
        public override void OnPull() => Pull(_stage._in);

        public override void OnUpstreamFinish()
        {
            _end.TrySetResult(Done.Instance);
            CompleteStage();
        }

        public override void OnUpstreamFailure(Exception e)
        {
            _end.TrySetException(e);
            FailStage(e);
        }

        public override void OnDownstreamFinish(Exception cause)
        {
            if (cause is SubscriptionWithCancelException.NonFailureCancellation)
                _end.TrySetResult(Done.Instance);
            else
                _end.TrySetException(cause);
            InternalOnDownstreamFinish(cause);
        }

        public override void PostStop() => _end.TrySetException(new AbruptStageTerminationException(this));
    }
}
