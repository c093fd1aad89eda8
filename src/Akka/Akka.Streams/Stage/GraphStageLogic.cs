using System.Runtime.CompilerServices;
using Akka.Event;
using Akka.Streams.Implementation;

namespace Akka.Streams.Stage;

/// <summary>Where a stage logs to.</summary>
public interface IStageLogging
{
    ILoggingAdapter Log { get; }
}

/// <summary>
/// What runs in a stage: handlers for its ports' events, and the state they share. All of it runs on one thread at a time;
/// from outside it is reached by <see cref="GetAsyncCallback{T}"/> or the stage actor alone.
/// </summary>
public abstract partial class GraphStageLogic : IStageLogging
{
    public readonly int InCount;
    public readonly int OutCount;

    public static Action DoNothing { get; } = () => { };
    public static readonly InHandler EagerTerminateInput = Stage.EagerTerminateInput.Instance;
    public static readonly OutHandler EagerTerminateOutput = Stage.EagerTerminateOutput.Instance;
    public static readonly InHandler IgnoreTerminateInput = Stage.IgnoreTerminateInput.Instance;
    public static readonly OutHandler IgnoreTerminateOutput = Stage.IgnoreTerminateOutput.Instance;
    public static readonly InHandler TotallyIgnorantInput = Stage.TotallyIgnorantInput.Instance;

    private readonly Connection[] _ins;
    private readonly Connection[] _outs;
    private readonly IInHandler?[] _inHandlers;
    private readonly IOutHandler?[] _outHandlers;
    private ILoggingAdapter? _log;

    /// <summary>How many ports are open, and whether the stage lives on without any; the interpreter's.</summary>
    internal int OpenPorts;

    internal bool IsFinalized;
    internal GraphInterpreter Interpreter = null!;
    internal Attributes Attributes = Attributes.None;
    internal string Name = "";

    protected GraphStageLogic(int inCount, int outCount)
    {
        InCount = inCount;
        OutCount = outCount;
        _ins = new Connection[inCount];
        _outs = new Connection[outCount];
        _inHandlers = new IInHandler[inCount];
        _outHandlers = new IOutHandler[outCount];
    }

    protected GraphStageLogic(Shape shape) : this(shape.Inlets.Length, shape.Outlets.Length)
    {
        // Handlers may be set in the constructor, before the materializer has numbered the ports.
        NumberPorts(shape);
    }

    /// <summary>Whether the stage lives on when all its ports are closed, until it completes or fails itself.</summary>
    public virtual bool KeepGoingAfterAllPortsClosed => false;

    protected IMaterializer Materializer => ActorMaterializer;

    internal ActorMaterializerImpl ActorMaterializer => Island?.Materializer
        ?? throw new InvalidOperationException("The materializer is there once the stage starts: not in its constructor");

    protected virtual object LogSource => this;

    public ILoggingAdapter Log => _log ??= ActorMaterializer.MakeLogger(LogSource);

    /// <summary>Runs before any event, once all stages are wired.</summary>
    public virtual void PreStart() { }

    /// <summary>Runs once after the stage has ended, however it ended.</summary>
    public virtual void PostStop() { }

    protected virtual void BeforePreStart() { }

    protected virtual void AfterPostStop() => StopStageActor();

    internal void CallBeforePreStart() => BeforePreStart();

    internal void CallAfterPostStop() => AfterPostStop();

    internal void LogError(Exception e, string format) => Log.Error(e, format, Name);

    internal static void NumberPorts(Shape shape)
    {
        for (var i = 0; i < shape.Inlets.Length; i++)
            shape.Inlets[i].Id = i;
        for (var i = 0; i < shape.Outlets.Length; i++)
            shape.Outlets[i].Id = i;
    }

    internal void Wire(int inlet, Connection connection)
    {
        _ins[inlet] = connection;
        connection.InOwner = this;
        connection.SetHandler(_inHandlers[inlet] ?? throw new InvalidOperationException($"No handler defined in stage [{Name}] for input port {inlet}"));
    }

    internal void WireOut(int outlet, Connection connection)
    {
        _outs[outlet] = connection;
        connection.OutOwner = this;
        connection.SetHandler(_outHandlers[outlet] ?? throw new InvalidOperationException($"No handler defined in stage [{Name}] for output port {outlet}"));
    }

    protected void SetHandler<T>(Inlet<T> inlet, IInHandler handler)
    {
        _inHandlers[inlet.Id] = handler;
        _ins[inlet.Id]?.SetHandler(handler);
    }

    protected void SetHandler<T>(Inlet<T> inlet, Action onPush, Action? onUpstreamFinish = null, Action<Exception>? onUpstreamFailure = null) =>
        SetHandler(inlet, new LambdaInHandler(onPush, onUpstreamFinish, onUpstreamFailure));

    protected void SetHandler<T>(Outlet<T> outlet, IOutHandler handler)
    {
        _outHandlers[outlet.Id] = handler;
        _outs[outlet.Id]?.SetHandler(handler);
    }

    protected void SetHandler<T>(Outlet<T> outlet, Action onPull, Action<Exception>? onDownstreamFinish = null) =>
        SetHandler(outlet, new LambdaOutHandler(onPull, onDownstreamFinish));

    protected void SetHandler<TIn, TOut>(Inlet<TIn> inlet, Outlet<TOut> outlet, InAndOutGraphStageLogic handler) =>
        SetHandlers(inlet, outlet, handler);

    protected void SetHandlers<TIn, TOut>(Inlet<TIn> inlet, Outlet<TOut> outlet, InAndOutGraphStageLogic handler)
    {
        SetHandler(inlet, (IInHandler)handler);
        SetHandler(outlet, (IOutHandler)handler);
    }

    protected IInHandler GetHandler<T>(Inlet<T> inlet) => _inHandlers[inlet.Id]!;

    protected IOutHandler GetHandler<T>(Outlet<T> outlet) => _outHandlers[outlet.Id]!;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Connection<T> At<T>(Inlet<T> inlet) => (Connection<T>)_ins[inlet.Id];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Connection<T> At<T>(Outlet<T> outlet) => (Connection<T>)_outs[outlet.Id];

    /// <summary>Gives an element to an output that has been pulled.</summary>
    protected void Push<T>(Outlet<T> outlet, T element)
    {
        var connection = At(outlet);
        var state = connection.State;
        if ((state & (Connection.OutReady | Connection.OutClosed | Connection.InClosed)) == Connection.OutReady && element is not null)
        {
            connection.State = (state ^ Connection.PushStartFlip) | Connection.Filled;
            connection.Element = element;
            Interpreter.ChasePush(connection);
        }
        else
            PushRefused(outlet, connection, element);
    }

    private static void PushRefused<T>(Outlet<T> outlet, Connection connection, T element)
    {
        if (element is null)
            throw new ArgumentNullException(nameof(element), "Element must not be null, rule 2.13");
        if ((connection.State & Connection.OutClosed) != 0)
            throw new ArgumentException($"Cannot push closed port ({outlet})");
        if ((connection.State & Connection.OutReady) == 0)
            throw new ArgumentException($"Cannot push port ({outlet}) twice, or before it being pulled");
        // The other side has closed meanwhile: the element is dropped, but it is no longer this side's turn.
        connection.State ^= Connection.PushStartFlip;
    }

    /// <summary>Asks an input for an element.</summary>
    protected void Pull<T>(Inlet<T> inlet)
    {
        var connection = _ins[inlet.Id];
        var state = connection.State;
        if ((state & (Connection.InReady | Connection.InClosed | Connection.OutClosed)) == Connection.InReady)
        {
            connection.State = state ^ Connection.PullStartFlip;
            Interpreter.ChasePull(connection);
        }
        else
        {
            if ((state & Connection.InClosed) != 0)
                throw new ArgumentException($"Cannot pull closed port ({inlet})");
            if ((state & Connection.InReady) == 0)
                throw new ArgumentException($"Cannot pull port ({inlet}) twice");
            connection.State = state ^ Connection.PullStartFlip;
        }
    }

    /// <summary>Asks an input for an element unless it is closed.</summary>
    protected void TryPull<T>(Inlet<T> inlet)
    {
        if (!IsClosed(inlet))
            Pull(inlet);
    }

    /// <summary>Takes the element of an input for which OnPush was called.</summary>
    protected T Grab<T>(Inlet<T> inlet)
    {
        var connection = At(inlet);
        if ((connection.State & (Connection.InReady | Connection.Filled)) != (Connection.InReady | Connection.Filled))
            throw new ArgumentException($"Cannot get element from already empty input port ({inlet})");
        connection.State &= ~Connection.Filled;
        var element = connection.Element;
        if (RuntimeHelpers.IsReferenceOrContainsReferences<T>())
            connection.Element = default!;
        return element;
    }

    protected bool HasBeenPulled<T>(Inlet<T> inlet) => (_ins[inlet.Id].State & (Connection.InReady | Connection.InClosed)) == 0;

    /// <summary>Whether <see cref="Grab"/> would give an element.</summary>
    protected bool IsAvailable<T>(Inlet<T> inlet) =>
        (_ins[inlet.Id].State & (Connection.InReady | Connection.Filled)) == (Connection.InReady | Connection.Filled);

    protected bool IsClosed<T>(Inlet<T> inlet) => (_ins[inlet.Id].State & Connection.InClosed) != 0;

    /// <summary>Whether the output has been pulled and may be pushed.</summary>
    protected bool IsAvailable<T>(Outlet<T> outlet) =>
        (_outs[outlet.Id].State & (Connection.OutReady | Connection.OutClosed)) == Connection.OutReady;

    protected bool IsClosed<T>(Outlet<T> outlet) => (_outs[outlet.Id].State & Connection.OutClosed) != 0;

    protected void SetKeepGoing(bool enabled) => GraphInterpreter.SetKeepGoing(this, enabled);

    protected void Cancel<T>(Inlet<T> inlet) => Cancel(inlet, SubscriptionWithCancelException.NoMoreElementsNeeded.Instance);

    protected void Cancel<T>(Inlet<T> inlet, Exception cause) => Interpreter.Cancel(_ins[inlet.Id], cause);

    /// <summary>Completes an output, after what is still to be emitted.</summary>
    protected void Complete<T>(Outlet<T> outlet) => CompleteOut(outlet.Id);

    private void CompleteOut(int outlet)
    {
        if (_outHandlers[outlet] is Emitting emitting)
            emitting.CompleteAfterwards();
        else
            Interpreter.Complete(_outs[outlet]);
    }

    /// <summary>Fails an output at once; what is still to be emitted is lost.</summary>
    protected void Fail<T>(Outlet<T> outlet, Exception reason) => Interpreter.Fail(_outs[outlet.Id], reason);

    /// <summary>Cancels all inputs, completes all outputs and ends the stage.</summary>
    public void CompleteStage()
    {
        foreach (var connection in _ins)
            Interpreter.Cancel(connection, SubscriptionWithCancelException.StageWasCompleted.Instance);
        for (var i = 0; i < _outs.Length; i++)
            CompleteOut(i);
        SetKeepGoing(false);
    }

    /// <summary>Cancels all inputs, fails all outputs and ends the stage.</summary>
    public void FailStage(Exception reason)
    {
        foreach (var connection in _ins)
            Interpreter.Cancel(connection, reason);
        foreach (var connection in _outs)
            Interpreter.Fail(connection, reason);
        SetKeepGoing(false);
    }

    /// <summary>Ends the stage as its downstream did: a cancellation completes it, one that carries a failure fails it.</summary>
    public void CancelStage(Exception cause)
    {
        if (cause is SubscriptionWithCancelException.NonFailureCancellation)
            CompleteStage();
        else
            FailStage(cause);
    }

    public void InternalOnDownstreamFinish(Exception cause) => CancelStage(cause);

    public static InHandler ConditionalTerminateInput(Func<bool> predicate) => new ConditionalTerminateInput(predicate);

    public static OutHandler ConditionalTerminateOutput(Func<bool> predicate) => new ConditionalTerminateOutput(predicate);
}
