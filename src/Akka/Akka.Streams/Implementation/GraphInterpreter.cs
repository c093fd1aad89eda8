using Akka.Streams.Stage;
using static Akka.Streams.Implementation.Connection;

namespace Akka.Streams.Implementation;

/// <summary>
/// Runs the stages of one island by passing events along its connections, on the thread of the island's actor. Events wait in a
/// ring; the event that a stage has just caused is mostly followed at once ("chased"), which keeps an element's way short.
/// </summary>
internal sealed class GraphInterpreter
{
    private const int ChaseLimit = 16;
    internal const int KeepGoingFlag = 0x4000000;
    private const int KeepGoingMask = 0x3ffffff;

    [ThreadStatic] private static GraphInterpreter? _current;

    private readonly GraphStageLogic[] _logics;
    private readonly Connection[] _queue;
    private readonly int _mask;
    private int _head;
    private int _tail;
    private int _runningStages;
    private int _chaseCounter;
    private Connection? _chasedPush;
    private Connection? _chasedPull;
    private GraphStageLogic? _activeStage;

    internal GraphInterpreter(GraphStageLogic[] logics, int connections)
    {
        _logics = logics;
        var size = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(2, connections + 1));
        _queue = new Connection[size];
        _mask = size - 1;
    }

    internal static GraphInterpreter Current => _current ?? throw new InvalidOperationException("Something went terribly wrong!");

    internal GraphStageLogic ActiveStage => _activeStage ?? throw new InvalidOperationException("No stage is active");

    internal bool IsSuspended => _head != _tail;

    internal bool IsCompleted => _runningStages == 0 && !IsSuspended;

    /// <summary>Starts every stage.</summary>
    internal void Init()
    {
        var previous = _current;
        _current = this;
        try
        {
            _runningStages = _logics.Length;
            foreach (var logic in _logics)
            {
                logic.OpenPorts = logic.InCount + logic.OutCount + (logic.KeepGoingAfterAllPortsClosed ? KeepGoingFlag : 0);
                logic.Interpreter = this;
            }
            foreach (var logic in _logics)
            {
                _activeStage = logic;
                try
                {
                    logic.CallBeforePreStart();
                    logic.PreStart();
                }
                catch (Exception e)
                {
                    logic.LogError(e, "Error during PreStart in [{0}]");
                    logic.FailStage(e);
                }
                AfterStageHasRun(logic);
            }
        }
        finally
        {
            _current = previous;
        }
    }

    /// <summary>Ends the stages that have not ended yet: their PostStop runs, nothing else.</summary>
    internal void Finish()
    {
        var previous = _current;
        _current = this;
        try
        {
            foreach (var logic in _logics)
                if (logic.OpenPorts != 0)
                {
                    logic.OpenPorts = 0;
                    Finalize(logic);
                }
            _runningStages = 0;
            _head = _tail;
        }
        finally
        {
            _current = previous;
        }
    }

    /// <summary>Handles at most the given number of events, and those they lead to at once; returns what is left of the number.</summary>
    internal int Execute(int eventLimit)
    {
        var previous = _current;
        _current = this;
        var remaining = eventLimit;
        try
        {
            while (true)
            {
                try
                {
                    RunEvents(ref remaining);
                    return remaining;
                }
                catch (Exception e) when (_activeStage is not null)
                {
                    ReportStageError(e);
                    AfterStageHasRun(_activeStage);
                }
            }
        }
        finally
        {
            // Events that come from outside are queued, never chased.
            _chaseCounter = 0;
            _current = previous;
        }
    }

    private void RunEvents(ref int remaining)
    {
        while (remaining > 0 && _head != _tail)
        {
            var connection = _queue[_head & _mask];
            _queue[_head & _mask] = null!;
            _head++;
            remaining--;
            _chaseCounter = Math.Min(ChaseLimit, remaining);
            Process(connection);
            AfterStageHasRun(_activeStage);

            while (_chasedPush is { } pushed)
            {
                _chasedPush = null;
                ProcessPush(pushed);
                AfterStageHasRun(_activeStage);
            }
            while (_chasedPull is { } pulled)
            {
                _chasedPull = null;
                ProcessPull(pulled);
                AfterStageHasRun(_activeStage);
            }
            if (_chasedPush is { } late)
            {
                _chasedPush = null;
                Enqueue(late);
            }
        }
    }

    private void ReportStageError(Exception e)
    {
        var stage = _activeStage!;
        stage.LogError(e, "Error in stage [{0}]");
        stage.FailStage(e);
        _chaseCounter = 0;
        if (_chasedPush is { } pushed)
        {
            _chasedPush = null;
            Enqueue(pushed);
        }
        if (_chasedPull is { } pulled)
        {
            _chasedPull = null;
            Enqueue(pulled);
        }
    }

    /// <summary>Gives a stage something from outside the stream.</summary>
    internal void RunAsyncInput<T>(GraphStageLogic logic, T value, Action<T> handler)
    {
        if (logic.OpenPorts == 0)
            return;
        var previous = _current;
        _current = this;
        try
        {
            _activeStage = logic;
            try
            {
                handler(value);
            }
            catch (Exception e)
            {
                ReportStageError(e);
            }
            AfterStageHasRun(logic);
        }
        finally
        {
            _current = previous;
        }
    }

    private void Process(Connection connection)
    {
        // Nothing may be delivered: then no stage has run, and none may be finalised twice.
        _activeStage = null;
        var state = connection.State;
        if ((state & (Pushing | InClosed | OutClosed)) == Pushing)
            ProcessPush(connection);
        else if ((state & (Pulling | OutClosed | InClosed)) == Pulling)
            ProcessPull(connection);
        else if ((state & (OutClosed | InClosed)) == InClosed)
        {
            _activeStage = connection.OutOwner;
            connection.State |= OutClosed;
            PortClosed(connection.OutOwner);
            connection.OutHandler.OnDownstreamFinish(connection.CancelCause!);
        }
        else if ((state & (OutClosed | InClosed)) == OutClosed)
        {
            if ((state & Pushing) != 0)
            {
                // The element comes first, then what closed the port.
                Enqueue(connection);
                ProcessPush(connection);
                return;
            }
            connection.State |= InClosed;
            _activeStage = connection.InOwner;
            PortClosed(connection.InOwner);
            if ((state & InFailed) == 0)
                connection.InHandler.OnUpstreamFinish();
            else
                connection.InHandler.OnUpstreamFailure(connection.Failure!);
        }
    }

    private void ProcessPush(Connection connection)
    {
        _activeStage = connection.InOwner;
        connection.State ^= PushEndFlip;
        connection.OnPush();
    }

    private void ProcessPull(Connection connection)
    {
        _activeStage = connection.OutOwner;
        connection.State ^= PullEndFlip;
        connection.OnPull();
    }

    private void AfterStageHasRun(GraphStageLogic? logic)
    {
        if (logic is { OpenPorts: 0, IsFinalized: false })
        {
            _runningStages--;
            Finalize(logic);
        }
    }

    private static void Finalize(GraphStageLogic logic)
    {
        logic.IsFinalized = true;
        try
        {
            logic.PostStop();
            logic.CallAfterPostStop();
        }
        catch (Exception e)
        {
            logic.LogError(e, "Error during PostStop in [{0}]");
        }
    }

    private static void PortClosed(GraphStageLogic logic)
    {
        if ((logic.OpenPorts & KeepGoingMask) > 0)
            logic.OpenPorts--;
    }

    internal static void SetKeepGoing(GraphStageLogic logic, bool enabled)
    {
        if (enabled)
            logic.OpenPorts |= KeepGoingFlag;
        else
            logic.OpenPorts &= KeepGoingMask;
    }

    private void Enqueue(Connection connection) => _queue[_tail++ & _mask] = connection;

    internal void ChasePush(Connection connection)
    {
        if (_chaseCounter > 0 && _chasedPush is null)
        {
            _chaseCounter--;
            _chasedPush = connection;
        }
        else
            Enqueue(connection);
    }

    internal void ChasePull(Connection connection)
    {
        if (_chaseCounter > 0 && _chasedPull is null)
        {
            _chaseCounter--;
            _chasedPull = connection;
        }
        else
            Enqueue(connection);
    }

    internal void Complete(Connection connection)
    {
        var state = connection.State;
        connection.State = state | OutClosed;
        if (ReferenceEquals(_chasedPush, connection))
        {
            // A push followed by a completion is no longer an event that can be chased.
            _chasedPush = null;
            Enqueue(connection);
        }
        else if ((state & (InClosed | Pushing | Pulling | OutClosed)) == 0)
            Enqueue(connection);
        if ((state & OutClosed) == 0)
            PortClosed(connection.OutOwner);
    }

    internal void Fail(Connection connection, Exception reason)
    {
        var state = connection.State;
        connection.State = state | OutClosed;
        if ((state & (InClosed | OutClosed)) == 0)
        {
            connection.State = state | OutClosed | InFailed;
            connection.Failure = reason;
            if ((state & (Pulling | Pushing)) == 0)
                Enqueue(connection);
            else if (ReferenceEquals(_chasedPush, connection))
            {
                _chasedPush = null;
                Enqueue(connection);
            }
        }
        if ((state & OutClosed) == 0)
            PortClosed(connection.OutOwner);
    }

    internal void Cancel(Connection connection, Exception cause)
    {
        var state = connection.State;
        connection.State = state | InClosed;
        if ((state & OutClosed) == 0)
        {
            connection.Drop();
            connection.CancelCause ??= cause;
            if ((state & (Pulling | Pushing | InClosed)) == 0)
                Enqueue(connection);
            else if (ReferenceEquals(_chasedPull, connection))
            {
                _chasedPull = null;
                Enqueue(connection);
            }
        }
        if ((state & InClosed) == 0)
            PortClosed(connection.InOwner);
    }
}
