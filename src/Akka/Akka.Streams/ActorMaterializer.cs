using System.Runtime.CompilerServices;
using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;
using Akka.Streams.Implementation;
using Decider = Akka.Streams.Supervision.Decider;

namespace Akka.Streams;

/// <summary>Turns a graph's description into something that runs.</summary>
public interface IMaterializer
{
    /// <summary>Runs the graph and returns its value.</summary>
    TMat Materialize<TMat>(IGraph<ClosedShape, TMat> runnable);

    TMat Materialize<TMat>(IGraph<ClosedShape, TMat> runnable, Attributes initialAttributes);

    ICancelable ScheduleOnce(TimeSpan delay, Action action);

    ICancelable ScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action);

    IMaterializer WithNamePrefix(string namePrefix);

    MessageDispatcher ExecutionContext { get; }
}

/// <summary>Makes loggers for stages.</summary>
public interface IMaterializerLoggingProvider
{
    ILoggingAdapter MakeLogger(object logSource);
}

/// <summary>Runs graphs in actors, which end with the materializer.</summary>
public abstract class ActorMaterializer : IMaterializer, IMaterializerLoggingProvider, IDisposable
{
    protected ActorMaterializer() { }

    /// <summary>A materializer whose actors live under the system or the actor of this context, and end with it.</summary>
    public static ActorMaterializer Create(IActorRefFactory context, ActorMaterializerSettings? settings = null, string? namePrefix = null) =>
        ActorMaterializerImpl.For(context, settings, namePrefix ?? "Flow");

    public abstract ActorMaterializerSettings Settings { get; }
    public abstract bool IsShutdown { get; }
    public abstract MessageDispatcher ExecutionContext { get; }
    public abstract ActorSystem System { get; }
    public abstract ILoggingAdapter Logger { get; }
    public abstract IActorRef Supervisor { get; }
    public abstract TMat Materialize<TMat>(IGraph<ClosedShape, TMat> runnable);
    public abstract TMat Materialize<TMat>(IGraph<ClosedShape, TMat> runnable, Attributes initialAttributes);
    public abstract ICancelable ScheduleOnce(TimeSpan delay, Action action);
    public abstract ICancelable ScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action);
    public abstract IMaterializer WithNamePrefix(string namePrefix);
    public abstract ILoggingAdapter MakeLogger(object logSource);

    /// <summary>Ends all streams of this materializer abruptly; no other can be started.</summary>
    public abstract void Shutdown();

    public void Dispose() => Shutdown();
}

/// <summary>Materializers for systems and actors.</summary>
public static class ActorMaterializerExtensions
{
    public static ActorMaterializer Materializer(this IActorRefFactory context, ActorMaterializerSettings? settings = null, string? namePrefix = null) =>
        ActorMaterializer.Create(context, settings, namePrefix);

    private static readonly ConditionalWeakTable<ActorSystem, ActorMaterializer> OfSystems = [];

    internal static ActorMaterializer Shared(ActorSystem system) => OfSystems.GetValue(system, s => ActorMaterializer.Create(s));
}

/// <summary>How streams run unless their attributes say otherwise.</summary>
public sealed class ActorMaterializerSettings
{
    private ActorMaterializerSettings(int initial, int max, string dispatcher, Decider decider, int syncProcessingLimit)
    {
        InitialInputBufferSize = initial;
        MaxInputBufferSize = max;
        Dispatcher = dispatcher;
        SupervisionDecider = decider;
        SyncProcessingLimit = syncProcessingLimit;
    }

    public readonly int InitialInputBufferSize;
    public readonly int MaxInputBufferSize;
    public readonly string Dispatcher;
    public readonly Decider SupervisionDecider;

    /// <summary>How many events an island handles before it lets other actors run.</summary>
    public readonly int SyncProcessingLimit;

    /// <summary>The settings under <c>akka.stream.materializer</c>.</summary>
    public static ActorMaterializerSettings Create(ActorSystem system)
    {
        var config = system.Settings.Config;
        const string root = "akka.stream.materializer";
        return new ActorMaterializerSettings(
            config.GetInt($"{root}.initial-input-buffer-size", 4),
            config.GetInt($"{root}.max-input-buffer-size", 16),
            config.GetString($"{root}.dispatcher", ""),
            Supervision.Deciders.StoppingDecider,
            config.GetInt($"{root}.sync-processing-limit", 1000));
    }

    public ActorMaterializerSettings WithInputBuffer(int initialSize, int maxSize) =>
        new(initialSize, maxSize, Dispatcher, SupervisionDecider, SyncProcessingLimit);

    public ActorMaterializerSettings WithDispatcher(string dispatcher) =>
        new(InitialInputBufferSize, MaxInputBufferSize, dispatcher, SupervisionDecider, SyncProcessingLimit);

    public ActorMaterializerSettings WithSupervisionStrategy(Decider decider) =>
        new(InitialInputBufferSize, MaxInputBufferSize, Dispatcher, decider, SyncProcessingLimit);

    public ActorMaterializerSettings WithSyncProcessingLimit(int limit) =>
        new(InitialInputBufferSize, MaxInputBufferSize, Dispatcher, SupervisionDecider, limit);
}
