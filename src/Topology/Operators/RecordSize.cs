using System.Text;
using Actors.Expressions;
using Actors.Protocol.Records;

namespace Actors.Topology;

/// <summary>How large a record is at most once it is written, as the producer counts it.</summary>
internal static class RecordSize
{
    public static long Of(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, IReadOnlyList<Expressions.RecordHeader> headers)
    {
        // A windowed key is longer by its window.
        var size = (long)RecordBatchBuilder.MaxRecordSize(key.Length + 16, value.Length);
        for (var i = 0; i < headers.Count; i++) size += 10 + Encoding.UTF8.GetByteCount(headers[i].Name) + (headers[i].Value?.Length ?? 0);
        return size;
    }

    public static string Refusal(long size, int largest) => $"The message is {size} bytes when serialized which is larger than {largest}, which is the value of the max.request.size configuration.";
}
