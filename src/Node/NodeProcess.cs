using System.Net.Sockets;
using Actors.Broker;
using Actors.Broker.Network;
using Actors.Hocon;
using Actors.Node.Demo;
using Actors.Node.Logs;
using Actors.Node.Metrics;
using Actors.Ownership;
using Actors.Topology.Runtime;
using Akka.Actor;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Actors.Node;

/// <summary>A node from its start to its end: data directory, actors, listeners, the ready line, an orderly stop.</summary>
/// <param name="settings">What it is told.</param>
/// <param name="ready">Told once, when the node can serve.</param>
/// <param name="stop">Stops it as SIGTERM does.</param>
internal sealed class NodeProcess(NodeSettings settings, Action<NodeState> ready, CancellationToken stop = default)
{
    // Together less than the ten seconds that an orderly stop may take.
    private static readonly TimeSpan StopTopologiesWithin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StopListenersWithin = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan TerminateWithin = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan StopTopologiesOfMemberWithin = TimeSpan.FromSeconds(2.5);
    private static readonly TimeSpan DrainWithin = TimeSpan.FromSeconds(2.5);
    private static readonly TimeSpan LeaveWithin = TimeSpan.FromSeconds(4.5);

    // The ports once they are known, so that a node which starts again is found where it was.
    private NodeSettings _settings = settings;
    private bool _wasReady;

    /// <summary>Runs until SIGTERM or Ctrl+C, or until it is told to stop. The result is the process's exit code.</summary>
    /// <exception cref="HoconException">A topology's file is wrong.</exception>
    /// <exception cref="DataDirectoryInUseException">Another node has the data directory.</exception>
    /// <exception cref="DataUnusableException">Its database is damaged, a newer node wrote there, it may not be written, or there is no room to.</exception>
    /// <exception cref="JournalUnavailableException">The journal cannot be written or read.</exception>
    /// <exception cref="PortInUseException">Somebody else listens there.</exception>
    public async Task<int> RunAsync()
    {
        NodeLog.Format = _settings.Observability.LogFormat;
        var directory = Path.GetFullPath(_settings.Data);
        var topologies = TopologyDirectory.Read(_settings.Topologies.Directory);
        var database = AkkaConfiguration.Journal(_settings, directory);
        try
        {
            using var data = Prepare(directory, database);
            while (await RunOnceAsync(directory, topologies) == RunEnd.PutOut)
                await NodeLog.WarningAsync($"node {_settings.Broker.NodeId} was put out by its peers, which saw no sign of life for {_settings.Cluster.Lease.Lease.TotalSeconds} s; it starts again");
            return 0;
        }
        catch (Exception e) when (StorageFull.Is(e))
        {
            throw JournalFile.NoRoom(directory, database, e);
        }
    }

    /// <summary>The data directory, locked, of a version that this node reads, with a sound database.</summary>
    private DataDirectoryLock Prepare(string directory, JournalDatabase database)
    {
        DataDirectoryLock? held = null;
        try
        {
            held = DataDirectoryLock.Acquire(directory);
            DataVersion.Check(directory);
            JournalFile.Check(database);
            AkkaConfiguration.CreateDirectories(_settings, directory);
            return held;
        }
        catch (Exception e)
        {
            held?.Dispose();
            if (e is UnauthorizedAccessException or IOException and not DataDirectoryInUseException && !StorageFull.Is(e))
                throw new DataUnusableException($"The data directory {directory} cannot be used: {e.Message.TrimEnd('.')}. Let the node's user write there, or name another directory with --data.", e);
            throw;
        }
    }

    /// <summary>One start of the node: everything in it is new, the data directory's lock and the ports aside.</summary>
    private async Task<RunEnd> RunOnceAsync(string directory, TopologyDirectory topologies)
    {
        var identity = NodeIdentity.New(_settings.Broker.NodeId);
        var system = ActorSystem.Create("actors", AkkaConfiguration.Of(_settings, directory, identity, out var storage));
        var database = AkkaConfiguration.Journal(_settings, directory).For(identity);
        ClusterNode? member = null;
        try
        {
            if (_settings.Broker.IsClustered)
                member = await ClusterNode.StartAsync(system, _settings, database, identity);
            else
                await JournalOwnership.TakeAsync(system, database, identity, storage);
            var volume = AkkaConfiguration.Journal(_settings, directory).Volume;
            var broker = KafkaBroker.Start(
                system, _settings.Broker with { Incarnation = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), LogDirectory = volume ?? storage, LogVolume = volume }, member?.Lease);
            var state = new NodeState(_settings, broker, storage, database);
            using var metrics = new NodeMetrics(state, _settings.Observability.LagInterval);
            await using var app = Build(broker, state, metrics);
            await ListenAsync(app);
            await using var stopWhenTold = stop.Register(app.Lifetime.StopApplication);
            Listening(app, broker, state);
            using var stopping = CancellationTokenSource.CreateLinkedTokenSource(app.Lifetime.ApplicationStopping);
            _ = member?.Over.ContinueWith(_ => stopping.Cancel(), TaskScheduler.Default);
            try
            {
                if (member is not null)
                    await member.JoinAsync(_settings, stopping.Token);
                await ServeAsync(system, broker, state, metrics, directory, topologies, member, stopping.Token);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                // Asked to stop, or put out.
            }
            state.Stopping();
            if (member is { Over.IsCompleted: true } && !app.Lifetime.ApplicationStopping.IsCancellationRequested)
            {
                await member.AbandonAsync(TerminateWithin);
                await StopListeningAsync();
                return RunEnd.PutOut;
            }
            if (member is not null)
            {
                await broker.DrainedAsync(DrainWithin);
                await member.LeaveAsync(StopListeningAsync, LeaveWithin);
            }
            else
                await StopListeningAsync();
            return RunEnd.Stopped;

            async Task StopListeningAsync()
            {
                await app.StopAsync();
                broker.StopServing();
            }
        }
        finally
        {
            await Task.WhenAny(system.Terminate(), Task.Delay(TerminateWithin));
            member?.Dispose();
        }
    }

    private async Task ServeAsync(ActorSystem system, KafkaBroker broker, NodeState state, NodeMetrics metrics, string directory, TopologyDirectory topologies, ClusterNode? member, CancellationToken stopping)
    {
        await broker.Serving.WaitAsync(stopping);
        await using var running = new StoppedInTime(
            StartTopologies(system, broker, directory),
            () => member is null ? StopTopologiesWithin : member.Over.IsCompleted ? TimeSpan.Zero : StopTopologiesOfMemberWithin);
        var deployments = running.Runtime.Deployments;
        state.RunsTopologies(deployments);
        await topologies.DeployAsync(deployments, stopping);
        state.Ready();
        var told = _settings.Observability;
        using var export = told.OtlpEndpoint.Length > 0 ? new OtlpExport(metrics, state.NodeId, told.OtlpEndpoint, told.OtlpInterval) : null;
        using var traces = told is { OtlpEndpoint.Length: > 0, TracedShare: > 0 } ? new OtlpTraces(state.NodeId, told.OtlpEndpoint, told.OtlpInterval, told.TracedShare) : null;
        if (!_wasReady)
            ready(state);
        _wasReady = true;
        if (_settings.Demo)
            await CommercialsDemo.RunAsync(state.Cluster, deployments, stopping);
        await Task.Delay(Timeout.Infinite, stopping);
    }

    private void Listening(WebApplication app, KafkaBroker broker, NodeState state)
    {
        var ports = app.Urls.Select(url => new Uri(url).Port).ToList();
        var listeners = _settings.Listeners.Select((listener, index) => listener with { Listen = listener.Listen with { Port = ports[index] } }).ToList();
        _settings = _settings with { Listeners = listeners, Http = _settings.Http with { Port = ports[^1] } };
        state.Listening(_settings.Kafka, Reachable(_settings.Http));
        foreach (var listener in listeners)
        {
            var told = listener.Advertised ?? Reachable(listener.Listen);
            broker.Advertise(listener.Name, new AdvertisedAddress(told.Host, told.Port == 0 ? listener.Listen.Port : told.Port), new AdvertisedAddress(listener.Listen.Host, listener.Listen.Port));
        }
    }

    /// <summary>Who listens on every address is told to others by the name that its clients, or else its peers, use.</summary>
    private HostAndPort Reachable(HostAndPort listening)
    {
        if (listening.Host is not ("0.0.0.0" or "::"))
            return listening;
        var told = _settings.Listeners[0].Advertised?.Host ?? (_settings.Broker.IsClustered ? _settings.Cluster.Remote.Host : null);
        return told is null ? listening : listening with { Host = told };
    }

    private enum RunEnd
    {
        /// <summary>Asked to.</summary>
        Stopped,

        /// <summary>Its peers took over from it.</summary>
        PutOut,
    }

    private TopologyRuntime StartTopologies(ActorSystem system, KafkaBroker broker, string directory) =>
        TopologyRuntime.Start(system, NodeState.Client(broker, "actors-topologies"), new TopologyRuntimeSettings
        {
            NodeId = _settings.Broker.NodeId,
            HostsTasks = _settings.Broker.Roles.Contains("streams"),
            SnapshotDirectory = Path.Combine(directory, "topologies"),
            RestartPause = _settings.Topologies.RetryPause,
            GreatestRestartPause = _settings.Topologies.GreatestRetryPause,
        });

    /// <summary>What has not committed when the time is over is processed again at the next start.</summary>
    /// <param name="runtime">What is stopped.</param>
    /// <param name="within">How long it may take; no time at all for a node that was put out, whose tasks others run already.</param>
    private sealed class StoppedInTime(TopologyRuntime runtime, Func<TimeSpan> within) : IAsyncDisposable
    {
        public TopologyRuntime Runtime => runtime;

        public async ValueTask DisposeAsync()
        {
            var (stopped, most) = (runtime.DisposeAsync().AsTask(), within());
            await Task.WhenAny(stopped, Task.Delay(most));
            if (stopped.IsCompleted)
                await stopped;
            else if (most > TimeSpan.Zero)
                await NodeLog.WarningAsync($"the topologies did not stop within {most.TotalSeconds} s");
        }
    }

    private WebApplication Build(KafkaBroker broker, NodeState state, NodeMetrics metrics)
    {
        // Nothing by default: no settings files that are watched for changes, no environment, no logging but ours.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Services.AddRoutingCore();
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Warning);
        if (_settings.Observability.LogFormat == LogFormat.Json)
            builder.Logging.AddProvider(new JsonLoggerProvider());
        else
            builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.AddSingleton(broker.Server);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = StopListenersWithin);
        // A frame is cut where it was read and a response sent where it was written: one turn of a thread less each way.
        builder.Services.Configure<SocketTransportOptions>(options => options.UnsafePreferInlineScheduling = true);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            foreach (var listener in _settings.Listeners)
                kestrel.Listen(listener.Listen.Resolve(), listen =>
                {
                    listen.Use(next => connection =>
                    {
                        ListenerName.Set(connection, listener.Name);
                        return next(connection);
                    });
                    listen.UseConnectionHandler<KafkaConnectionHandler>();
                });
            kestrel.Listen(_settings.Http.Resolve(), listen => listen.Protocols = HttpProtocols.Http1);
        });
        // After Kestrel's own, which it replaces.
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, BlockMemoryPoolFactory>();
        var app = builder.Build();
        HttpApi.Map(app, state, metrics);
        return app;
    }

    private async Task ListenAsync(WebApplication app)
    {
        try
        {
            await app.StartAsync();
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new PortInUseException(e.Message, e);
        }
        catch (SocketException e)
        {
            throw new PortInUseException($"{string.Join(", ", _settings.Listeners.Select(listener => listener.Listen))} or {_settings.Http}: {e.Message}", e);
        }
    }
}

/// <summary>A port that the node was to listen on is taken.</summary>
internal sealed class PortInUseException(string message, Exception inner) : Exception(message, inner);
