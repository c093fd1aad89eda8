using Actors.Protocol.Records;
using FsCheck;
using FsCheck.Fluent;

namespace Actors.Protocol.Tests.Records;

/// <summary>A record as a test describes it; <see cref="ToString"/> shows all of it.</summary>
internal sealed record GivenRecord(int Gap, long Timestamp, byte[]? Key, byte[]? Value, IReadOnlyList<(string Key, byte[]? Value)> Headers)
{
    public override string ToString() =>
        $"gap {Gap} at {Timestamp}: {Show(Key)}={Show(Value)} {string.Join(",", Headers.Select(header => $"{header.Key}={Show(header.Value)}"))}";

    public static string Show(byte[]? bytes) => bytes is null ? "null" : bytes.Length > 40 ? $"{bytes.Length} bytes" : Convert.ToHexString(bytes);
}

internal sealed record GivenBatch(Compression Compression, long BaseOffset, long ProducerId, int BaseSequence, bool IsTransactional, IReadOnlyList<GivenRecord> Records)
{
    public override string ToString() => $"{Compression} at {BaseOffset}, producer {ProducerId}, sequence {BaseSequence}, {Records.Count} records:\n{string.Join('\n', Records)}";

    public byte[] Build()
    {
        using var builder = new RecordBatchBuilder(Compression)
        {
            BaseOffset = BaseOffset,
            ProducerId = ProducerId,
            ProducerEpoch = 3,
            BaseSequence = BaseSequence,
            IsTransactional = IsTransactional,
        };
        var offset = -1;
        foreach (var record in Records)
        {
            offset += 1 + record.Gap;
            var headers = record.Headers.Select(header => new RecordHeader(header.Key, header.Value)).ToArray();
            builder.AppendAt(offset, record.Timestamp, NullableBytes.Of(record.Key), NullableBytes.Of(record.Value), headers);
        }

        return builder.Build();
    }
}

internal static class BatchGenerator
{
    public static Gen<GivenBatch> Batches { get; } =
        from compression in Gen.Elements(Enum.GetValues<Compression>())
        from baseOffset in Gen.Elements(0L, 1L, 1L << 40)
        from producerId in Gen.Elements(-1L, 0L, long.MaxValue)
        from baseSequence in Gen.Elements(-1, 0, int.MaxValue)
        from isTransactional in Properties.Any<bool>()
        from count in Gen.Choose(1, 12)
        from records in Gen.ListOf(Record, count)
        select new GivenBatch(compression, baseOffset, producerId, baseSequence, isTransactional, records.ToList());

    private static Gen<byte[]?> NullableBytes { get; } = Gen.Frequency(
        (1, Gen.Constant<byte[]?>(null)),
        (4, Properties.Bytes(20).Select(bytes => (byte[]?)bytes)),
        (2, Repetitive(200)),
        (1, Repetitive(90_000)));

    private static Gen<GivenRecord> Record { get; } =
        from gap in Gen.Frequency((8, Gen.Constant(0)), (1, Gen.Choose(1, 1000)))
        from timestamp in Gen.Elements(-1L, 0L, 1_700_000_000_000L, 1_700_000_000_005L, long.MaxValue / 2)
        from key in NullableBytes
        from value in NullableBytes
        from headerCount in Gen.Choose(0, 3)
        from headers in Gen.ListOf(Header, headerCount)
        select new GivenRecord(gap, timestamp, key, value, headers.ToList());

    private static Gen<(string, byte[]?)> Header { get; } =
        from key in Gen.Elements("", "k", "schlüssel", "😀")
        from value in NullableBytes
        select (key, value);

    private static Gen<byte[]?> Repetitive(int longest) =>
        from length in Gen.Choose(0, longest)
        from period in Gen.Choose(1, 300)
        from seed in Gen.Choose(0, 1000)
        select (byte[]?)Repeat(length, period, seed);

    private static byte[] Repeat(int length, int period, int seed)
    {
        var pattern = new byte[period];
        new Random(seed).NextBytes(pattern);
        var bytes = new byte[length];
        for (var index = 0; index < length; index++) bytes[index] = pattern[index % period];
        return bytes;
    }
}
