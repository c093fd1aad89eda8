using Akka.Streams.Implementation;

namespace Akka.Streams.Stage;

/// <summary>What a stage does on the events of an input.</summary>
public interface IInHandler
{
    /// <summary>An element is there; <c>Grab</c> takes it.</summary>
    void OnPush();

    /// <summary>There will be no more elements.</summary>
    void OnUpstreamFinish();

    /// <summary>There will be no more elements, because of a failure.</summary>
    void OnUpstreamFailure(Exception e);
}

/// <summary>What a stage does on the events of an output.</summary>
public interface IOutHandler
{
    /// <summary>An element is wanted; <c>Push</c> gives it.</summary>
    void OnPull();

    /// <summary>No more elements are wanted.</summary>
    void OnDownstreamFinish(Exception cause);
}

/// <summary>An input's handler; unless overridden, the stage ends as its upstream does.</summary>
public abstract class InHandler : IInHandler
{
    protected InHandler() { }

    public abstract void OnPush();
    public virtual void OnUpstreamFinish() => GraphInterpreter.Current.ActiveStage.CompleteStage();
    public virtual void OnUpstreamFailure(Exception e) => GraphInterpreter.Current.ActiveStage.FailStage(e);
}

/// <summary>An output's handler; unless overridden, the stage ends when its downstream cancels.</summary>
public abstract class OutHandler : IOutHandler
{
    protected OutHandler() { }

    public abstract void OnPull();
    public virtual void OnDownstreamFinish(Exception cause) => GraphInterpreter.Current.ActiveStage.InternalOnDownstreamFinish(cause);
}

/// <summary>A handler for an input and an output.</summary>
public abstract class InAndOutHandler : IInHandler, IOutHandler
{
    protected InAndOutHandler() { }

    public abstract void OnPush();
    public virtual void OnUpstreamFinish() => GraphInterpreter.Current.ActiveStage.CompleteStage();
    public virtual void OnUpstreamFailure(Exception e) => GraphInterpreter.Current.ActiveStage.FailStage(e);
    public abstract void OnPull();
    public virtual void OnDownstreamFinish(Exception cause) => GraphInterpreter.Current.ActiveStage.InternalOnDownstreamFinish(cause);
}

/// <summary>A logic that handles its input itself.</summary>
public abstract class InGraphStageLogic : GraphStageLogic, IInHandler
{
    protected InGraphStageLogic(int inCount, int outCount) : base(inCount, outCount) { }
    protected InGraphStageLogic(Shape shape) : base(shape) { }

    public abstract void OnPush();
    public virtual void OnUpstreamFinish() => CompleteStage();
    public virtual void OnUpstreamFailure(Exception e) => FailStage(e);
}

/// <summary>A logic that handles its output itself.</summary>
public abstract class OutGraphStageLogic : GraphStageLogic, IOutHandler
{
    protected OutGraphStageLogic(int inCount, int outCount) : base(inCount, outCount) { }
    protected OutGraphStageLogic(Shape shape) : base(shape) { }

    public abstract void OnPull();
    public virtual void OnDownstreamFinish(Exception cause) => InternalOnDownstreamFinish(cause);
}

/// <summary>A logic that handles its input and its output itself.</summary>
public abstract class InAndOutGraphStageLogic : GraphStageLogic, IInHandler, IOutHandler
{
    protected InAndOutGraphStageLogic(int inCount, int outCount) : base(inCount, outCount) { }
    protected InAndOutGraphStageLogic(Shape shape) : base(shape) { }

    public abstract void OnPush();
    public virtual void OnUpstreamFinish() => CompleteStage();
    public virtual void OnUpstreamFailure(Exception e) => FailStage(e);
    public abstract void OnPull();
    public virtual void OnDownstreamFinish(Exception cause) => InternalOnDownstreamFinish(cause);
}

/// <summary>Ends the stage with its upstream, and ignores elements.</summary>
public sealed class EagerTerminateInput : InHandler
{
    public static readonly EagerTerminateInput Instance = new();
    private EagerTerminateInput() { }
    public override void OnPush() { }
}

/// <summary>Ends the stage with its downstream, and ignores demand.</summary>
public sealed class EagerTerminateOutput : OutHandler
{
    public static readonly EagerTerminateOutput Instance = new();
    private EagerTerminateOutput() { }
    public override void OnPull() { }
}

/// <summary>Does not end the stage when upstream completes; a failure still fails it.</summary>
public sealed class IgnoreTerminateInput : InHandler
{
    public static readonly IgnoreTerminateInput Instance = new();
    private IgnoreTerminateInput() { }
    public override void OnPush() { }
    public override void OnUpstreamFinish() { }
}

/// <summary>Does not end the stage when downstream cancels.</summary>
public sealed class IgnoreTerminateOutput : OutHandler
{
    public static readonly IgnoreTerminateOutput Instance = new();
    private IgnoreTerminateOutput() { }
    public override void OnPull() { }
    public override void OnDownstreamFinish(Exception cause) { }
}

/// <summary>Ignores completion and failure of upstream.</summary>
public sealed class TotallyIgnorantInput : InHandler
{
    public static readonly TotallyIgnorantInput Instance = new();
    private TotallyIgnorantInput() { }
    public override void OnPush() { }
    public override void OnUpstreamFinish() { }
    public override void OnUpstreamFailure(Exception e) { }
}

/// <summary>Ends the stage with its upstream while the predicate holds.</summary>
public class ConditionalTerminateInput : InHandler
{
    private readonly Func<bool> _predicate;

    public ConditionalTerminateInput(Func<bool> predicate) => _predicate = predicate;

    public override void OnPush() { }

    public override void OnUpstreamFinish()
    {
        if (_predicate())
            GraphInterpreter.Current.ActiveStage.CompleteStage();
    }
}

/// <summary>Ends the stage with its downstream while the predicate holds.</summary>
public class ConditionalTerminateOutput : OutHandler
{
    private readonly Func<bool> _predicate;

    public ConditionalTerminateOutput(Func<bool> predicate) => _predicate = predicate;

    public override void OnPull() { }

    public override void OnDownstreamFinish(Exception cause)
    {
        if (_predicate())
            GraphInterpreter.Current.ActiveStage.InternalOnDownstreamFinish(cause);
    }
}
