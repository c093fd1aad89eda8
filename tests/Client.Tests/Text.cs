using System.Text;
using Actors.Protocol.Records;

namespace Actors.Client.Tests;

internal static class Text
{
    public static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static ProducerRecord Record(string topic, string value, string? key = null, int? partition = null) =>
        new(topic, key is null ? default(ReadOnlyMemory<byte>?) : Bytes(key), Bytes(value), partition);

    public static List<(long Offset, string Value)> Values(FetchedChunk chunk)
    {
        var values = new List<(long, string)>();
        foreach (var batch in chunk.Batches)
        {
            using var reader = new RecordBatchReader(batch.Bytes);
            foreach (var record in reader)
                if (record.Offset >= chunk.Offset) values.Add((record.Offset, Encoding.UTF8.GetString(record.Value!.Value.Span)));
        }
        return values;
    }

    /// <summary>Looks until a condition holds, for at most ten seconds.</summary>
    public static async Task Until(Func<bool> holds, string what)
    {
        var start = System.Diagnostics.Stopwatch.StartNew();
        while (!holds())
        {
            Assert.True(start.Elapsed < TimeSpan.FromSeconds(10), $"ten seconds passed without: {what}");
            await Task.Delay(5);
        }
    }
}
