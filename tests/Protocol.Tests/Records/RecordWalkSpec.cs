using System.Buffers.Binary;
using Actors.Protocol.Records;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Actors.Protocol.Tests.Records;

/// <summary>The walk over a produced batch's records: the same verdict as the reader that consumers use, without its allocations. See also <see cref="ProduceValidationSpec"/>.</summary>
public class RecordWalkSpec
{
    private const int Bound = 4 << 20;

    [Fact]
    public void Batches_of_a_producer_pass_and_are_counted() => Properties.Hold(BatchGenerator.Batches, given =>
    {
        var batch = given.Build();
        BatchHeader.TryRead(batch, out var header);
        var (error, reason) = RecordWalk.Check(batch, header, Bound, out var walked);
        if (given.Records.Any(record => record.Gap > 0))
        {
            Assert.Equal(ErrorCode.InvalidRecord, error);
            Assert.Contains("its offset delta is", reason, StringComparison.Ordinal);
            return;
        }
        Assert.Equal((ErrorCode.None, null), (error, reason));
        var times = given.Records.Select(record => record.Timestamp).Where(time => time >= 0).ToList();
        var expected = new WalkedRecords(given.Records.Count(record => record.Key is null), times.DefaultIfEmpty(long.MaxValue).Min(), times.DefaultIfEmpty(-1).Max());
        Assert.Equal(expected, walked);
    }, times: 300);

    [Fact]
    public void What_passes_the_walk_can_be_read_and_what_cannot_be_read_does_not_pass() => Properties.Hold(
        from given in BatchGenerator.Batches
        from changes in Gen.NonEmptyListOf(from at in Gen.Choose(0, 1 << 16) from value in Gen.Choose(0, 255) select (at, (byte)value))
        from cut in Gen.Frequency((3, Gen.Constant(0)), (1, Gen.Choose(1, 20)))
        select (given, changes, cut),
        given =>
        {
            var batch = given.given.Build();
            var length = Math.Max(BatchHeader.Size, batch.Length - given.cut);
            foreach (var (at, value) in given.changes)
                if (length > BatchHeader.Size)
                    batch[BatchHeader.Size + at % (length - BatchHeader.Size)] = value;
            BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(8), length - BatchHeader.LengthOverhead);
            var whole = batch.AsMemory(0, length);
            BatchHeader.TryRead(whole.Span, out var header);
            if (header.RecordCount == 0) return;
            var passes = RecordWalk.Check(whole.Span, header, Bound, out _).Error == ErrorCode.None;
            var readable = Readable(whole);
            Assert.True(!passes || readable, "a batch that cannot be read passed");
            if (readable && given.given.Records.All(record => record.Gap == 0) && !passes)
                Assert.Contains("its offset delta is", RecordWalk.Check(whole.Span, header, Bound, out _).Reason, StringComparison.Ordinal);
        }, times: 500);

    [Fact]
    public void Records_that_decompress_beyond_the_bound_are_refused()
    {
        using var builder = new RecordBatchBuilder(Compression.Gzip);
        builder.Append(0, (byte[]?)null, new byte[1 << 20]);
        var batch = builder.Build();
        BatchHeader.TryRead(batch, out var header);
        Assert.Equal((ErrorCode.InvalidRecord, "Decompressed records exceed the bound of 65536 bytes."), RecordWalk.Check(batch, header, 1 << 16, out _));
        Assert.Equal(ErrorCode.None, RecordWalk.Check(batch, header, 1 << 21, out _).Error);
    }

    [Theory]
    [InlineData(Compression.None)]
    [InlineData(Compression.Snappy)]
    public void Nothing_is_allocated_per_record(Compression compression)
    {
        var (few, many) = (Built(compression, 10), Built(compression, 10_000));
        Walk(many);
        Walk(few);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Walk(few);
        var forFew = GC.GetAllocatedBytesForCurrentThread() - before;
        before = GC.GetAllocatedBytesForCurrentThread();
        Walk(many);
        var forMany = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(forMany <= forFew + 1_000, $"{forFew} bytes were allocated for 10 records, {forMany} for 10,000");
    }

    private static byte[] Built(Compression compression, int records)
    {
        using var builder = new RecordBatchBuilder(compression);
        for (var i = 0; i < records; i++)
            builder.Append(i, [1], new byte[20]);
        return builder.Build();
    }

    private static void Walk(byte[] batch)
    {
        BatchHeader.TryRead(batch, out var header);
        Assert.Equal(ErrorCode.None, RecordWalk.Check(batch, header, Bound, out _).Error);
    }

    private static bool Readable(ReadOnlyMemory<byte> batch)
    {
        try
        {
            foreach (var record in new RecordBatchReader(batch, Bound))
                _ = record.Headers.ToArray();
            return true;
        }
        catch (CorruptRecordsException)
        {
            return false;
        }
    }
}
