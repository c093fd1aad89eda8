using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Actors.Protocol;
using Akka.Actor;
using Akka.Event;

namespace Actors.Broker.Network;

/// <summary>Serves connections, from a socket or from inside the process: cuts frames, decodes them and tells the connection's actor.</summary>
public sealed class KafkaServer
{
    /// <summary>Bytes that a request costs the budgets beside its frame, so that many small ones are bounded too.</summary>
    private const int RequestOverhead = 1024;

    /// <summary>How long a client waits for a node that starts before it is to try another.</summary>
    private static readonly TimeSpan KnowsTopicsWithin = TimeSpan.FromSeconds(2);

    private readonly BrokerContext _broker;
    private readonly ActorSystem _system;
    private readonly ILoggingAdapter _log;
    private int _connections;

    internal KafkaServer(BrokerContext broker, ActorSystem system)
    {
        _broker = broker;
        _system = system;
        _log = Logging.GetLogger(system, "kafka");
    }

    /// <summary>Connections open now.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Serves one connection until it ends.</summary>
    /// <param name="transport">The bytes from and to the client.</param>
    /// <param name="listener">The name of the listener that it came in by.</param>
    /// <param name="client">The client's address; null inside the process.</param>
    /// <param name="closed">Ends the connection.</param>
    /// <param name="stopping">Takes no more requests, and ends the connection once those that came are answered.</param>
    public async Task ServeAsync(IDuplexPipe transport, string listener, EndPoint? client, CancellationToken closed, CancellationToken stopping = default)
    {
        if (Interlocked.Increment(ref _connections) > _broker.Settings.MaxConnections)
        {
            _log.Warning("connection from {0} closed: {1} are open (actors.kafka.max-connections)", client, _broker.Settings.MaxConnections);
            await RefuseAsync(transport);
            return;
        }
        if (!await KnowsTopicsAsync(closed, stopping))
        {
            await RefuseAsync(transport);
            return;
        }
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(closed);
        OpenConnection connection;
        try
        {
            connection = Open(transport.Output, new ConnectionInfo(listener, client is IPEndPoint ip ? $"/{ip.Address}" : "/in-process"), ended.Cancel);
        }
        catch (InvalidOperationException e)
        {
            _log.Debug("connection from {0} closed: the actor system is ending ({1})", client, e.Message);
            await RefuseAsync(transport);
            return;
        }
        try
        {
            using var reading = CancellationTokenSource.CreateLinkedTokenSource(ended.Token, stopping);
            await ReadFramesAsync(transport.Input, connection, reading.Token);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested && !ended.IsCancellationRequested)
        {
            connection.Actor.Tell(LastRequestRead.Instance, ActorRefs.NoSender);
            await connection.Stopped.WaitAsync(ended.Token).ContinueWith(static _ => { }, TaskScheduler.Default);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            _log.Debug("connection from {0} ended: {1}", connection.Info.ClientHost, e.Message);
        }
        finally
        {
            connection.Actor.Tell(InputEnded.Instance, ActorRefs.NoSender);
            await transport.Input.CompleteAsync();
            await connection.Stopped;
            // What its actor was told after it had stopped, it could not give back.
            _broker.InFlight.Release(connection.Own.Used);
            Interlocked.Decrement(ref _connections);
        }
    }

    /// <summary>A node that does not know yet which topics there are would say of each that it does not exist.</summary>
    private async ValueTask<bool> KnowsTopicsAsync(CancellationToken closed, CancellationToken stopping)
    {
        if (_broker.TopicsKnown.Task.IsCompleted)
            return true;
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(closed, stopping);
        await _broker.TopicsKnown.Task.WaitAsync(KnowsTopicsWithin, waiting.Token).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        return _broker.TopicsKnown.Task.IsCompleted;
    }

    private async Task RefuseAsync(IDuplexPipe transport)
    {
        Interlocked.Decrement(ref _connections);
        await transport.Input.CompleteAsync();
        await transport.Output.CompleteAsync();
    }

    /// <summary>Starts the actor that writes to <paramref name="output"/>.</summary>
    internal OpenConnection Open(PipeWriter output, ConnectionInfo info, Action? stopped = null)
    {
        var own = new ByteBudget(_broker.Settings.MaxInFlightBytesPerConnection);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var actor = _system.ActorOf(ConnectionActor.Props(_broker, info, output, own, () =>
        {
            stopped?.Invoke();
            done.TrySetResult();
        }));
        return new OpenConnection(actor, own, info, done.Task);
    }

    /// <summary>Decodes one frame and tells the connection, once the budgets have room for it. False, with the reason logged, for what no Kafka client sends.</summary>
    internal async ValueTask<bool> DeliverAsync(OpenConnection connection, ReadOnlySequence<byte> frame, CancellationToken ended)
    {
        var bytes = frame.Length + RequestOverhead;
        await connection.Own.AcquireAsync(bytes, ended);
        try
        {
            await _broker.InFlight.AcquireAsync(bytes, ended);
        }
        catch
        {
            connection.Own.Release(bytes);
            throw;
        }
        try
        {
            connection.Actor.Tell(RequestFrame.Read(frame, _broker.Apis, bytes), ActorRefs.NoSender);
            return true;
        }
        catch (MalformedMessageException e)
        {
            _log.Warning("connection from {0} closed: {1}", connection.Info.ClientHost, e.Message);
            connection.Own.Release(bytes);
            _broker.InFlight.Release(bytes);
            return false;
        }
    }

    private async Task ReadFramesAsync(PipeReader input, OpenConnection connection, CancellationToken ended)
    {
        while (true)
        {
            var read = await input.ReadAsync(ended);
            var buffer = read.Buffer;
            while (true)
            {
                var cut = Frame.TryCut(ref buffer, _broker.Settings.MaxRequestBytes, out var frame);
                if (cut == FrameCut.Incomplete)
                    break;
                if (cut != FrameCut.Complete)
                {
                    _log.Warning("connection from {0} closed: {1} frame", connection.Info.ClientHost, cut);
                    return;
                }
                if (!await DeliverAsync(connection, frame, ended))
                    return;
            }
            input.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted)
                return;
        }
    }
}

/// <summary>A connection's actor, what it may still take, and when it has stopped.</summary>
internal sealed record OpenConnection(IActorRef Actor, ByteBudget Own, ConnectionInfo Info, Task Stopped);
