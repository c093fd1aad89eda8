using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Actors.Machines;
using Akka.Actor;
using Akka.Configuration;
using Akka.Coordination;
using Akka.Persistence;

namespace Actors.Ownership.Tests;

/// <summary>What makes a node's part in ownership: an actor system with the SQL journal, a listener, the node's lease and the leases that stand on it.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    private const string LeasePath = "actors.lease";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TcpListener _listener;
    private int _writers;

    private TestNode(ActorSystem system, NodeLease lease, TcpListener listener, JournalDatabase database, string writerUuid, ConcurrentQueue<string> log)
    {
        (System, Lease, _listener, Database, WriterUuid, Log) = (system, lease, listener, database, writerUuid, log);
        lease.BindTo(system);
        lease.Lost += () => Events.Enqueue("lost");
        lease.Regained += () => Events.Enqueue("regained");
        lease.Fenced += () => Events.Enqueue("fenced");
    }

    public ActorSystem System { get; }

    public NodeLease Lease { get; }

    public JournalDatabase Database { get; }

    public string WriterUuid { get; }

    public ConcurrentQueue<string> Events { get; } = new();

    public ConcurrentQueue<string> Log { get; }

    public static async Task<TestNode> StartAsync(JournalDatabase shared, int nodeId, OwnershipSettings? times = null, Func<IRenewals, IRenewals>? renewals = null)
    {
        times ??= OwnershipSettings.Default;
        var identity = NodeIdentity.New(nodeId);
        var database = shared.For(identity);
        var system = ActorSystem.Create($"node{nodeId}", Configuration(database));
        var writer = await JournalWriter.LearnUuidAsync(system, database, identity.Name, Patience);
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var log = new ConcurrentQueue<string>();
        var settings = new NodeLeaseSettings(database, identity, listener.LocalEndpoint.ToString()!, writer, times, (what, cause) => log.Enqueue($"{what} {cause?.Message}"));
        var session = new LeaseSession(database, identity.SessionName, times.Tenure - times.Renewal, awaitDisk: false);
        var lease = await NodeLease.StartAsync(settings, renewals?.Invoke(session) ?? session);
        return new TestNode(system, lease, listener, database, writer, log);
    }

    public SqlLease Want(string name) => (SqlLease)LeaseProvider.Get(System).GetLease(name, LeasePath, $"node{Lease.Node.NodeId}");

    /// <summary>Asks for a lease as sharding does, again and again.</summary>
    public async Task<TimeSpan> AcquireWithin(string name, TimeSpan limit)
    {
        var started = DateTime.UtcNow;
        var lease = Want(name);
        while (!await lease.Acquire())
        {
            if (DateTime.UtcNow - started > limit) throw new TimeoutException($"{name} could not be acquired within {limit}: {string.Join("; ", Lease.Peers)}; {string.Join("; ", Log)}");
            await Task.Delay(25);
        }
        return DateTime.UtcNow - started;
    }

    /// <summary>Stores one event through the real journal; the cause if it was not stored. A recovery that failed, as after a session's end, is tried again.</summary>
    public async Task<string?> Append(string persistenceId)
    {
        while (true)
        {
            var outcome = new TaskCompletionSource<(bool Recovered, string? Cause)>(TaskCreationOptions.RunContinuationsAsynchronously);
            var actor = System.ActorOf(Props.Create(() => new Appender(persistenceId, outcome)), $"appender{Interlocked.Increment(ref _writers)}");
            var (recovered, cause) = await outcome.Task.WaitAsync(Patience);
            await actor.GracefulStop(Patience);
            if (recovered) return cause;
        }
    }

    /// <summary>A process that ended: nothing is renewed, its port refuses. The actor system stays, to try what a thawed one would.</summary>
    public void Kill()
    {
        Lease.Dispose();
        _listener.Stop();
    }

    public async ValueTask DisposeAsync()
    {
        Lease.Dispose();
        _listener.Stop();
        await System.Terminate();
    }

    private static Config Configuration(JournalDatabase database) => ConfigurationFactory.ParseString($$"""
        {{LeasePath}}.lease-class = "Actors.Ownership.SqlLease, Actors.Ownership"
        akka {
          loglevel = OFF
          stdout-loglevel = OFF
          persistence {
            journal.plugin = "akka.persistence.journal.sql"
            journal.sql { provider-name = "{{database.ProviderName}}", connection-string = "{{database.ConnectionString}}" }
            snapshot-store.plugin = "akka.persistence.snapshot-store.sql"
            snapshot-store.sql { provider-name = "{{database.ProviderName}}", connection-string = "{{database.ConnectionString}}" }
            journal-plugin-fallback.circuit-breaker { max-failures = 1000, call-timeout = 60s, reset-timeout = 1s }
          }
        }
        """).WithFallback(Akka.Persistence.Sql.SqlPersistence.DefaultConfiguration).WithFallback(Persistence.DefaultConfig());

    private sealed class Appender : ReceivePersistentActor
    {
        private readonly TaskCompletionSource<(bool Recovered, string? Cause)> _outcome;

        public Appender(string persistenceId, TaskCompletionSource<(bool Recovered, string? Cause)> outcome)
        {
            PersistenceId = persistenceId;
            _outcome = outcome;
            Recover<RecoveryCompleted>(_ => Persist(new byte[] { 1 }, _ => _outcome.TrySetResult((true, null))));
            Recover<object>(_ => { });
            CommandAny(Unhandled);
        }

        public override string PersistenceId { get; }

        protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr) => _outcome.TrySetResult((true, cause.Message));

        protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr) => _outcome.TrySetResult((true, cause.Message));

        protected override void OnRecoveryFailure(Exception reason, object? message = null) => _outcome.TrySetResult((false, reason.Message));
    }
}

/// <summary>Waits for what another thread brings about.</summary>
internal static class Eventually
{
    public static async Task Holds(Func<bool> condition, string what, TimeSpan? within = null)
    {
        for (var deadline = DateTime.UtcNow + (within ?? TimeSpan.FromSeconds(10)); !condition(); await Task.Delay(10))
            if (DateTime.UtcNow > deadline)
                throw new TimeoutException($"Not in time: {what}");
    }
}
