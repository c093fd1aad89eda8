using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

internal sealed class Select<TIn, TOut>(Func<TIn, TOut> function) : LinearStage<TIn, TOut>("Select")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this, function, inheritedAttributes);

    private sealed class Logic(Select<TIn, TOut> stage, Func<TIn, TOut> function, Attributes attributes) : LinearLogic<TIn, TOut>(stage, attributes)
    {
        public override void OnPush()
        {
            try
            {
                Push(Out, function(Grab(In)));
            }
            catch (Exception e)
            {
                if (Survives(e))
                    PullUnlessPulled();
            }
        }
    }
}

internal sealed class Where<T>(Predicate<T> predicate) : LinearStage<T, T>("Where")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this, predicate, inheritedAttributes);

    private sealed class Logic(Where<T> stage, Predicate<T> predicate, Attributes attributes) : LinearLogic<T, T>(stage, attributes)
    {
        public override void OnPush()
        {
            try
            {
                var element = Grab(In);
                if (predicate(element))
                    Push(Out, element);
                else
                    Pull(In);
            }
            catch (Exception e)
            {
                if (Survives(e))
                    PullUnlessPulled();
            }
        }
    }
}

internal sealed class Collect<TIn, TOut>(Func<TIn, bool> isDefined, Func<TIn, TOut> collector) : LinearStage<TIn, TOut>("Collect")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this, isDefined, collector, inheritedAttributes);

    private sealed class Logic(Collect<TIn, TOut> stage, Func<TIn, bool> isDefined, Func<TIn, TOut> collector, Attributes attributes)
        : LinearLogic<TIn, TOut>(stage, attributes)
    {
        public override void OnPush()
        {
            try
            {
                var element = Grab(In);
                if (isDefined(element))
                    Push(Out, collector(element));
                else
                    Pull(In);
            }
            catch (Exception e)
            {
                if (Survives(e))
                    PullUnlessPulled();
            }
        }
    }
}

internal sealed class Take<T>(long count) : LinearStage<T, T>("Take")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this, count, inheritedAttributes);

    private sealed class Logic(Take<T> stage, long count, Attributes attributes) : LinearLogic<T, T>(stage, attributes)
    {
        private long _left = count;

        public override void PreStart()
        {
            if (_left <= 0)
                CompleteStage();
        }

        public override void OnPush()
        {
            Push(Out, Grab(In));
            if (--_left <= 0)
                CompleteStage();
        }
    }
}

internal sealed class TakeWhile<T>(Predicate<T> predicate, bool inclusive) : LinearStage<T, T>("TakeWhile")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this, predicate, inclusive, inheritedAttributes);

    private sealed class Logic(TakeWhile<T> stage, Predicate<T> predicate, bool inclusive, Attributes attributes) : LinearLogic<T, T>(stage, attributes)
    {
        public override void OnPush()
        {
            try
            {
                var element = Grab(In);
                if (predicate(element))
                {
                    Push(Out, element);
                    return;
                }
                if (inclusive)
                    Push(Out, element);
                CompleteStage();
            }
            catch (Exception e)
            {
                if (Survives(e))
                    PullUnlessPulled();
            }
        }
    }
}

internal sealed class Skip<T>(long count) : LinearStage<T, T>("Skip")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this, count, inheritedAttributes);

    private sealed class Logic(Skip<T> stage, long count, Attributes attributes) : LinearLogic<T, T>(stage, attributes)
    {
        private long _left = count;

        public override void OnPush()
        {
            var element = Grab(In);
            if (_left > 0)
            {
                _left--;
                Pull(In);
            }
            else
                Push(Out, element);
        }
    }
}

internal sealed class SkipWhile<T>(Predicate<T> predicate) : LinearStage<T, T>("SkipWhile")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this, predicate, inheritedAttributes);

    private sealed class Logic(SkipWhile<T> stage, Predicate<T> predicate, Attributes attributes) : LinearLogic<T, T>(stage, attributes)
    {
        private bool _passing;

        public override void OnPush()
        {
            try
            {
                var element = Grab(In);
                _passing = _passing || !predicate(element);
                if (_passing)
                    Push(Out, element);
                else
                    Pull(In);
            }
            catch (Exception e)
            {
                if (Survives(e))
                    PullUnlessPulled();
            }
        }
    }
}

internal sealed class Scan<TIn, TOut>(TOut zero, Func<TOut, TIn, TOut> aggregate) : LinearStage<TIn, TOut>("Scan")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this, zero, aggregate, inheritedAttributes);

    private sealed class Logic(Scan<TIn, TOut> stage, TOut zero, Func<TOut, TIn, TOut> aggregate, Attributes attributes)
        : LinearLogic<TIn, TOut>(stage, attributes)
    {
        private readonly TOut _zero = zero;
        private TOut _value = zero;
        private bool _zeroIsOut;

        public override void OnPull()
        {
            if (_zeroIsOut)
            {
                Pull(In);
                return;
            }
            _zeroIsOut = true;
            Push(Out, _value);
            if (IsClosed(In))
                CompleteStage();
        }

        public override void OnPush()
        {
            try
            {
                _value = aggregate(_value, Grab(In));
                Push(Out, _value);
            }
            catch (Exception e)
            {
                if (Survives(e) && _zeroIsOut)
                    PullUnlessPulled();
            }
        }

        // After a restart the zero is given out again, in place of the element that failed.
        protected override void Restart()
        {
            _value = _zero;
            Push(Out, _value);
            _zeroIsOut = true;
        }

        public override void OnUpstreamFinish()
        {
            if (_zeroIsOut)
                CompleteStage();
        }

        public override void OnUpstreamFailure(Exception e)
        {
            if (!_zeroIsOut && IsAvailable(Out))
                Push(Out, _value);
            FailStage(e);
        }
    }
}

internal sealed class Aggregate<TIn, TOut>(TOut zero, Func<TOut, TIn, TOut> aggregate) : LinearStage<TIn, TOut>("Aggregate")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this, zero, aggregate, inheritedAttributes);

    private sealed class Logic(Aggregate<TIn, TOut> stage, TOut zero, Func<TOut, TIn, TOut> aggregate, Attributes attributes)
        : LinearLogic<TIn, TOut>(stage, attributes)
    {
        private readonly TOut _zero = zero;
        private TOut _value = zero;

        public override void OnPush()
        {
            try
            {
                _value = aggregate(_value, Grab(In));
                Pull(In);
            }
            catch (Exception e)
            {
                if (Survives(e))
                    PullUnlessPulled();
            }
        }

        protected override void Restart() => _value = _zero;

        public override void OnPull()
        {
            if (IsClosed(In))
                End();
            else
                Pull(In);
        }

        public override void OnUpstreamFinish()
        {
            if (IsAvailable(Out))
                End();
        }

        private void End()
        {
            Push(Out, _value);
            CompleteStage();
        }
    }
}

internal sealed class Sum<T>(Func<T, T, T> reduce) : LinearStage<T, T>("Sum")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this, reduce, inheritedAttributes);

    private sealed class Logic(Sum<T> stage, Func<T, T, T> reduce, Attributes attributes) : LinearLogic<T, T>(stage, attributes)
    {
        private T _value = default!;
        private bool _any;

        public override void OnPush()
        {
            try
            {
                var element = Grab(In);
                _value = _any ? reduce(_value, element) : element;
                _any = true;
                Pull(In);
            }
            catch (Exception e)
            {
                if (Survives(e))
                    PullUnlessPulled();
            }
        }

        protected override void Restart() => _any = false;

        public override void OnPull()
        {
            if (IsClosed(In))
                End();
            else
                Pull(In);
        }

        public override void OnUpstreamFinish()
        {
            if (!_any)
                FailStage(new NoSuchElementException("Sum over empty stream"));
            else if (IsAvailable(Out))
                End();
        }

        private void End()
        {
            Push(Out, _value);
            CompleteStage();
        }
    }
}

internal sealed class StatefulSelectMany<TIn, TOut>(Func<Func<TIn, IEnumerable<TOut>>> factory) : LinearStage<TIn, TOut>("StatefulSelectMany")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this, factory, inheritedAttributes);

    private sealed class Logic(StatefulSelectMany<TIn, TOut> stage, Func<Func<TIn, IEnumerable<TOut>>> factory, Attributes attributes)
        : LinearLogic<TIn, TOut>(stage, attributes)
    {
        private Func<TIn, IEnumerable<TOut>> _function = factory();
        private IEnumerator<TOut>? _current;
        private bool _hasNext;

        public override void OnPush()
        {
            try
            {
                _current = _function(Grab(In)).GetEnumerator();
                _hasNext = _current.MoveNext();
                PushOrPull();
            }
            catch (Exception e)
            {
                Failed(e);
            }
        }

        public override void OnPull()
        {
            try
            {
                PushOrPull();
            }
            catch (Exception e)
            {
                Failed(e);
            }
        }

        public override void OnUpstreamFinish()
        {
            if (!_hasNext)
                CompleteStage();
        }

        private void PushOrPull()
        {
            if (_hasNext)
            {
                Push(Out, _current!.Current);
                _hasNext = _current.MoveNext();
                if (!_hasNext && IsClosed(In))
                    CompleteStage();
            }
            else if (!IsClosed(In))
                Pull(In);
            else
                CompleteStage();
        }

        private void Failed(Exception e)
        {
            if (!Survives(e))
                return;
            _hasNext = false;
            _current = null;
            if (IsClosed(In))
                CompleteStage();
            else if (IsAvailable(Out))
                PullUnlessPulled();
        }

        protected override void Restart() => _function = factory();

        public override void PostStop() => _current?.Dispose();
    }
}

internal sealed class Recover<T>(Func<Exception, Util.Option<T>> recovery) : LinearStage<T, T>("Recover")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this, recovery, inheritedAttributes);

    private sealed class Logic(Recover<T> stage, Func<Exception, Util.Option<T>> recovery, Attributes attributes) : LinearLogic<T, T>(stage, attributes)
    {
        private Util.Option<T> _last;

        public override void OnPush() => Push(Out, Grab(In));

        public override void OnPull()
        {
            if (!_last.HasValue)
            {
                Pull(In);
                return;
            }
            Push(Out, _last.Value);
            CompleteStage();
        }

        public override void OnUpstreamFailure(Exception e)
        {
            var recovered = recovery(e);
            if (!recovered.HasValue)
                FailStage(e);
            else if (IsAvailable(Out))
            {
                Push(Out, recovered.Value);
                CompleteStage();
            }
            else
                _last = recovered;
        }
    }
}

internal sealed class SelectError<T>(Func<Exception, Exception> selector) : LinearStage<T, T>("SelectError")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this, selector, inheritedAttributes);

    private sealed class Logic(SelectError<T> stage, Func<Exception, Exception> selector, Attributes attributes) : LinearLogic<T, T>(stage, attributes)
    {
        public override void OnPush() => Push(Out, Grab(In));
        public override void OnUpstreamFailure(Exception e) => FailStage(selector(e));
    }
}
