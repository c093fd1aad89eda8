using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Actors.Cli.Records;

/// <summary>Cuts a stream into lines of bytes, without their ends (<c>\n</c> or <c>\r\n</c>); the last one needs none.</summary>
internal static class InputLines
{
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(Stream stream, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var pipe = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 64 << 10, leaveOpen: true));
        while (true)
        {
            var read = await pipe.ReadAsync(cancellation);
            var buffer = read.Buffer;
            while (buffer.PositionOf((byte)'\n') is { } end)
            {
                yield return Line(buffer.Slice(0, end));
                buffer = buffer.Slice(buffer.GetPosition(1, end));
            }
            if (read.IsCompleted)
            {
                if (!buffer.IsEmpty) yield return Line(buffer);
                await pipe.CompleteAsync();
                yield break;
            }
            pipe.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    private static ReadOnlyMemory<byte> Line(ReadOnlySequence<byte> bytes)
    {
        ReadOnlyMemory<byte> line = bytes.IsSingleSegment ? bytes.First : bytes.ToArray();
        return line.Span is [.., (byte)'\r'] ? line[..^1] : line;
    }
}
