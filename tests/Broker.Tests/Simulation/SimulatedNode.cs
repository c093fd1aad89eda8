using System.Buffers;
using System.IO.Pipelines;
using Actors.Broker.Network;
using Actors.Ownership;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;

namespace Actors.Broker.Tests.Simulation;

/// <summary>A broker on one thread under a virtual clock: nothing happens between calls of <see cref="Advance"/>.</summary>
internal sealed class SimulatedNode : IDisposable
{
    /// <summary>Where a test scheduler's clock begins.</summary>
    public static readonly DateTimeOffset Epoch = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly ActorSystem _system;
    private readonly List<SimulatedConnection> _connections = [];

    public SimulatedNode(SimulatedStorage storage, DateTimeOffset now, BrokerSettings? settings = null, INodeLease? lease = null)
    {
        _system = ActorSystem.Create("simulated", ConfigurationFactory.ParseString(Hocon(storage.Id)));
        Scheduler.AdvanceTo(now);
        Broker = KafkaBroker.Start(_system, (settings ?? new BrokerSettings()) with { ReadJournalPluginId = "akka.persistence.query.journal.simulated" }, lease);
        Broker.Advertise(ListenerName.Default, new AdvertisedAddress("simulated", 9092));
    }

    public KafkaBroker Broker { get; }

    public TestScheduler Scheduler => (TestScheduler)_system.Scheduler;

    /// <param name="unread">The broker waits once the client has not read so many bytes; 0 for never.</param>
    public SimulatedConnection Connect(int unread = 0)
    {
        var connection = new SimulatedConnection(Broker, unread);
        _connections.Add(connection);
        return connection;
    }

    public void Advance(int milliseconds)
    {
        for (var i = 0; i < milliseconds; i++)
            Scheduler.Advance(TimeSpan.FromMilliseconds(1));
    }

    /// <summary>Nothing of this incarnation runs any more; its storage must be told by <see cref="SimulatedStorage.Kill"/> first.</summary>
    public void Dispose() => _system.Terminate();

    private static string Hocon(string storage) => $$"""
        akka {
          loglevel = OFF
          stdout-loglevel = OFF
          log-dead-letters = off
          scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit"
          actor {
            default-dispatcher.type = "Akka.TestKit.CallingThreadDispatcherConfigurator, Akka.TestKit"
            internal-dispatcher.type = "Akka.TestKit.CallingThreadDispatcherConfigurator, Akka.TestKit"
            serializers.actors-journal = "Actors.Broker.Journal.JournalSerializer, Actors.Broker"
            serialization-bindings {
              "Actors.Machines.IMachineEvent, Actors.Machines" = actors-journal
              "Actors.Machines.PartitionSnapshot, Actors.Machines" = actors-journal
              "Actors.Machines.TopicsImage, Actors.Machines" = actors-journal
              "Actors.Machines.GroupSnapshot, Actors.Machines" = actors-journal
            }
          }
          persistence {
            journal.plugin = "akka.persistence.journal.simulated"
            journal.simulated {
              class = "Actors.Broker.Tests.Simulation.SimulatedJournal, Actors.Broker.Tests"
              plugin-dispatcher = "akka.actor.default-dispatcher"
              replay-dispatcher = "akka.actor.default-dispatcher"
              storage = "{{storage}}"
            }
            snapshot-store.plugin = "akka.persistence.snapshot-store.simulated"
            snapshot-store.simulated {
              class = "Actors.Broker.Tests.Simulation.SimulatedSnapshotStore, Actors.Broker.Tests"
              plugin-dispatcher = "akka.actor.default-dispatcher"
              storage = "{{storage}}"
            }
            query.journal.simulated {
              class = "Actors.Broker.Tests.Simulation.SimulatedReadJournalProvider, Actors.Broker.Tests"
              storage = "{{storage}}"
            }
            journal-plugin-fallback {
              replay-filter.mode = off
              circuit-breaker { max-failures = 1000000, call-timeout = 1h, reset-timeout = 1s }
              recovery-event-timeout = 1h
            }
            snapshot-store-plugin-fallback.circuit-breaker { max-failures = 1000000, call-timeout = 1h, reset-timeout = 1s }
          }
        }
        """;
}

/// <summary>A client's connection: frames in, frames out, no socket.</summary>
internal sealed class SimulatedConnection
{
    private readonly KafkaBroker _broker;
    private readonly Pipe _output;
    private readonly OpenConnection _connection;
    private readonly Dictionary<int, (ApiKey Key, short Version, Action<IMessage> Answered)> _open = [];
    private int _lastCorrelation;

    public SimulatedConnection(KafkaBroker broker, int unread = 0)
    {
        _broker = broker;
        _output = new Pipe(new PipeOptions(
            readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: unread, resumeWriterThreshold: unread / 2, useSynchronizationContext: false));
        _connection = broker.Server.Open(_output.Writer, new ConnectionInfo(ListenerName.Default, "/simulated"));
    }

    public int Open => _open.Count;

    /// <summary>Whether the broker has closed it.</summary>
    public bool IsEnded => _connection.Stopped.IsCompleted;

    /// <summary>Sends a request through its bytes; the callback gets the one response.</summary>
    public void Send(IRequest request, short version, Action<IMessage> answered)
    {
        var delivered = DeliverAsync(request, version, answered);
        if (!delivered.IsCompletedSuccessfully || !delivered.Result)
            throw new InvalidOperationException($"the broker did not take a {request.Key} at once");
    }

    /// <summary>The same, but the broker may take its time, or refuse.</summary>
    public ValueTask<bool> DeliverAsync(IRequest request, short version, Action<IMessage> answered)
    {
        var correlation = ++_lastCorrelation;
        var writer = new ProtocolWriter();
        Frame.WriteRequest(writer, request, version, correlation, "sim");
        var bytes = new ArrayBufferWriter<byte>();
        writer.CopyTo(bytes);
        _open.Add(correlation, (request.Key, version, answered));
        return DeliverAsync(bytes.WrittenMemory[Frame.LengthSize..]);
    }

    /// <summary>Any bytes at all in place of a request.</summary>
    public ValueTask<bool> DeliverAsync(ReadOnlyMemory<byte> frame) => _broker.Server.DeliverAsync(_connection, new ReadOnlySequence<byte>(frame), CancellationToken.None);

    /// <summary>The response to these bytes is to be read as of this version.</summary>
    public void Expect(int correlation, ApiKey key, short version, Action<IMessage> answered) => _open.Add(correlation, (key, version, answered));

    /// <summary>Reads the responses that are there.</summary>
    public void Receive()
    {
        while (_output.Reader.TryRead(out var read))
        {
            var buffer = read.Buffer;
            while (Frame.TryCut(ref buffer, int.MaxValue, out var frame) == FrameCut.Complete)
                Answer(frame);
            _output.Reader.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted || buffer.IsEmpty)
                return;
        }
    }

    private void Answer(ReadOnlySequence<byte> frame)
    {
        var correlation = new SequenceReader<byte>(frame);
        correlation.TryReadBigEndian(out int id);
        if (!_open.Remove(id, out var request))
            throw new InvalidOperationException($"a response for request {id}, which was answered already or never asked");
        var reader = new ProtocolReader(frame);
        ResponseHeader.Read(ref reader, ApiVersionTable.Of(request.Key).ResponseHeaderVersion(request.Version));
        request.Answered(ApiVersionTable.ReadResponse(request.Key, ref reader, request.Version));
    }
}
