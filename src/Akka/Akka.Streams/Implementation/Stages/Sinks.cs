using System.Collections.Immutable;
using Akka.Actor;
using Akka.Streams.Stage;
using Akka.Util;

namespace Akka.Streams.Implementation.Stages;

/// <summary>A stage with one input and a task for its result.</summary>
internal abstract class TaskSink<TIn, TOut> : GraphStageWithMaterializedValue<SinkShape<TIn>, Task<TOut>>
{
    internal readonly Inlet<TIn> In;
    private readonly string _name;

    protected TaskSink(string name)
    {
        _name = name;
        In = new Inlet<TIn>($"{name}.in");
        Shape = new SinkShape<TIn>(In);
    }

    public override SinkShape<TIn> Shape { get; }
    protected override Attributes InitialAttributes => Attributes.CreateName(_name);
    public override string ToString() => _name;

    public override ILogicAndMaterializedValue<Task<TOut>> CreateLogicAndMaterializedValue(Attributes inheritedAttributes)
    {
        var result = new TaskCompletionSource<TOut>(inheritedAttributes.Continuations);
        return new LogicAndMaterializedValue<Task<TOut>>(CreateLogic(result), result.Task);
    }

    protected abstract GraphStageLogic CreateLogic(TaskCompletionSource<TOut> result);
}

internal abstract class TaskSinkLogic<TIn, TOut> : InGraphStageLogic
{
    protected readonly Inlet<TIn> In;
    protected readonly TaskCompletionSource<TOut> Result;

    protected TaskSinkLogic(TaskSink<TIn, TOut> stage, TaskCompletionSource<TOut> result) : base(stage.Shape)
    {
        In = stage.In;
        Result = result;
        SetHandler(In, this);
    }

    public override void PreStart() => Pull(In);

    public override void OnUpstreamFailure(Exception e)
    {
        Result.TrySetException(e);
        FailStage(e);
    }

    public override void PostStop() => Result.TrySetException(new AbruptStageTerminationException(this));
}

internal sealed class IgnoreSink<T>() : TaskSink<T, Done>("IgnoreSink")
{
    protected override GraphStageLogic CreateLogic(TaskCompletionSource<Done> result) => new Logic(this, result);

    private sealed class Logic(IgnoreSink<T> stage, TaskCompletionSource<Done> result) : TaskSinkLogic<T, Done>(stage, result)
    {
        public override void OnPush() => Pull(In);

        public override void OnUpstreamFinish()
        {
            Result.TrySetResult(Done.Instance);
            CompleteStage();
        }
    }
}

internal sealed class SeqSink<T>() : TaskSink<T, IImmutableList<T>>("SeqSink")
{
    protected override GraphStageLogic CreateLogic(TaskCompletionSource<IImmutableList<T>> result) => new Logic(this, result);

    private sealed class Logic(SeqSink<T> stage, TaskCompletionSource<IImmutableList<T>> result) : TaskSinkLogic<T, IImmutableList<T>>(stage, result)
    {
        private readonly ImmutableList<T>.Builder _elements = ImmutableList.CreateBuilder<T>();

        public override void OnPush()
        {
            _elements.Add(Grab(In));
            Pull(In);
        }

        public override void OnUpstreamFinish()
        {
            Result.TrySetResult(_elements.ToImmutable());
            CompleteStage();
        }
    }
}

internal sealed class FirstSink<T>(bool orDefault) : TaskSink<T, T>("FirstSink")
{
    protected override GraphStageLogic CreateLogic(TaskCompletionSource<T> result) => new Logic(this, result, orDefault);

    private sealed class Logic(FirstSink<T> stage, TaskCompletionSource<T> result, bool orDefault) : TaskSinkLogic<T, T>(stage, result)
    {
        public override void OnPush()
        {
            Result.TrySetResult(Grab(In));
            CompleteStage();
        }

        public override void OnUpstreamFinish()
        {
            if (orDefault)
                Result.TrySetResult(default!);
            else
                Result.TrySetException(new NoSuchElementException("First of empty stream"));
            CompleteStage();
        }
    }
}

internal sealed class LastSink<T>(bool orDefault) : TaskSink<T, T>("LastSink")
{
    protected override GraphStageLogic CreateLogic(TaskCompletionSource<T> result) => new Logic(this, result, orDefault);

    private sealed class Logic(LastSink<T> stage, TaskCompletionSource<T> result, bool orDefault) : TaskSinkLogic<T, T>(stage, result)
    {
        private T _last = default!;
        private bool _any;

        public override void OnPush()
        {
            _last = Grab(In);
            _any = true;
            Pull(In);
        }

        public override void OnUpstreamFinish()
        {
            if (_any || orDefault)
                Result.TrySetResult(_last);
            else
                Result.TrySetException(new NoSuchElementException("Last of empty stream"));
            CompleteStage();
        }
    }
}

internal sealed class CancelledSink<T> : GraphStage<SinkShape<T>>
{
    public override SinkShape<T> Shape { get; } = new(new Inlet<T>("CancelSink.in"));
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape);

    private sealed class Logic : InGraphStageLogic
    {
        private readonly Inlet<T> _in;

        internal Logic(SinkShape<T> shape) : base(shape)
        {
            _in = shape.Inlet;
            SetHandler(_in, this);
        }

        public override void PreStart() => Cancel(_in);
        public override void OnPush() { }
    }
}

internal sealed class OnCompleteSink<T>(Action success, Action<Exception> failure) : GraphStage<SinkShape<T>>
{
    public override SinkShape<T> Shape { get; } = new(new Inlet<T>("OnComplete.in"));
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, success, failure);

    private sealed class Logic : InGraphStageLogic
    {
        private readonly Inlet<T> _in;
        private readonly Action _success;
        private readonly Action<Exception> _failure;
        private bool _told;

        internal Logic(SinkShape<T> shape, Action success, Action<Exception> failure) : base(shape)
        {
            _in = shape.Inlet;
            _success = success;
            _failure = failure;
            SetHandler(_in, this);
        }

        public override void PreStart() => Pull(_in);

        public override void OnPush()
        {
            Grab(_in);
            Pull(_in);
        }

        public override void OnUpstreamFinish()
        {
            _told = true;
            _success();
            CompleteStage();
        }

        public override void OnUpstreamFailure(Exception e)
        {
            _told = true;
            _failure(e);
            FailStage(e);
        }

        public override void PostStop()
        {
            if (!_told)
                _failure(new AbruptStageTerminationException(this));
        }
    }
}

internal sealed class ActorRefWithAckSink<T>(IActorRef target, object onInit, object ack, object onComplete, Func<Exception, object>? onFailure)
    : GraphStage<SinkShape<T>>
{
    public override SinkShape<T> Shape { get; } = new(new Inlet<T>("ActorRefWithAck.in"));

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) =>
        new Logic(Shape, target, onInit, ack, onComplete, onFailure ?? (e => new Status.Failure(e)), inheritedAttributes);

    private sealed class Logic : InGraphStageLogic
    {
        private readonly Inlet<T> _in;
        private readonly IActorRef _target;
        private readonly object _onInit;
        private readonly object _ack;
        private readonly object _onComplete;
        private readonly Func<Exception, object> _onFailure;
        private readonly int _maxBuffer;
        private readonly Queue<T> _buffer = new();
        private bool _acked;
        private bool _completing;
        private bool _told;

        internal Logic(SinkShape<T> shape, IActorRef target, object onInit, object ack, object onComplete, Func<Exception, object> onFailure,
            Attributes attributes) : base(shape)
        {
            _in = shape.Inlet;
            _target = target;
            _onInit = onInit;
            _ack = ack;
            _onComplete = onComplete;
            _onFailure = onFailure;
            _maxBuffer = attributes.GetMandatoryAttribute<Attributes.InputBuffer>().Max;
            SetHandler(_in, this);
        }

        public override void PreStart()
        {
            // The stage lives until the last element is acknowledged, also after its upstream has ended.
            SetKeepGoing(true);
            GetStageActor(OnMessage).Watch(_target);
            _target.Tell(_onInit, StageActor.Ref);
            Pull(_in);
        }

        private void OnMessage((IActorRef Sender, object Message) args)
        {
            if (args.Message is Terminated terminated && terminated.ActorRef.Equals(_target))
            {
                _told = true;
                CompleteStage();
            }
            else if (Equals(args.Message, _ack))
            {
                if (_buffer.Count > 0)
                    Send();
                else if (_completing)
                    Finish();
                else
                    _acked = true;
            }
        }

        private void Send()
        {
            _acked = false;
            _target.Tell(_buffer.Dequeue()!, StageActor.Ref);
            if (_buffer.Count == 0 && _completing)
                return;
            if (!_completing && !HasBeenPulled(_in))
                TryPull(_in);
        }

        private void Finish()
        {
            _told = true;
            _target.Tell(_onComplete, StageActor.Ref);
            CompleteStage();
        }

        public override void OnPush()
        {
            _buffer.Enqueue(Grab(_in));
            if (_acked)
                Send();
            else if (_buffer.Count < _maxBuffer)
                Pull(_in);
        }

        public override void OnUpstreamFinish()
        {
            _completing = true;
            if (_acked && _buffer.Count == 0)
                Finish();
        }

        public override void OnUpstreamFailure(Exception e)
        {
            _told = true;
            _target.Tell(_onFailure(e), StageActor.Ref);
            FailStage(e);
        }

        public override void PostStop()
        {
            if (!_told)
                _target.Tell(_onFailure(new AbruptStageTerminationException(this)), ActorRefs.NoSender);
        }
    }
}

internal sealed class QueueSink<T> : GraphStageWithMaterializedValue<SinkShape<T>, ISinkQueue<T>>
{
    public override SinkShape<T> Shape { get; } = new(new Inlet<T>("QueueSink.in"));

    public override ILogicAndMaterializedValue<ISinkQueue<T>> CreateLogicAndMaterializedValue(Attributes inheritedAttributes)
    {
        var logic = new Logic(Shape, inheritedAttributes.GetMandatoryAttribute<Attributes.InputBuffer>().Max);
        return new LogicAndMaterializedValue<ISinkQueue<T>>(logic, logic);
    }

    private sealed class Logic : InGraphStageLogic, ISinkQueue<T>
    {
        private readonly Inlet<T> _in;
        private readonly int _max;
        private readonly Queue<T> _buffer = new();
        private readonly Action<TaskCompletionSource<Option<T>>> _request;
        private readonly HashSet<TaskCompletionSource<Option<T>>> _open = [];
        private TaskCompletionSource<Option<T>>? _waiting;
        private bool _finished;
        private Exception? _failure;
        private bool _ended;

        internal Logic(SinkShape<T> shape, int maxBuffer) : base(shape)
        {
            _in = shape.Inlet;
            _max = Math.Max(1, maxBuffer);
            _request = GetAsyncCallback<TaskCompletionSource<Option<T>>>(OnRequest);
            SetHandler(_in, this);
        }

        public Task<Option<T>> PullAsync()
        {
            var answer = new TaskCompletionSource<Option<T>>(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_open)
            {
                if (_ended)
                    AnswerEnd(answer);
                else
                    _open.Add(answer);
            }
            if (!answer.Task.IsCompleted)
                _request(answer);
            return answer.Task;
        }

        public override void PreStart()
        {
            // Elements taken in before the end are still there for who asks later.
            SetKeepGoing(true);
            Pull(_in);
        }

        private void OnRequest(TaskCompletionSource<Option<T>> answer)
        {
            if (_waiting is not null)
            {
                Forget(answer);
                answer.TrySetException(new Pattern.IllegalStateException(
                    "You have to wait for previous future to be resolved to send another request"));
                return;
            }
            _waiting = answer;
            Serve();
            if (_buffer.Count < _max && !IsClosed(_in) && !HasBeenPulled(_in))
                Pull(_in);
        }

        private void Serve()
        {
            if (_waiting is { } waiting && _buffer.TryDequeue(out var element))
            {
                _waiting = null;
                Forget(waiting);
                waiting.TrySetResult(element);
            }
            if (_buffer.Count > 0 || !_finished)
                return;
            if (_failure is null)
                CompleteStage();
            else
                FailStage(_failure);
        }

        public override void OnPush()
        {
            _buffer.Enqueue(Grab(_in));
            Serve();
            if (_buffer.Count < _max)
                Pull(_in);
        }

        public override void OnUpstreamFinish()
        {
            _finished = true;
            Serve();
        }

        public override void OnUpstreamFailure(Exception e)
        {
            _finished = true;
            _failure = e;
            Serve();
        }

        public override void PostStop()
        {
            if (!_finished)
                _failure = new AbruptStageTerminationException(this);
            lock (_open)
            {
                _ended = true;
                foreach (var open in _open)
                    AnswerEnd(open);
                _open.Clear();
            }
        }

        private void AnswerEnd(TaskCompletionSource<Option<T>> answer)
        {
            if (_failure is null)
                answer.TrySetResult(Option<T>.None);
            else
                answer.TrySetException(_failure);
        }

        private void Forget(TaskCompletionSource<Option<T>> answer)
        {
            lock (_open)
                _open.Remove(answer);
        }
    }
}
