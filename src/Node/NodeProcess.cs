using System.Net.Sockets;
using Actors.Broker;
using Actors.Broker.Network;
using Actors.Hocon;
using Actors.Node.Demo;
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

    /// <summary>Runs until SIGTERM or Ctrl+C, or until it is told to stop. The result is the process's exit code.</summary>
    /// <exception cref="HoconException">A topology's file is wrong.</exception>
    /// <exception cref="DataDirectoryInUseException">Another node has the data directory.</exception>
    /// <exception cref="PortInUseException">Somebody else listens there.</exception>
    public async Task<int> RunAsync()
    {
        var directory = Path.GetFullPath(settings.Data);
        var topologies = TopologyDirectory.Read(settings.TopologyDirectory);
        using var data = DataDirectoryLock.Acquire(directory);
        var config = AkkaConfiguration.Of(settings.Akka, directory, out var storage);
        var system = ActorSystem.Create("actors", config);
        try
        {
            await JournalOwnership.TakeAsync(system, settings.Broker.NodeId, storage);
            var broker = KafkaBroker.Start(system, settings.Broker);
            var state = new NodeState(settings, broker, storage);
            await using var app = Build(broker, state);
            await ListenAsync(app);
            await using var stopWhenTold = stop.Register(app.Lifetime.StopApplication);
            var (kafka, http) = Addresses(app);
            broker.Advertise(ListenerName.Default, new AdvertisedAddress(kafka.Host, kafka.Port));
            state.Listening(kafka, http);
            var stopping = app.Lifetime.ApplicationStopping;
            await broker.Serving.WaitAsync(stopping);
            await using var runtime = StartTopologies(system, broker, directory);
            state.RunsTopologies(runtime.Deployments);
            try
            {
                await topologies.DeployAsync(runtime.Deployments, stopping);
                state.Ready();
                ready(state);
                if (settings.Demo)
                    await CommercialsDemo.RunAsync(state.Cluster, runtime.Deployments, stopping);
                await Task.Delay(Timeout.Infinite, stopping);
            }
            finally
            {
                state.Stopping();
                await StopTopologiesAsync(runtime);
                await app.StopAsync();
                broker.StopServing();
            }
        }
        catch (OperationCanceledException)
        {
            // Asked to stop.
        }
        finally
        {
            await Task.WhenAny(system.Terminate(), Task.Delay(TerminateWithin));
        }
        return 0;
    }

    private TopologyRuntime StartTopologies(ActorSystem system, KafkaBroker broker, string directory) =>
        TopologyRuntime.Start(system, NodeState.Client(broker, "actors-topologies"), new TopologyRuntimeSettings
        {
            NodeId = settings.Broker.NodeId,
            HostsTasks = settings.Broker.Roles.Contains("streams"),
            SnapshotDirectory = Path.Combine(directory, "topologies"),
        });

    /// <summary>What has not committed by then is processed again at the next start.</summary>
    private static async Task StopTopologiesAsync(TopologyRuntime runtime)
    {
        try
        {
            await runtime.DisposeAsync().AsTask().WaitAsync(StopTopologiesWithin);
        }
        catch (TimeoutException)
        {
            await Console.Error.WriteLineAsync($"warning: the topologies did not stop within {StopTopologiesWithin.TotalSeconds} s");
        }
    }

    private WebApplication Build(KafkaBroker broker, NodeState state)
    {
        // Nothing by default: no settings files that are watched for changes, no environment, no logging but ours.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Services.AddRoutingCore();
        builder.Logging.ClearProviders().AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace).SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton(broker.Server);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = StopListenersWithin);
        // A frame is cut where it was read and a response sent where it was written: one turn of a thread less each way.
        builder.Services.Configure<SocketTransportOptions>(options => options.UnsafePreferInlineScheduling = true);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(settings.Kafka.Resolve(), listen => listen.UseConnectionHandler<KafkaConnectionHandler>());
            kestrel.Listen(settings.Http.Resolve(), listen => listen.Protocols = HttpProtocols.Http1);
        });
        // After Kestrel's own, which it replaces.
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, BlockMemoryPoolFactory>();
        var app = builder.Build();
        HttpApi.Map(app, state);
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
            throw new PortInUseException($"{settings.Kafka} or {settings.Http}: {e.Message}", e);
        }
    }

    private (HostAndPort Kafka, HostAndPort Http) Addresses(WebApplication app)
    {
        var ports = app.Urls.Select(url => new Uri(url).Port).ToList();
        return (settings.Kafka with { Port = ports[0] }, settings.Http with { Port = ports[1] });
    }
}

/// <summary>A port that the node was to listen on is taken.</summary>
internal sealed class PortInUseException(string message, Exception inner) : Exception(message, inner);
