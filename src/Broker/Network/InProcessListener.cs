using System.IO.Pipelines;

namespace Actors.Broker.Network;

/// <summary>Connections from inside the process: what topologies and the node's own pages use instead of a socket.</summary>
public sealed class InProcessListener(KafkaServer server, CancellationToken stopped)
{
    /// <summary>The listener's name in Metadata; it answers with the first address that other clients use.</summary>
    public const string Name = "IN_PROCESS";

    /// <summary>The client's side of a new connection.</summary>
    public IDuplexPipe Connect()
    {
        var options = new PipeOptions(minimumSegmentSize: 64 * 1024, pauseWriterThreshold: 4 * 1024 * 1024, resumeWriterThreshold: 2 * 1024 * 1024, useSynchronizationContext: false);
        var toServer = new Pipe(options);
        var toClient = new Pipe(options);
        _ = server.ServeAsync(new Duplex(toServer.Reader, toClient.Writer), Name, null, stopped);
        return new Duplex(toClient.Reader, toServer.Writer);
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
