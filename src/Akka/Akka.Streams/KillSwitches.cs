using Akka.Streams.Stage;

namespace Akka.Streams;

/// <summary>Ends streams from outside.</summary>
public interface IKillSwitch
{
    /// <summary>Completes downstream and cancels upstream.</summary>
    void Shutdown();

    /// <summary>Fails downstream and cancels upstream.</summary>
    void Abort(Exception cause);
}

/// <summary>Makes kill switches.</summary>
public static class KillSwitches
{
    /// <summary>A flow that gives each run a switch of its own.</summary>
    public static IGraph<FlowShape<T, T>, UniqueKillSwitch> Single<T>() => new UniqueKillSwitchStage<T>();

    /// <summary>A switch for any number of streams.</summary>
    public static SharedKillSwitch Shared(string name) => new(name);
}

/// <summary>What a switch has been told, and what is to happen then; the first word counts.</summary>
internal sealed class KillSignal
{
    private readonly TaskCompletionSource<Exception?> _told = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal Task<Exception?> Told => _told.Task;
    internal void Shutdown() => _told.TrySetResult(null);
    internal void Abort(Exception cause) => _told.TrySetResult(cause);
}

/// <summary>Ends one stream.</summary>
public sealed class UniqueKillSwitch : IKillSwitch
{
    private readonly KillSignal _signal;

    internal UniqueKillSwitch(KillSignal signal) => _signal = signal;

    public void Shutdown() => _signal.Shutdown();
    public void Abort(Exception cause) => _signal.Abort(cause);
    public override string ToString() => "UniqueKillSwitch";
}

/// <summary>Ends all streams it is part of, those started afterwards too.</summary>
public sealed class SharedKillSwitch : IKillSwitch
{
    private readonly KillSignal _signal = new();
    private readonly string _name;

    internal SharedKillSwitch(string name) => _name = name;

    public void Shutdown() => _signal.Shutdown();
    public void Abort(Exception cause) => _signal.Abort(cause);

    /// <summary>A flow that ends when the switch is told to.</summary>
    public IGraph<FlowShape<T, T>, SharedKillSwitch> Flow<T>() => new SharedKillSwitchStage<T>(this, _signal);

    public override string ToString() => $"KillSwitch({_name})";
}

internal sealed class UniqueKillSwitchStage<T> : GraphStageWithMaterializedValue<FlowShape<T, T>, UniqueKillSwitch>
{
    public override FlowShape<T, T> Shape { get; } = new(new Inlet<T>("KillSwitch.in"), new Outlet<T>("KillSwitch.out"));

    public override ILogicAndMaterializedValue<UniqueKillSwitch> CreateLogicAndMaterializedValue(Attributes inheritedAttributes)
    {
        var signal = new KillSignal();
        return new LogicAndMaterializedValue<UniqueKillSwitch>(new KillSwitchLogic<T>(Shape, signal), new UniqueKillSwitch(signal));
    }
}

internal sealed class SharedKillSwitchStage<T>(SharedKillSwitch owner, KillSignal signal)
    : GraphStageWithMaterializedValue<FlowShape<T, T>, SharedKillSwitch>
{
    public override FlowShape<T, T> Shape { get; } = new(new Inlet<T>("SharedKillSwitch.in"), new Outlet<T>("SharedKillSwitch.out"));

    public override ILogicAndMaterializedValue<SharedKillSwitch> CreateLogicAndMaterializedValue(Attributes inheritedAttributes) =>
        new LogicAndMaterializedValue<SharedKillSwitch>(new KillSwitchLogic<T>(Shape, signal), owner);
}

internal sealed class KillSwitchLogic<T> : InAndOutGraphStageLogic
{
    private readonly FlowShape<T, T> _shape;
    private readonly KillSignal _signal;
    private readonly CancellationTokenSource _ended = new();

    internal KillSwitchLogic(FlowShape<T, T> shape, KillSignal signal) : base(shape)
    {
        _shape = shape;
        _signal = signal;
        SetHandlers(shape.Inlet, shape.Outlet, this);
    }

    public override void PreStart()
    {
        if (_signal.Told.IsCompletedSuccessfully)
        {
            Switch(_signal.Told.Result);
            return;
        }
        var callback = GetAsyncCallback<Exception?>(Switch);
        // A shared switch outlives its streams: one that has ended must not stay registered.
        _signal.Told.ContinueWith(told => callback(told.Result), _ended.Token,
            TaskContinuationOptions.OnlyOnRanToCompletion | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private void Switch(Exception? cause)
    {
        if (cause is null)
            CompleteStage();
        else
            FailStage(cause);
    }

    public override void OnPush() => Push(_shape.Outlet, Grab(_shape.Inlet));
    public override void OnPull() => Pull(_shape.Inlet);

    public override void PostStop()
    {
        _ended.Cancel();
        _ended.Dispose();
    }
}
