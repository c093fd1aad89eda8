using Akka.Actor;
using Akka.Event;
using Akka.Streams.Stage;

namespace Akka.Streams.Implementation;

/// <summary>Something from outside for a stage.</summary>
internal abstract class AsyncInput : INoSerializationVerificationNeeded, IDeadLetterSuppression
{
    internal abstract void RunIn(GraphInterpreter interpreter);
}

internal sealed class AsyncInput<T>(GraphStageLogic logic, T value, Action<T> handler) : AsyncInput
{
    internal override void RunIn(GraphInterpreter interpreter) => interpreter.RunAsyncInput(logic, value, handler);
}

/// <summary>A running island: its interpreter, and the way to its actor, also before the actor has started.</summary>
internal sealed class Island
{
    private readonly object _gate = new();
    private readonly GraphStageLogic[] _logics;
    private List<AsyncInput>? _beforeStart = [];
    private volatile IActorRef? _actor;
    private bool _aborted;

    internal Island(ActorMaterializerImpl materializer, IslandPlan plan, int syncProcessingLimit)
    {
        Materializer = materializer;
        SyncProcessingLimit = syncProcessingLimit;
        _logics = [.. plan.Logics];
        Interpreter = new GraphInterpreter(_logics, plan.Connections);
    }

    internal ActorMaterializerImpl Materializer { get; }
    internal GraphInterpreter Interpreter { get; }
    internal int SyncProcessingLimit { get; }
    internal bool HasStarted => _actor is not null;

    /// <summary>Makes the stages reachable from outside; calls made before arrive now.</summary>
    internal void Attach()
    {
        foreach (var logic in _logics)
        {
            logic.Interpreter = Interpreter;
            logic.SetIsland(this);
        }
    }

    internal void Tell(AsyncInput input)
    {
        if (_actor is { } actor)
        {
            actor.Tell(input, ActorRefs.NoSender);
            return;
        }
        lock (_gate)
        {
            if (_beforeStart is null)
                _actor?.Tell(input, ActorRefs.NoSender);
            else
                _beforeStart.Add(input);
        }
    }

    /// <summary>False when the island has been aborted meanwhile.</summary>
    internal bool TryStart(IActorRef actor)
    {
        lock (_gate)
        {
            if (_aborted)
                return false;
            _beforeStart?.ForEach(input => actor.Tell(input, ActorRefs.NoSender));
            _beforeStart = null;
            _actor = actor;
            return true;
        }
    }

    /// <summary>Ends the stages of an island whose actor never started.</summary>
    internal void AbortUnstarted()
    {
        lock (_gate)
        {
            if (_actor is not null || _aborted)
                return;
            _aborted = true;
            _beforeStart = null;
        }
        foreach (var logic in _logics)
            logic.OpenPorts = 1;
        Interpreter.Finish();
    }
}

/// <summary>Runs an island, a bounded number of events at a time.</summary>
internal sealed class IslandActor(Island island) : ActorBase
{
    private sealed class Resume : INoSerializationVerificationNeeded, IDeadLetterSuppression
    {
        internal static readonly Resume Instance = new();
    }

    private readonly GraphInterpreter _interpreter = island.Interpreter;
    private bool _resumeSent;

    protected override void PreStart()
    {
        if (!island.TryStart(Self))
        {
            Context.Stop(Self);
            return;
        }
        _interpreter.Init();
        Run();
    }

    protected override bool Receive(object message)
    {
        if (message is AsyncInput input)
            input.RunIn(_interpreter);
        else if (message is Resume)
            _resumeSent = false;
        else
            return false;
        Run();
        return true;
    }

    private void Run()
    {
        _interpreter.Execute(island.SyncProcessingLimit);
        if (_interpreter.IsCompleted)
            Context.Stop(Self);
        else if (_interpreter.IsSuspended && !_resumeSent)
        {
            _resumeSent = true;
            Self.Tell(Resume.Instance, ActorRefs.NoSender);
        }
    }

    protected override void PostStop()
    {
        island.Materializer.Ended(island);
        if (island.HasStarted)
            _interpreter.Finish();
    }
}

/// <summary>The parent of a materializer's islands. A failing island is stopped; its stages end abruptly.</summary>
internal sealed class StreamSupervisor(StreamSupervisor.Registry registry) : ActorBase
{
    /// <summary>The islands that have been handed to the supervisor and have not ended.</summary>
    internal sealed class Registry
    {
        private readonly HashSet<Island> _islands = [];
        private bool _closed;

        internal bool Add(Island island)
        {
            lock (_islands)
                return !_closed && _islands.Add(island);
        }

        internal void Remove(Island island)
        {
            lock (_islands)
                _islands.Remove(island);
        }

        internal Island[] Close()
        {
            lock (_islands)
            {
                _closed = true;
                return [.. _islands];
            }
        }

        internal bool IsClosed
        {
            get
            {
                lock (_islands)
                    return _closed;
            }
        }
    }

    internal sealed record Run(Island Island, string Name, string Dispatcher) : INoSerializationVerificationNeeded;

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    protected override bool Receive(object message)
    {
        if (message is not Run run)
            return false;
        var props = Props.Create(() => new IslandActor(run.Island));
        Context.ActorOf(run.Dispatcher.Length == 0 ? props : props.WithDispatcher(run.Dispatcher), run.Name);
        return true;
    }

    protected override void PostStop()
    {
        foreach (var island in registry.Close())
            island.AbortUnstarted();
    }
}
