using Actors.Protocol.Records;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Actors.Protocol.Tests.Records;

public class RecordBatchSpec
{
    private const int Bound = 4 << 20;

    [Fact]
    public void What_is_built_is_what_is_read() => Properties.Hold(BatchGenerator.Batches, given =>
    {
        var batch = given.Build();
        Assert.Equal(ErrorCode.None, RecordBatch.Check(batch));
        Assert.True(BatchHeader.TryRead(batch, out var header));
        Assert.Equal((given.Compression, given.BaseOffset, given.ProducerId, given.BaseSequence, given.IsTransactional, given.Records.Count),
            (header.Compression, header.BaseOffset, header.ProducerId, header.BaseSequence, header.IsTransactional, header.RecordCount));
        Assert.Equal(given.Records.Max(record => record.Timestamp), header.MaxTimestamp);

        var index = 0;
        var offset = given.BaseOffset - 1;
        foreach (var record in new RecordBatchReader(batch))
        {
            var expected = given.Records[index++];
            offset += 1 + expected.Gap;
            Assert.Equal((offset, expected.Timestamp), (record.Offset, record.Timestamp));
            Assert.Equal(expected.Key, record.Key?.ToArray());
            Assert.Equal(expected.Value, record.Value?.ToArray());
            Assert.Equal(expected.Headers, record.Headers.ToArray().Select(read => (read.Key, read.Value?.ToArray())), SameHeader);
        }

        Assert.Equal(given.Records.Count, index);
        Assert.Equal(offset, header.LastOffset);
    }, times: 300);

    [Fact]
    public void Patching_what_the_crc_does_not_cover_leaves_it_right_and_append_time_computes_it_again() => Properties.Hold(BatchGenerator.Batches, given =>
    {
        var batch = given.Build();
        RecordBatch.SetBaseOffset(batch, 4711);
        RecordBatch.SetPartitionLeaderEpoch(batch, 8);
        Assert.Equal(ErrorCode.None, RecordBatch.Check(batch));
        RecordBatch.SetLogAppendTime(batch, 99);
        Assert.Equal(ErrorCode.None, RecordBatch.Check(batch));

        BatchHeader.TryRead(batch, out var header);
        Assert.Equal((4711L, 8, TimestampType.LogAppendTime, 99L, given.Compression),
            (header.BaseOffset, header.PartitionLeaderEpoch, header.TimestampType, header.MaxTimestamp, header.Compression));
        foreach (var record in new RecordBatchReader(batch)) Assert.Equal(99, record.Timestamp);
    }, times: 50);

    [Fact]
    public void Any_changed_byte_under_the_crc_is_found() => Properties.Hold(
        from given in BatchGenerator.Batches
        from at in Properties.Any<ushort>()
        from change in Gen.Choose(1, 255)
        select (given, at, change),
        given =>
        {
            var batch = given.given.Build();
            batch[17 + given.at % (batch.Length - 17)] ^= (byte)given.change;
            Assert.Equal(ErrorCode.CorruptMessage, RecordBatch.Check(batch));
        });

    [Fact]
    public void Damaged_records_are_told_as_such_and_take_no_more_memory_than_the_bound() => Properties.Hold(
        from given in BatchGenerator.Batches
        from changes in Gen.NonEmptyListOf(Damage)
        from keep in Gen.Frequency((3, Gen.Constant(100)), (1, Gen.Choose(0, 99)))
        select (given, changes, keep),
        given =>
        {
            var batch = given.given.Build();
            foreach (var (at, value) in given.changes) batch[BatchHeader.Size - 4 + at % (batch.Length - BatchHeader.Size + 4)] = value;
            var cut = batch.AsMemory(0, batch.Length * given.keep / 100);
            if (given.keep < 100 && cut.Length >= BatchHeader.Size)
                System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(8), cut.Length - BatchHeader.LengthOverhead);
            ReadAll(cut);
        },
        times: 500);

    [Fact]
    public void Random_bytes_behind_a_header_are_told_as_such() => Properties.Hold(
        from compression in Gen.Choose(0, 7)
        from count in Gen.Elements(-1, 0, 1, 3, int.MaxValue)
        from bytes in Properties.Bytes(300)
        select (compression, count, bytes),
        given =>
        {
            var batch = new byte[BatchHeader.Size + given.bytes.Length];
            given.bytes.CopyTo(batch, BatchHeader.Size);
            new BatchHeader
            {
                BatchLength = batch.Length - BatchHeader.LengthOverhead, Magic = 2, Attributes = (short)given.compression, RecordCount = given.count,
            }.WriteTo(batch);
            ReadAll(batch);
        },
        times: 2000);

    [Theory]
    [InlineData(Compression.Gzip)]
    [InlineData(Compression.Snappy)]
    [InlineData(Compression.Lz4)]
    [InlineData(Compression.Zstd)]
    public void A_batch_that_blows_up_beyond_the_bound_is_refused(Compression compression)
    {
        using var builder = new RecordBatchBuilder(compression);
        builder.Append(0, null, new byte[10 << 20]);
        var batch = builder.Build();
        Assert.InRange(batch.Length, BatchHeader.Size, 1 << 20);
        Assert.Throws<CorruptRecordsException>(() => new RecordBatchReader(batch, 1 << 20).MoveNext());
        Assert.Throws<CorruptRecordsException>(() => new RecordBatchReader(batch, builder.UncompressedSize - BatchHeader.Size - 1).MoveNext());
        using var reader = new RecordBatchReader(batch, builder.UncompressedSize - BatchHeader.Size);
        Assert.True(reader.MoveNext());
        Assert.Equal(10 << 20, reader.Current.Value!.Value.Length);
        Assert.False(reader.MoveNext());
    }

    [Fact]
    public void Lz4_frames_have_what_Kafkas_Java_reader_demands()
    {
        using var builder = new RecordBatchBuilder(Compression.Lz4);
        builder.Append(0, null, new byte[200_000]);
        var frame = builder.Build().AsSpan(BatchHeader.Size);
        Assert.Equal("04224d18", Convert.ToHexStringLower(frame[..4]));
        Assert.Equal(0x60, frame[4] & 0xe0); // version 1, independent blocks
        Assert.Equal(0x40, frame[5]); // blocks of at most 64 KiB
    }

    [Fact]
    public void Snappy_is_written_as_xerial_frames()
    {
        using var builder = new RecordBatchBuilder(Compression.Snappy);
        builder.Append(0, null, new byte[200_000]);
        Assert.Equal("82534e4150505900", Convert.ToHexStringLower(builder.Build().AsSpan(BatchHeader.Size, 8)));
    }

    [Fact]
    public void A_run_of_batches_is_taken_apart_and_a_cut_off_last_one_left()
    {
        var batches = new[] { Small(1), Small(2), Small(3) };
        ReadOnlyMemory<byte> run = batches.SelectMany(batch => batch).Concat(Small(4)[..^1]).ToArray();
        foreach (var expected in batches)
        {
            Assert.True(RecordBatch.TryTake(ref run, out var batch, out var header));
            Assert.Equal(expected, batch.ToArray());
            Assert.Equal(expected.Length, header.TotalSize);
        }

        Assert.False(RecordBatch.TryTake(ref run, out _, out _));
        Assert.Equal(Small(4).Length - 1, run.Length);
        Assert.Throws<CorruptRecordsException>(() =>
        {
            ReadOnlyMemory<byte> zeros = new byte[100];
            RecordBatch.TryTake(ref zeros, out _, out _);
        });
    }

    [Fact]
    public void A_disposed_reader_of_compressed_records_refuses_to_go_on()
    {
        using var builder = new RecordBatchBuilder(Compression.Lz4);
        builder.Append(0, null, [1]);
        var batch = builder.Build();
        Assert.Throws<ObjectDisposedException>(() =>
        {
            var reader = new RecordBatchReader(batch);
            reader.Dispose();
            reader.MoveNext();
        });
    }

    [Fact]
    public void A_builder_serves_again_after_reset()
    {
        using var builder = new RecordBatchBuilder(Compression.Zstd);
        builder.Append(5, [1], [2]);
        var first = builder.Build();
        builder.Reset();
        builder.Append(5, [1], [2]);
        Assert.Equal(first, builder.Build());
    }

    private static Gen<(ushort At, byte Value)> Damage { get; } =
        from at in Properties.Any<ushort>()
        from value in Properties.Any<byte>()
        select (at, value);

    private static void ReadAll(ReadOnlyMemory<byte> batch)
    {
        try
        {
            using var reader = new RecordBatchReader(batch, Bound);
            while (reader.MoveNext())
                foreach (var header in reader.Current.Headers)
                    Assert.True(header.Utf8Key.Length >= 0);
        }
        catch (CorruptRecordsException)
        {
            // What damaged records are told as; anything else fails the property.
        }
    }

    private static byte[] Small(int records)
    {
        using var builder = new RecordBatchBuilder();
        for (var index = 0; index < records; index++) builder.Append(index, null, [(byte)index]);
        return builder.Build();
    }

    private static bool SameHeader((string Key, byte[]? Value) one, (string Key, byte[]? Value) other) =>
        one.Key == other.Key && (one.Value is null ? other.Value is null : other.Value is not null && one.Value.SequenceEqual(other.Value));
}
