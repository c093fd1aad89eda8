using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Actors.Node.Tests;

/// <summary>A full, blocking garbage collection of another .NET process, asked for over its runtime's diagnostic port as <c>dotnet-gcdump</c> does: what is resident after it is not what the collector has put off.</summary>
internal static class FullCollection
{
    private const byte EventPipe = 2, StopTracing = 1, CollectTracing = 3, Server = 255, Ok = 0;
    private const ulong HeapCollect = 0x800000;
    private const uint Informational = 4, NetTrace = 1, BufferMegabytes = 1;
    private const int HeaderBytes = 20;
    private static readonly byte[] Magic = "DOTNET_IPC_V1\0"u8.ToArray();

    /// <summary>Returns once the node has collected everything.</summary>
    /// <exception cref="IOException">Its runtime refuses.</exception>
    public static void Of(NodeUnderTest node)
    {
        var before = Collections(node);
        using var session = Ask(node, CollectTracing, TraceOfCollections(), out var id);
        var reading = Task.Run(() => ReadToEnd(session));
        Polling.Until(() => Collections(node), collections => collections > before, 30, "a full collection");
        Ask(node, StopTracing, id, out _).Dispose();
        if (!reading.Wait(TimeSpan.FromSeconds(30)))
            throw new IOException("the runtime did not end the trace within 30 s of being told to");
    }

    private static double Collections(NodeUnderTest node) => node.Metric("""dotnet_gc_collections_total{gc_heap_generation="gen2"}""");

    /// <summary>The answer is the session's id; what follows it on the connection is the trace.</summary>
    private static Socket Ask(NodeUnderTest node, byte command, byte[] payload, out byte[] answer)
    {
        var pid = node.Process.Id.ToString(CultureInfo.InvariantCulture);
        // A process that had this id before may have left its socket.
        var path = new DirectoryInfo(Path.GetTempPath()).GetFiles($"dotnet-diagnostic-{pid}-*-socket").MaxBy(file => file.LastWriteTimeUtc)
            ?? throw new IOException($"process {pid} has no diagnostic port");
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(path.FullName));
        var size = new byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(size, (ushort)(HeaderBytes + payload.Length));
        socket.Send([.. Magic, .. size, EventPipe, command, 0, 0, .. payload]);
        var header = Read(socket, HeaderBytes);
        answer = Read(socket, BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(Magic.Length)) - HeaderBytes);
        return header is [.., Server, Ok, _, _] ? socket : throw new IOException($"the runtime answers {Convert.ToHexString(answer)}");
    }

    private static byte[] TraceOfCollections()
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write(BufferMegabytes);
        writer.Write(NetTrace);
        writer.Write(false);
        writer.Write(1);
        writer.Write(HeapCollect);
        writer.Write(Informational);
        Write("Microsoft-Windows-DotNETRuntime\0");
        Write("\0");
        return bytes.ToArray();

        void Write(string text)
        {
            writer.Write(text.Length);
            writer.Write(Encoding.Unicode.GetBytes(text));
        }
    }

    private static byte[] Read(Socket socket, int count)
    {
        var bytes = new byte[count];
        for (var at = 0; at < count;)
        {
            var read = socket.Receive(bytes, at, count - at, SocketFlags.None);
            at += read > 0 ? read : throw new IOException("the runtime closed its diagnostic port");
        }
        return bytes;
    }

    private static void ReadToEnd(Socket session)
    {
        var buffer = new byte[64 * 1024];
        while (session.Receive(buffer) > 0)
        {
        }
    }
}
