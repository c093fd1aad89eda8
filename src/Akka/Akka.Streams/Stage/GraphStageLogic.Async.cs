using Akka.Actor;
using Akka.Streams.Implementation;

namespace Akka.Streams.Stage;

public abstract partial class GraphStageLogic
{
    private readonly object _gate = new();
    private List<AsyncInput>? _beforeWiring;
    private volatile Island? _island;
    private StageActor? _stageActor;

    internal Island? Island => _island;

    internal void SetIsland(Island island)
    {
        lock (_gate)
        {
            _island = island;
            _beforeWiring?.ForEach(island.Tell);
            _beforeWiring = null;
        }
    }

    /// <summary>
    /// A function that may be called from any thread, at any time, and has the handler run in the stage. Calls after the stage's
    /// end do nothing.
    /// </summary>
    protected Action<T> GetAsyncCallback<T>(Action<T> handler) => value => TellSelf(new AsyncInput<T>(this, value, handler));

    protected Action GetAsyncCallback(Action handler)
    {
        Action<NotUsed> call = _ => handler();
        return () => TellSelf(new AsyncInput<NotUsed>(this, NotUsed.Instance, call));
    }

    private void TellSelf(AsyncInput input)
    {
        if (_island is { } island)
        {
            island.Tell(input);
            return;
        }
        lock (_gate)
        {
            if (_island is { } wired)
                wired.Tell(input);
            else
                (_beforeWiring ??= []).Add(input);
        }
    }

    protected virtual string? StageActorName => null;

    /// <summary>The stage's actor, for others to tell the stage something.</summary>
    public StageActor StageActor => _stageActor ?? throw StageActorRefNotInitializedException.Instance;

    /// <summary>Makes the stage's actor, or gives it another behaviour.</summary>
    protected StageActor GetStageActor(StageActorRef.Receive receive)
    {
        if (_stageActor is null)
            _stageActor = new StageActor(ActorMaterializer, r => GetAsyncCallback<(IActorRef, object)>(x => r(x)), receive, StageActorName);
        else
            _stageActor.Become(receive);
        return _stageActor;
    }

    private void StopStageActor()
    {
        _stageActor?.Stop();
        _stageActor = null;
    }
}
