using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Threading.Channels;
using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Client;

/// <summary>
/// One connection to one broker: requests leave in the order of the calls, several may wait for their answers at once.
/// A request without an answer in its time closes the connection, for the answers behind it would come later still.
/// </summary>
public sealed class KafkaConnection : IAsyncDisposable
{
    /// <summary>The greatest response that is read, in bytes.</summary>
    public const int MaxResponseSize = 256 << 20;

    private const int MaxQueued = 1024;

    private readonly IDuplexPipe _pipe;
    private readonly string _peer;
    private readonly string _clientId;
    private readonly TimeProvider _time;
    private readonly Channel<OutgoingRequest> _outgoing = Channel.CreateBounded<OutgoingRequest>(MaxQueued);
    private readonly Dictionary<int, OutgoingRequest> _waiting = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private Dictionary<ApiKey, (short Min, short Max)> _versions = [];
    private Exception? _failure;
    private Task _loops = Task.CompletedTask;

    private KafkaConnection(IDuplexPipe pipe, string peer, string clientId, TimeProvider time) =>
        (_pipe, _peer, _clientId, _time) = (pipe, peer, clientId, time);

    /// <summary>Ends when the connection is closed, by either side; never faults.</summary>
    public Task Closed => _closed.Task;

    public bool IsClosed => Volatile.Read(ref _failure) is not null;

    /// <summary>Takes the pipe over, and asks the broker which versions it serves.</summary>
    /// <param name="peer">Names the broker in errors, such as <c>host:port</c>.</param>
    /// <param name="timeout">How long the broker may take to say its versions.</param>
    /// <exception cref="KafkaException">The broker closed the connection, gave no answer in time, or refused.</exception>
    public static async ValueTask<KafkaConnection> OpenAsync(
        IDuplexPipe pipe, string peer, string clientId, TimeSpan timeout, TimeProvider? time = null, CancellationToken cancellation = default)
    {
        var connection = new KafkaConnection(pipe, peer, clientId, time ?? TimeProvider.System);
        connection._loops = Task.WhenAll(connection.ReadLoopAsync(), connection.WriteLoopAsync());
        try
        {
            await connection.NegotiateAsync(timeout, cancellation);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>The newest version that both sides speak.</summary>
    /// <exception cref="KafkaException"><see cref="ErrorCode.UnsupportedVersion"/>: there is none.</exception>
    public short VersionOf<TRequest, TResponse>(Api<TRequest, TResponse> api) where TRequest : IRequest =>
        TryVersionOf(api, out var version)
            ? version
            : throw new KafkaException(ErrorCode.UnsupportedVersion, $"broker {_peer} does not serve {api.Key} in versions {api.MinVersion} to {api.MaxVersion}");

    /// <summary>The newest version that both sides speak, if there is one.</summary>
    public bool TryVersionOf<TRequest, TResponse>(Api<TRequest, TResponse> api, out short version) where TRequest : IRequest
    {
        version = -1;
        if (!_versions.TryGetValue(api.Key, out var served)) return false;
        version = Math.Min(api.MaxVersion, served.Max);
        return version >= Math.Max(api.MinVersion, served.Min);
    }

    /// <summary>Sends a request in the newest version that both sides speak, and gives its answer.</summary>
    /// <exception cref="KafkaException">No common version, a lost connection, or no answer in time.</exception>
    public ValueTask<TResponse> SendAsync<TRequest, TResponse>(
        Api<TRequest, TResponse> api, TRequest request, TimeSpan timeout, CancellationToken cancellation = default) where TRequest : IRequest =>
        SendAsync(api, request, VersionOf(api), timeout, cancellation);

    /// <summary>Sends a request in a given version, and gives its answer.</summary>
    /// <exception cref="KafkaException">A lost connection, or no answer in time.</exception>
    public ValueTask<TResponse> SendAsync<TRequest, TResponse>(
        Api<TRequest, TResponse> api, TRequest request, short version, TimeSpan timeout, CancellationToken cancellation = default) where TRequest : IRequest =>
        SendAsync(api, new OutgoingRequest<TRequest, TResponse>(api, request, version, expectsAnswer: true), timeout, cancellation);

    /// <summary>Sends a request that the broker answers with nothing: Produce with acks=0. Ends when it is written.</summary>
    public async ValueTask SendOneWayAsync<TRequest, TResponse>(
        Api<TRequest, TResponse> api, TRequest request, TimeSpan timeout, CancellationToken cancellation = default) where TRequest : IRequest =>
        await SendAsync(api, new OutgoingRequest<TRequest, TResponse>(api, request, VersionOf(api), expectsAnswer: false), timeout, cancellation);

    private async ValueTask<TResponse> SendAsync<TRequest, TResponse>(
        Api<TRequest, TResponse> api, OutgoingRequest<TRequest, TResponse> outgoing, TimeSpan timeout, CancellationToken cancellation) where TRequest : IRequest
    {
        if (!_outgoing.Writer.TryWrite(outgoing))
        {
            if (Volatile.Read(ref _failure) is { } failure) throw Lost(failure);
            if (!await _outgoing.Writer.WaitToWriteAsync(cancellation) || !_outgoing.Writer.TryWrite(outgoing))
                throw new KafkaException(ErrorCode.NetworkException, $"{api.Key}: too many requests wait for broker {_peer}");
        }
        try
        {
            return await outgoing.Answer.WaitAsync(timeout, _time, cancellation);
        }
        catch (TimeoutException)
        {
            var error = new KafkaException(ErrorCode.RequestTimedOut, $"broker {_peer} gave no answer to {api.Key} in {timeout.TotalMilliseconds:0} ms");
            Close(error);
            throw error;
        }
    }

    private async ValueTask NegotiateAsync(TimeSpan timeout, CancellationToken cancellation)
    {
        var request = new ApiVersionsRequest { ClientSoftwareName = "actors", ClientSoftwareVersion = "1.0" };
        var response = await SendAsync(Apis.ApiVersions, request, Apis.ApiVersions.MaxVersion, timeout, cancellation);
        if ((ErrorCode)response.ErrorCode == ErrorCode.UnsupportedVersion)
        {
            var served = response.ApiKeys.FirstOrDefault(api => (ApiKey)api.ApiKey == ApiKey.ApiVersions);
            response = await SendAsync(Apis.ApiVersions, request, Math.Min(Apis.ApiVersions.MaxVersion, served?.MaxVersion ?? 0), timeout, cancellation);
        }
        if ((ErrorCode)response.ErrorCode != ErrorCode.None)
            throw new KafkaException((ErrorCode)response.ErrorCode, $"broker {_peer} refused to say its versions");
        _versions = response.ApiKeys.ToDictionary(api => (ApiKey)api.ApiKey, api => ((short)api.MinVersion, (short)api.MaxVersion));
    }

    private async Task WriteLoopAsync()
    {
        var output = _pipe.Output;
        using var frame = new ProtocolWriter();
        var correlationId = 0;
        try
        {
            while (await _outgoing.Reader.WaitToReadAsync(_stop.Token))
            {
                while (_outgoing.Reader.TryRead(out var outgoing)) Write(output, frame, outgoing, correlationId++ & int.MaxValue);
                var flushed = await output.FlushAsync(_stop.Token);
                if (flushed.IsCompleted) throw new EndOfStreamException("the broker closed the connection");
            }
        }
        catch (Exception error)
        {
            Close(error);
        }
        try
        {
            await output.CompleteAsync();
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // What was not flushed when the transport closed has nowhere to go; its requests have failed already.
        }
    }

    private void Write(PipeWriter output, ProtocolWriter frame, OutgoingRequest outgoing, int correlationId)
    {
        frame.Reset();
        try
        {
            outgoing.Write(frame, correlationId, _clientId);
        }
        catch (Exception error)
        {
            // Nothing of it has left: only this request is at fault, the connection goes on.
            outgoing.Fail(error is UnsupportedVersionException ? new KafkaException(ErrorCode.UnsupportedVersion, $"broker {_peer}: {error.Message}", error) : error);
            return;
        }
        lock (_gate)
        {
            if (_failure is { } failure)
            {
                outgoing.Fail(Lost(failure));
                return;
            }
            if (outgoing.ExpectsAnswer) _waiting.Add(correlationId, outgoing);
        }
        frame.CopyTo(output);
        outgoing.Written();
    }

    private async Task ReadLoopAsync()
    {
        var input = _pipe.Input;
        try
        {
            while (true)
            {
                var read = await input.ReadAsync(_stop.Token);
                var buffer = read.Buffer;
                while (TryCutFrame(ref buffer, out var frame)) Dispatch(frame);
                input.AdvanceTo(buffer.Start, buffer.End);
                if (read.IsCompleted) throw new EndOfStreamException("the broker closed the connection");
            }
        }
        catch (Exception error)
        {
            Close(error);
        }
        await input.CompleteAsync();
    }

    private static bool TryCutFrame(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> frame) =>
        Frame.TryCut(ref buffer, MaxResponseSize, out frame) switch
        {
            FrameCut.Complete when frame.Length >= sizeof(int) => true,
            FrameCut.Incomplete => false,
            var cut => throw new InvalidDataException($"the broker's answer is no frame of Kafka's ({cut}, {frame.Length} bytes)"),
        };

    private void Dispatch(ReadOnlySequence<byte> frame)
    {
        var correlationId = ReadInt32(frame);
        OutgoingRequest? waiting;
        lock (_gate)
        {
            if (!_waiting.Remove(correlationId, out waiting)) throw new InvalidDataException($"an answer to no request, correlation id {correlationId}");
        }
        waiting.Complete(frame);
    }

    private static int ReadInt32(ReadOnlySequence<byte> bytes)
    {
        Span<byte> four = stackalloc byte[4];
        bytes.Slice(0, 4).CopyTo(four);
        return BinaryPrimitives.ReadInt32BigEndian(four);
    }

    private void Close(Exception reason)
    {
        List<OutgoingRequest> unanswered;
        lock (_gate)
        {
            if (_failure is not null) return;
            _failure = reason;
            unanswered = [.. _waiting.Values];
            _waiting.Clear();
        }
        _outgoing.Writer.TryComplete();
        while (_outgoing.Reader.TryRead(out var unsent)) unanswered.Add(unsent);
        foreach (var request in unanswered) request.Fail(Lost(reason));
        _stop.Cancel();
        if (_pipe is IDisposable transport) transport.Dispose();
        _closed.TrySetResult();
    }

    private KafkaException Lost(Exception reason) => new(ErrorCode.NetworkException, $"the connection to broker {_peer} is lost ({reason.Message})", reason);

    public async ValueTask DisposeAsync()
    {
        Close(new ObjectDisposedException(nameof(KafkaConnection), "this client closed the connection"));
        await _loops;
    }
}
