using System.Buffers;
using System.IO.Pipelines;
using Actors.Protocol;

namespace Actors.Client.Tests.Fakes;

/// <summary>One connection's loop at the broker: reads a frame, answers it, in order.</summary>
internal sealed class FakeConnection(FakeCluster cluster, int node, PipeReader input, PipeWriter output)
{
    private readonly FakeApis _apis = new(cluster, node);

    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                var read = await input.ReadAsync(stop);
                var buffer = read.Buffer;
                while (Frame.TryCut(ref buffer, int.MaxValue, out var frame) == FrameCut.Complete)
                {
                    if (!await AnswerAsync(frame.ToArray(), stop)) return;
                }
                input.AdvanceTo(buffer.Start, buffer.End);
                if (read.IsCompleted) return;
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The cluster is disposed.
        }
        finally
        {
            await input.CompleteAsync();
            await output.CompleteAsync();
        }
    }

    private async ValueTask<bool> AnswerAsync(byte[] frame, CancellationToken stop)
    {
        var (key, version, correlationId, request) = Read(frame);
        lock (cluster.Gate)
        {
            if (cluster.Down.Contains(node)) return false;
        }
        var (ruled, fault) = cluster.Rule(node, request, version);
        if (fault == Fault.DropBefore) return false;
        var (answer, answerVersion) = ruled is not null ? (ruled, version) : await _apis.HandleAsync(request, version, stop);
        if (fault == Fault.DropAfter) return false;
        if (fault == Fault.Silence || answer is null) return true;
        using var writer = new ProtocolWriter();
        Frame.WriteResponse(writer, key, answer, answerVersion, correlationId);
        writer.CopyTo(output);
        return !(await output.FlushAsync(stop)).IsCompleted;
    }

    private static (ApiKey Key, short Version, int CorrelationId, IRequest Request) Read(byte[] frame)
    {
        var reader = new ProtocolReader(frame);
        var header = Frame.ReadRequestHeader(ref reader);
        var key = (ApiKey)header.RequestApiKey;
        return (key, header.RequestApiVersion, header.CorrelationId, ApiVersionTable.ReadRequest(key, ref reader, header.RequestApiVersion));
    }
}
