namespace Akka.Streams.Stage;

public abstract partial class GraphStageLogic
{
    /// <summary>A handler from functions; those left out do what <see cref="InHandler"/> does.</summary>
    protected sealed class LambdaInHandler : InHandler
    {
        private readonly Action _onPush;
        private readonly Action? _onUpstreamFinish;
        private readonly Action<Exception>? _onUpstreamFailure;

        public LambdaInHandler(Action onPush, Action? onUpstreamFinish = null, Action<Exception>? onUpstreamFailure = null)
        {
            _onPush = onPush;
            _onUpstreamFinish = onUpstreamFinish;
            _onUpstreamFailure = onUpstreamFailure;
        }

        public override void OnPush() => _onPush();

        public override void OnUpstreamFinish()
        {
            if (_onUpstreamFinish is null)
                base.OnUpstreamFinish();
            else
                _onUpstreamFinish();
        }

        public override void OnUpstreamFailure(Exception e)
        {
            if (_onUpstreamFailure is null)
                base.OnUpstreamFailure(e);
            else
                _onUpstreamFailure(e);
        }
    }

    /// <summary>A handler from functions; the one left out does what <see cref="OutHandler"/> does.</summary>
    protected sealed class LambdaOutHandler : OutHandler
    {
        private readonly Action _onPull;
        private readonly Action<Exception>? _onDownstreamFinish;

        public LambdaOutHandler(Action onPull, Action<Exception>? onDownstreamFinish = null)
        {
            _onPull = onPull;
            _onDownstreamFinish = onDownstreamFinish;
        }

        public override void OnPull() => _onPull();

        public override void OnDownstreamFinish(Exception cause)
        {
            if (_onDownstreamFinish is null)
                base.OnDownstreamFinish(cause);
            else
                _onDownstreamFinish(cause);
        }
    }

    /// <summary>Pushes the element as soon as the output is pulled, after what is already waiting there.</summary>
    protected void Emit<T>(Outlet<T> outlet, T element) => Emit(outlet, element, DoNothing);

    protected void Emit<T>(Outlet<T> outlet, T element, Action andThen)
    {
        if (IsAvailable(outlet))
        {
            Push(outlet, element);
            andThen();
        }
        else
            AddEmitting(outlet, new EmittingSingle<T>(this, outlet, element, andThen));
    }

    /// <summary>Pushes the elements one at each pull, after what is already waiting there.</summary>
    protected void EmitMultiple<T>(Outlet<T> outlet, IEnumerable<T> elements) => EmitMultiple(outlet, elements.GetEnumerator(), DoNothing);

    protected void EmitMultiple<T>(Outlet<T> outlet, IEnumerable<T> elements, Action andThen) =>
        EmitMultiple(outlet, elements.GetEnumerator(), andThen);

    protected void EmitMultiple<T>(Outlet<T> outlet, IEnumerator<T> enumerator) => EmitMultiple(outlet, enumerator, DoNothing);

    protected void EmitMultiple<T>(Outlet<T> outlet, IEnumerator<T> enumerator, Action andThen)
    {
        if (!enumerator.MoveNext())
        {
            andThen();
            return;
        }
        if (!IsAvailable(outlet))
        {
            AddEmitting(outlet, new EmittingMany<T>(this, outlet, enumerator, andThen));
            return;
        }
        Push(outlet, enumerator.Current);
        if (enumerator.MoveNext())
            AddEmitting(outlet, new EmittingMany<T>(this, outlet, enumerator, andThen));
        else
            andThen();
    }

    /// <summary>Forgets what is waiting to be emitted.</summary>
    protected void AbortEmitting<T>(Outlet<T> outlet)
    {
        if (GetHandler(outlet) is Emitting<T> emitting)
            SetHandler(outlet, emitting.Previous);
    }

    private void AddEmitting<T>(Outlet<T> outlet, Emitting<T> next)
    {
        if (GetHandler(outlet) is Emitting<T> emitting)
        {
            next.Previous = emitting.Previous;
            emitting.Append(next);
        }
        else
        {
            next.Previous = GetHandler(outlet);
            SetHandler(outlet, next);
        }
    }

    private abstract class Emitting : OutHandler
    {
        internal abstract void CompleteAfterwards();
    }

    private abstract class Emitting<T>(GraphStageLogic logic, Outlet<T> outlet, Action andThen) : Emitting
    {
        protected readonly GraphStageLogic Logic = logic;
        protected readonly Outlet<T> Outlet = outlet;
        internal IOutHandler Previous = null!;
        private Emitting<T>? _next;
        private Emitting<T>? _last;

        internal void Append(Emitting<T> emitting)
        {
            if (_next is null)
                _next = emitting;
            else
                _last!._next = emitting;
            _last = emitting;
        }

        internal override void CompleteAfterwards() =>
            Append(new EmittingCompletion<T>(Logic, Outlet) { Previous = Previous });

        protected void FollowUp()
        {
            Logic.SetHandler(Outlet, Previous);
            andThen();
            if (_next is null)
                return;
            // What andThen emitted comes after what was waiting before.
            if (Logic.GetHandler(Outlet) is Emitting<T> added)
                Append(added);
            var next = _next;
            if (next._next is not null)
                next._last = _last;
            _next = null;
            if (next is EmittingCompletion<T>)
                Logic.Interpreter.Complete(Logic._outs[Outlet.Id]);
            else
                Logic.SetHandler(Outlet, next);
        }

        public override void OnDownstreamFinish(Exception cause) => Previous.OnDownstreamFinish(cause);
    }

    private sealed class EmittingSingle<T>(GraphStageLogic logic, Outlet<T> outlet, T element, Action andThen)
        : Emitting<T>(logic, outlet, andThen)
    {
        public override void OnPull()
        {
            Logic.Push(Outlet, element);
            FollowUp();
        }
    }

    private sealed class EmittingMany<T>(GraphStageLogic logic, Outlet<T> outlet, IEnumerator<T> current, Action andThen)
        : Emitting<T>(logic, outlet, andThen)
    {
        public override void OnPull()
        {
            Logic.Push(Outlet, current.Current);
            if (!current.MoveNext())
                FollowUp();
        }
    }

    private sealed class EmittingCompletion<T>(GraphStageLogic logic, Outlet<T> outlet) : Emitting<T>(logic, outlet, DoNothing)
    {
        public override void OnPull() => Logic.Interpreter.Complete(Logic._outs[Outlet.Id]);
    }

    /// <summary>Gets one element of the input for the function; the input's own handler is set aside until then.</summary>
    protected void Read<T>(Inlet<T> inlet, Action<T> andThen, Action onClose)
    {
        if (IsAvailable(inlet))
            andThen(Grab(inlet));
        else if (IsClosed(inlet))
            onClose();
        else
        {
            RequireNotReading(inlet);
            SetHandler(inlet, new Reading<T>(this, inlet, 1, GetHandler(inlet), andThen, onClose));
            if (!HasBeenPulled(inlet))
                Pull(inlet);
        }
    }

    /// <summary>Gets a number of elements of the input for the function, or, if it closes before, those there were for the other one.</summary>
    protected void ReadMany<T>(Inlet<T> inlet, int n, Action<IEnumerable<T>> andThen, Action<IEnumerable<T>> onComplete)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        var elements = new List<T>(n);
        if (n == 0)
        {
            andThen(elements);
            return;
        }
        if (IsAvailable(inlet))
            elements.Add(Grab(inlet));
        if (elements.Count == n)
            andThen(elements);
        else if (IsClosed(inlet))
            onComplete(elements);
        else
        {
            RequireNotReading(inlet);
            SetHandler(inlet, new Reading<T>(this, inlet, n - elements.Count, GetHandler(inlet), element =>
            {
                elements.Add(element);
                if (elements.Count == n)
                    andThen(elements);
            }, () => onComplete(elements)));
            if (!HasBeenPulled(inlet))
                Pull(inlet);
        }
    }

    /// <summary>Ends a read; the input's own handler is back in place.</summary>
    protected void AbortReading<T>(Inlet<T> inlet)
    {
        if (GetHandler(inlet) is Reading<T> reading)
            SetHandler(inlet, reading.Previous);
    }

    private void RequireNotReading<T>(Inlet<T> inlet)
    {
        if (GetHandler(inlet) is Reading<T>)
            throw new InvalidOperationException($"Already reading on inlet {inlet}");
    }

    private sealed class Reading<T>(GraphStageLogic logic, Inlet<T> inlet, int n, IInHandler previous, Action<T> andThen, Action onClose) : InHandler
    {
        private int _left = n;

        internal IInHandler Previous => previous;

        public override void OnPush()
        {
            var element = logic.Grab(inlet);
            if (_left == 1)
                logic.SetHandler(inlet, previous);
            else
            {
                _left--;
                logic.Pull(inlet);
            }
            andThen(element);
        }

        public override void OnUpstreamFinish()
        {
            logic.SetHandler(inlet, previous);
            onClose();
            previous.OnUpstreamFinish();
        }

        public override void OnUpstreamFailure(Exception e)
        {
            logic.SetHandler(inlet, previous);
            previous.OnUpstreamFailure(e);
        }
    }

    /// <summary>Passes an input's elements to an output from now on, and its end too if wanted.</summary>
    protected void PassAlong<TOut, TIn>(Inlet<TIn> from, Outlet<TOut> to, bool doFinish = true, bool doFail = true, bool doPull = false) where TIn : TOut
    {
        var handler = new PassAlongHandler<TOut, TIn>(this, from, to, doFinish, doFail);
        if (IsAvailable(from))
            Emit(to, Grab(from), handler.PullAgain);
        if (doFinish && IsClosed(from))
            CompleteStage();
        SetHandler(from, handler);
        if (doPull)
            TryPull(from);
    }

    private sealed class PassAlongHandler<TOut, TIn>(GraphStageLogic logic, Inlet<TIn> from, Outlet<TOut> to, bool doFinish, bool doFail)
        : InHandler where TIn : TOut
    {
        internal void PullAgain() => logic.TryPull(from);

        public override void OnPush() => logic.Emit(to, logic.Grab(from), PullAgain);

        public override void OnUpstreamFinish()
        {
            if (doFinish)
                logic.CompleteStage();
        }

        public override void OnUpstreamFailure(Exception e)
        {
            if (doFail)
                logic.FailStage(e);
        }
    }
}
