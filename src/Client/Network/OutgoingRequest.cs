using System.Buffers;
using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Client;

/// <summary>A request on its way: waits to be written, then for its answer.</summary>
internal abstract class OutgoingRequest
{
    public abstract bool ExpectsAnswer { get; }

    /// <summary>Appends the whole frame.</summary>
    public abstract void Write(ProtocolWriter writer, int correlationId, string clientId);

    /// <param name="frame">The response's frame without its length; starts with the header, whose correlation id chose this request.</param>
    /// <exception cref="MalformedMessageException">The frame is no such response; this request has failed by then.</exception>
    public abstract void Complete(ReadOnlySequence<byte> frame);

    public abstract void Written();

    public abstract void Fail(Exception error);
}

internal sealed class OutgoingRequest<TRequest, TResponse>(Api<TRequest, TResponse> api, TRequest request, short version, bool expectsAnswer)
    : OutgoingRequest where TRequest : IRequest
{
    private readonly TaskCompletionSource<TResponse> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<TResponse> Answer => _answer.Task;

    public override bool ExpectsAnswer => expectsAnswer;

    public override void Write(ProtocolWriter writer, int correlationId, string clientId) =>
        Frame.WriteRequest(writer, request, version, correlationId, clientId);

    public override void Written()
    {
        if (!expectsAnswer) _answer.TrySetResult(default!);
    }

    public override void Complete(ReadOnlySequence<byte> frame)
    {
        try
        {
            var body = frame.Slice(4);
            var reader = new ProtocolReader(frame);
            ResponseHeader.Read(ref reader, ApiVersionTable.Of(api.Key).ResponseHeaderVersion(version));
            _answer.TrySetResult(api.Read(ref reader, api.BodyVersion(version, body)));
        }
        catch (Exception error)
        {
            _answer.TrySetException(new KafkaException(ErrorCode.UnknownServerError, $"the broker's answer to {api.Key} v{version} cannot be read", error));
            throw;
        }
    }

    public override void Fail(Exception error) => _answer.TrySetException(error);
}
