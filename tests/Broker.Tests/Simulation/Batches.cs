using Actors.Protocol.Records;

namespace Actors.Broker.Tests.Simulation;

/// <summary>Takes the records of a response apart, which stand in it as one piece.</summary>
internal static class Batches
{
    public static IEnumerable<ReadOnlyMemory<byte>> Of(RecordSet records)
    {
        var rest = records.ToMemory();
        while (BatchHeader.TryRead(rest.Span, out var header))
        {
            yield return rest[..header.TotalSize];
            rest = rest[header.TotalSize..];
        }
        if (rest.Length > 0)
            throw new InvalidOperationException($"{rest.Length} bytes after the last whole batch");
    }
}
