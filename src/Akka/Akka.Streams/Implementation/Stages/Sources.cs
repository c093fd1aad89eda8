using Akka.Actor;
using Akka.Streams.Stage;
using Akka.Util;

namespace Akka.Streams.Implementation.Stages;

/// <summary>A stage with one output.</summary>
internal abstract class SourceStage<T> : GraphStage<SourceShape<T>>
{
    internal readonly Outlet<T> Out;
    private readonly string _name;

    protected SourceStage(string name)
    {
        _name = name;
        Out = new Outlet<T>($"{name}.out");
        Shape = new SourceShape<T>(Out);
    }

    public override SourceShape<T> Shape { get; }
    protected override Attributes InitialAttributes => Attributes.CreateName(_name);
    public override string ToString() => _name;
}

internal abstract class SourceLogic<T> : OutGraphStageLogic
{
    protected readonly Outlet<T> Out;

    protected SourceLogic(SourceShape<T> shape) : base(shape)
    {
        Out = shape.Outlet;
        SetHandler(Out, this);
    }
}

internal sealed class EnumeratorSource<T>(Func<IEnumerator<T>> enumerator) : SourceStage<T>("EnumerableSource")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this, enumerator, inheritedAttributes);

    private sealed class Logic(EnumeratorSource<T> stage, Func<IEnumerator<T>> factory, Attributes attributes) : SourceLogic<T>(stage.Shape)
    {
        private IEnumerator<T>? _enumerator;
        private bool _hasNext;

        public override void OnPull()
        {
            try
            {
                if (_enumerator is null)
                {
                    _enumerator = factory();
                    _hasNext = _enumerator.MoveNext();
                }
                if (_hasNext)
                {
                    Push(Out, _enumerator.Current);
                    _hasNext = _enumerator.MoveNext();
                }
                if (!_hasNext)
                    CompleteStage();
            }
            catch (Exception e)
            {
                // An enumerator that threw is at its end, whatever the strategy; resuming means to complete.
                if (attributes.GetMandatoryAttribute<ActorAttributes.SupervisionStrategy>().Decider(e) == Supervision.Directive.Stop)
                    FailStage(e);
                else
                    CompleteStage();
            }
        }

        public override void PostStop() => _enumerator?.Dispose();
    }
}

internal sealed class SingleSource<T>(T element) : SourceStage<T>("SingleSource")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this, element);

    private sealed class Logic(SingleSource<T> stage, T element) : SourceLogic<T>(stage.Shape)
    {
        public override void OnPull()
        {
            Push(Out, element);
            CompleteStage();
        }
    }
}

internal sealed class EndedSource<T>(Exception? failure) : SourceStage<T>(failure is null ? "EmptySource" : "FailedSource")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this, failure);

    private sealed class Logic(EndedSource<T> stage, Exception? failure) : SourceLogic<T>(stage.Shape)
    {
        public override void PreStart()
        {
            if (failure is null)
                CompleteStage();
            else
                FailStage(failure);
        }

        public override void OnPull() { }
    }
}

internal sealed class NeverSource<T>() : SourceStage<T>("NeverSource")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this);

    private sealed class Logic(NeverSource<T> stage) : SourceLogic<T>(stage.Shape)
    {
        public override void OnPull() { }
    }
}

internal sealed class UnfoldSource<TState, T>(TState state, Func<TState, Option<(TState, T)>> unfold) : SourceStage<T>("Unfold")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this, state, unfold);

    private sealed class Logic(UnfoldSource<TState, T> stage, TState state, Func<TState, Option<(TState, T)>> unfold) : SourceLogic<T>(stage.Shape)
    {
        private TState _state = state;

        public override void OnPull()
        {
            var next = unfold(_state);
            if (!next.HasValue)
            {
                Complete(Out);
                return;
            }
            _state = next.Value.Item1;
            Push(Out, next.Value.Item2);
        }
    }
}

internal sealed class UnfoldAsyncSource<TState, T>(TState state, Func<TState, Task<Option<(TState, T)>>> unfold) : SourceStage<T>("UnfoldAsync")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this, state, unfold);

    private sealed class Logic : SourceLogic<T>
    {
        private readonly Func<TState, Task<Option<(TState, T)>>> _unfold;
        private readonly Action<Task<Option<(TState, T)>>> _done;
        private TState _state;

        internal Logic(UnfoldAsyncSource<TState, T> stage, TState state, Func<TState, Task<Option<(TState, T)>>> unfold) : base(stage.Shape)
        {
            _state = state;
            _unfold = unfold;
            _done = GetAsyncCallback<Task<Option<(TState, T)>>>(Done);
        }

        public override void OnPull()
        {
            var task = _unfold(_state);
            if (task.IsCompleted)
                Done(task);
            else
                task.ContinueWith(_done, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        private void Done(Task<Option<(TState, T)>> task)
        {
            if (!task.IsCompletedSuccessfully)
                Fail(Out, Pending<T>.Unwrap(task));
            else if (!task.Result.HasValue)
                Complete(Out);
            else
            {
                _state = task.Result.Value.Item1;
                Push(Out, task.Result.Value.Item2);
            }
        }
    }
}

internal sealed class TaskSource<T>(Task<T> task) : SourceStage<T>("TaskSource")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this, task);

    private sealed class Logic(TaskSource<T> stage, Task<T> task) : SourceLogic<T>(stage.Shape)
    {
        private bool _asked;

        public override void OnPull()
        {
            if (_asked)
                return;
            _asked = true;
            if (task.IsCompleted)
                Done(task);
            else
                task.ContinueWith(GetAsyncCallback<Task<T>>(Done), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        private void Done(Task<T> done)
        {
            if (done.IsCompletedSuccessfully)
                Emit(Out, done.Result, () => Complete(Out));
            else
                FailStage(Pending<T>.Unwrap(done));
        }
    }
}

internal sealed class MaybeSource<T> : GraphStageWithMaterializedValue<SourceShape<T>, TaskCompletionSource<T>>
{
    public override SourceShape<T> Shape { get; } = new(new Outlet<T>("MaybeSource.out"));

    public override ILogicAndMaterializedValue<TaskCompletionSource<T>> CreateLogicAndMaterializedValue(Attributes inheritedAttributes)
    {
        var promise = new TaskCompletionSource<T>(inheritedAttributes.Continuations);
        return new LogicAndMaterializedValue<TaskCompletionSource<T>>(new Logic(Shape, promise), promise);
    }

    private sealed class Logic(SourceShape<T> shape, TaskCompletionSource<T> promise) : SourceLogic<T>(shape)
    {
        public override void PreStart() =>
            promise.Task.ContinueWith(GetAsyncCallback<Task<T>>(Done), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

        private void Done(Task<T> task)
        {
            if (!task.IsCompletedSuccessfully)
                FailStage(Pending<T>.Unwrap(task));
            else if (task.Result is null)
                CompleteStage();
            else
                Emit(Out, task.Result, CompleteStage);
        }

        public override void OnPull() { }

        public override void OnDownstreamFinish(Exception cause)
        {
            promise.TrySetResult(default!);
            base.OnDownstreamFinish(cause);
        }

        public override void PostStop() => promise.TrySetException(new AbruptStageTerminationException(this));
    }
}

internal sealed class TickSource<T>(TimeSpan initialDelay, TimeSpan interval, T tick) : GraphStageWithMaterializedValue<SourceShape<T>, ICancelable>
{
    public override SourceShape<T> Shape { get; } = new(new Outlet<T>("TickSource.out"));

    public override ILogicAndMaterializedValue<ICancelable> CreateLogicAndMaterializedValue(Attributes inheritedAttributes)
    {
        var logic = new Logic(this, initialDelay, interval, tick);
        return new LogicAndMaterializedValue<ICancelable>(logic, logic);
    }

    private sealed class Logic : TimerGraphStageLogic, ICancelable, IOutHandler
    {
        private readonly TickSource<T> _stage;
        private readonly TimeSpan _initialDelay;
        private readonly TimeSpan _interval;
        private readonly T _tick;
        private readonly CancellationTokenSource _cancelled = new();
        private readonly Action _complete;

        internal Logic(TickSource<T> stage, TimeSpan initialDelay, TimeSpan interval, T tick) : base(stage.Shape)
        {
            _stage = stage;
            _initialDelay = initialDelay;
            _interval = interval;
            _tick = tick;
            _complete = GetAsyncCallback(CompleteStage);
            SetHandler(stage.Shape.Outlet, this);
        }

        public override void PreStart()
        {
            if (_cancelled.IsCancellationRequested)
                CompleteStage();
            else
                ScheduleRepeatedly("TickTimer", _initialDelay, _interval);
        }

        protected override void OnTimer(object timerKey)
        {
            if (IsAvailable(_stage.Shape.Outlet) && !_cancelled.IsCancellationRequested)
                Push(_stage.Shape.Outlet, _tick);
        }

        public void OnPull() { }
        public void OnDownstreamFinish(Exception cause) => InternalOnDownstreamFinish(cause);

        public bool IsCancellationRequested => _cancelled.IsCancellationRequested;
        public CancellationToken Token => _cancelled.Token;

        public void Cancel()
        {
            _cancelled.Cancel();
            _complete();
        }

        public void Cancel(bool throwOnFirstException) => Cancel();

        public void CancelAfter(TimeSpan delay)
        {
            _cancelled.Token.Register(_complete);
            _cancelled.CancelAfter(delay);
        }

        public void CancelAfter(int millisecondsDelay) => CancelAfter(TimeSpan.FromMilliseconds(millisecondsDelay));
    }
}
