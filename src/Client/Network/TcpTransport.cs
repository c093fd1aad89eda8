using System.IO.Pipelines;
using System.Net.Sockets;

namespace Actors.Client;

/// <summary>Connects to brokers over TCP: the default of <see cref="ClusterOptions.Connect"/>.</summary>
public static class TcpTransport
{
    private const int BufferSize = 64 << 10;

    /// <exception cref="SocketException">There is no listener, or it cannot be reached.</exception>
    public static async ValueTask<IDuplexPipe> ConnectAsync(string host, int port, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(host, port, cancellation);
            return new SocketPipe(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private sealed class SocketPipe : IDuplexPipe, IDisposable
    {
        private readonly NetworkStream _stream;

        public SocketPipe(Socket socket)
        {
            _stream = new NetworkStream(socket, ownsSocket: true);
            Input = PipeReader.Create(_stream, new StreamPipeReaderOptions(bufferSize: BufferSize, minimumReadSize: BufferSize / 4, leaveOpen: true));
            Output = PipeWriter.Create(_stream, new StreamPipeWriterOptions(minimumBufferSize: BufferSize, leaveOpen: true));
        }

        public PipeReader Input { get; }

        public PipeWriter Output { get; }

        public void Dispose() => _stream.Dispose();
    }
}
