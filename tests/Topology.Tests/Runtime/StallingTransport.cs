using System.IO.Pipelines;
using Actors.Client;

namespace Actors.Topology.Tests.Runtime;

/// <summary>Connections of one node that can be stalled: nothing of it comes or goes any more, while it does not know; afterwards they are cut.</summary>
internal sealed class StallingTransport
{
    private readonly Lock _gate = new();
    private readonly List<CancellationTokenSource> _open = [];
    private TaskCompletionSource? _stalled;

    public async ValueTask<IDuplexPipe> ConnectAsync(string host, int port, CancellationToken cancellation)
    {
        if (Stalled is { } until) await until.WaitAsync(cancellation);
        var server = await TcpTransport.ConnectAsync(host, port, cancellation);
        Pipe up = new(), down = new();
        var cut = new CancellationTokenSource();
        lock (_gate) _open.Add(cut);
        _ = Task.WhenAny(PumpAsync(up.Reader, server.Output, cut.Token), PumpAsync(server.Input, down.Writer, cut.Token)).ContinueWith(async _ =>
        {
            await cut.CancelAsync();
            await down.Writer.CompleteAsync();
            await up.Reader.CompleteAsync();
            (server as IDisposable)?.Dispose();
        }, TaskScheduler.Default);
        return new Duplex(down.Reader, up.Writer);
    }

    public void Stall()
    {
        lock (_gate) _stalled ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>What was on its way is lost with its connections; new ones go through.</summary>
    public void Thaw()
    {
        lock (_gate)
        {
            foreach (var cut in _open) cut.Cancel();
            _open.Clear();
            _stalled?.SetResult();
            _stalled = null;
        }
    }

    private Task? Stalled
    {
        get
        {
            lock (_gate) return _stalled?.Task;
        }
    }

    private async Task PumpAsync(PipeReader from, PipeWriter to, CancellationToken cut)
    {
        try
        {
            while (true)
            {
                var read = await from.ReadAsync(cut);
                if (Stalled is { } until) await until.WaitAsync(cut);
                cut.ThrowIfCancellationRequested();
                foreach (var segment in read.Buffer) await to.WriteAsync(segment, cut);
                from.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted) return;
            }
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            // Cut, or closed at one end.
        }
    }

    private sealed class Duplex(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
