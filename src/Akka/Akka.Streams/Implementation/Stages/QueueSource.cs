using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

internal sealed class QueueSource<T>(int bufferSize, OverflowStrategy strategy) : GraphStageWithMaterializedValue<SourceShape<T>, ISourceQueueWithComplete<T>>
{
    public override SourceShape<T> Shape { get; } = new(new Outlet<T>("QueueSource.out"));

    public override ILogicAndMaterializedValue<ISourceQueueWithComplete<T>> CreateLogicAndMaterializedValue(Attributes inheritedAttributes)
    {
        var logic = new Logic(Shape, bufferSize, strategy);
        return new LogicAndMaterializedValue<ISourceQueueWithComplete<T>>(logic, logic.Handle);
    }

    private sealed class Offer(T element)
    {
        internal T Element => element;
        internal TaskCompletionSource<IQueueOfferResult> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Logic : SourceLogic<T>
    {
        private readonly int _bufferSize;
        private readonly OverflowStrategy _strategy;
        private readonly LinkedList<T> _buffer = new();
        private readonly TaskCompletionSource<Done> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private Offer? _waiting;
        private bool _completing;

        internal Logic(SourceShape<T> shape, int bufferSize, OverflowStrategy strategy) : base(shape)
        {
            _bufferSize = bufferSize;
            _strategy = strategy;
            Handle = new Queue(this, GetAsyncCallback<Offer>(OnOffer), GetAsyncCallback(OnComplete), GetAsyncCallback<Exception>(OnFail));
        }

        internal Queue Handle { get; }

        private void OnOffer(Offer offer)
        {
            if (_completing)
                Answer(offer, QueueOfferResult.QueueClosed.Instance);
            else if (_bufferSize == 0)
                OfferUnbuffered(offer);
            else if (_buffer.Count < _bufferSize)
                Enqueue(offer);
            else
                Overflow(offer);
            if (_buffer.First is { } first && IsAvailable(Out))
            {
                _buffer.RemoveFirst();
                Push(Out, first.Value);
            }
        }

        private void OfferUnbuffered(Offer offer)
        {
            if (IsAvailable(Out))
            {
                Push(Out, offer.Element);
                Answer(offer, QueueOfferResult.Enqueued.Instance);
            }
            else if (_waiting is null)
                _waiting = offer;
            else if (_strategy is OverflowStrategy.DropHead or OverflowStrategy.DropBuffer)
            {
                Answer(_waiting, QueueOfferResult.Dropped.Instance);
                _waiting = offer;
            }
            else if (_strategy is OverflowStrategy.DropTail or OverflowStrategy.DropNew)
                Answer(offer, QueueOfferResult.Dropped.Instance);
            else
                Overflow(offer);
        }

        private void Overflow(Offer offer)
        {
            switch (_strategy)
            {
                case OverflowStrategy.DropHead:
                    _buffer.RemoveFirst();
                    Enqueue(offer);
                    break;
                case OverflowStrategy.DropTail:
                    _buffer.RemoveLast();
                    Enqueue(offer);
                    break;
                case OverflowStrategy.DropBuffer:
                    _buffer.Clear();
                    Enqueue(offer);
                    break;
                case OverflowStrategy.DropNew:
                    Answer(offer, QueueOfferResult.Dropped.Instance);
                    break;
                case OverflowStrategy.Fail:
                    var overflow = new BufferOverflowException($"Buffer overflow (max capacity was: {_bufferSize})!");
                    Answer(offer, new QueueOfferResult.Failure(overflow));
                    OnFail(overflow);
                    break;
                default:
                    if (_waiting is null)
                        _waiting = offer;
                    else
                    {
                        Handle.Forget(offer);
                        offer.Answer.TrySetException(new Pattern.IllegalStateException(
                            "You have to wait for previous offer to be resolved to send another request"));
                    }
                    break;
            }
        }

        private void Enqueue(Offer offer)
        {
            _buffer.AddLast(offer.Element);
            Answer(offer, QueueOfferResult.Enqueued.Instance);
        }

        private void Answer(Offer offer, IQueueOfferResult result)
        {
            Handle.Forget(offer);
            offer.Answer.TrySetResult(result);
        }

        public override void OnPull()
        {
            if (_buffer.First is { } first)
            {
                _buffer.RemoveFirst();
                Push(Out, first.Value);
                if (_waiting is { } waiting)
                {
                    _waiting = null;
                    Enqueue(waiting);
                }
            }
            else if (_waiting is { } waiting)
            {
                _waiting = null;
                Push(Out, waiting.Element);
                Answer(waiting, QueueOfferResult.Enqueued.Instance);
            }
            CompleteWhenEmpty();
        }

        private void OnComplete()
        {
            _completing = true;
            CompleteWhenEmpty();
        }

        private void CompleteWhenEmpty()
        {
            if (!_completing || _buffer.Count > 0 || _waiting is not null)
                return;
            _end.TrySetResult(Done.Instance);
            CompleteStage();
        }

        private void OnFail(Exception e)
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
            base.OnDownstreamFinish(cause);
        }

        public override void PostStop()
        {
            _end.TrySetException(new AbruptStageTerminationException(this));
            Handle.Ended();
        }

        private IQueueOfferResult EndResult => _end.Task.IsCompletedSuccessfully
            ? QueueOfferResult.QueueClosed.Instance
            : new QueueOfferResult.Failure(_end.Task.Exception!.InnerException!);

        internal sealed class Queue(Logic logic, Action<Offer> offer, Action complete, Action<Exception> fail) : ISourceQueueWithComplete<T>
        {
            private readonly HashSet<Offer> _open = [];
            private bool _ended;

            public Task<IQueueOfferResult> OfferAsync(T element)
            {
                var made = new Offer(element);
                lock (_open)
                {
                    if (_ended)
                        return Task.FromResult(logic.EndResult);
                    _open.Add(made);
                }
                offer(made);
                return made.Answer.Task;
            }

            public Task WatchCompletionAsync() => logic._end.Task;
            public void Complete() => complete();
            public void Fail(Exception ex) => fail(ex);

            // Offers still in the mailbox when the stage ends would otherwise never be answered.
            internal void Ended()
            {
                lock (_open)
                {
                    _ended = true;
                    foreach (var open in _open)
                        open.Answer.TrySetResult(logic.EndResult);
                    _open.Clear();
                }
            }

            internal void Forget(Offer offer)
            {
                lock (_open)
                    _open.Remove(offer);
            }
        }
    }
}
