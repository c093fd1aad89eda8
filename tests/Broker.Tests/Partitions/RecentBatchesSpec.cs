using Actors.Broker.Partitions;
using Actors.Machines;
using Actors.Protocol.Records;
using Xunit;

namespace Actors.Broker.Tests.Partitions;

/// <summary>The log's tail in memory: dense, bounded, and left to the journal when an offset is older.</summary>
public sealed class RecentBatchesSpec
{
    private readonly CacheBudget _node = new(1_000_000);
    private long _nextOffset;
    private long _sequenceNr;

    [Fact]
    public void A_read_from_inside_a_batch_begins_with_that_batch()
    {
        var recent = new RecentBatches(_node, 1_000_000);
        Fill(recent, batches: 4, records: 5);
        var read = recent.Read(7, 20, 1_000_000, out var bytes)!;
        Assert.Equal([5, 10, 15], read.Select(BaseOffset));
        Assert.Equal(read.Sum(batch => batch.Length), bytes);
    }

    [Fact]
    public void Only_batches_that_end_below_the_given_end_are_read()
    {
        var recent = new RecentBatches(_node, 1_000_000);
        Fill(recent, batches: 4, records: 5);
        Assert.Equal([0, 5], recent.Read(0, 12, 1_000_000, out _)!.Select(BaseOffset));
        Assert.Empty(recent.Read(10, 12, 1_000_000, out _)!);
    }

    [Fact]
    public void The_first_batch_comes_whatever_its_size_the_others_while_they_fit()
    {
        var recent = new RecentBatches(_node, 1_000_000);
        Fill(recent, batches: 4, records: 5);
        var size = recent.Read(0, 5, 1, out var bytes)!.Single().Length;
        Assert.Equal(size, bytes);
        Assert.Equal(2, recent.Read(0, 20, (2 * size) + 1, out _)!.Count);
    }

    [Fact]
    public void The_oldest_make_room_in_the_partition_and_what_is_left_has_no_gap()
    {
        var size = Batch(0, 1).Length;
        var recent = new RecentBatches(_node, 3 * size);
        Fill(recent, batches: 10, records: 1);
        Assert.Equal(7, recent.FirstOffset);
        Assert.Null(recent.Read(6, 10, 1_000_000, out _));
        Assert.Equal([7, 8, 9], recent.Read(7, 10, 1_000_000, out _)!.Select(BaseOffset));
        Assert.Equal(3 * size, _node.Used);
    }

    [Fact]
    public void The_oldest_make_room_when_the_node_holds_too_much()
    {
        var size = Batch(0, 1).Length;
        var node = new CacheBudget(4 * size);
        var recent = new RecentBatches(node, 1_000_000);
        var other = new RecentBatches(node, 1_000_000);
        Fill(other, batches: 3, records: 1);
        (_nextOffset, _sequenceNr) = (0, 0);
        Fill(recent, batches: 3, records: 1);
        Assert.Equal(4 * size, node.Used);
        Assert.Equal(2, recent.FirstOffset);
        recent.Clear();
        Assert.Equal(3 * size, node.Used);
        Assert.Equal(long.MaxValue, recent.FirstOffset);
        Assert.Null(recent.Read(2, 3, 1_000_000, out _));
    }

    [Fact]
    public void What_ends_before_an_offset_is_let_go_and_the_node_has_its_room_again()
    {
        var recent = new RecentBatches(_node, 1_000_000);
        Fill(recent, batches: 4, records: 5);
        var all = _node.Used;
        recent.DropBefore(12);
        Assert.Equal((10, all / 2), (recent.FirstOffset, _node.Used));
        recent.DropBefore(3);
        Assert.Equal((10, all / 2), (recent.FirstOffset, _node.Used));
        recent.DropBefore(20);
        Assert.Equal((long.MaxValue, 0), (recent.FirstOffset, _node.Used));
        Fill(recent, batches: 1, records: 5);
        Assert.Equal([20], recent.Read(20, 25, 1_000_000, out _)!.Select(BaseOffset));
    }

    [Fact]
    public void A_partition_that_comes_later_gets_a_share_from_those_that_go_on()
    {
        var size = Batch(0, 1).Length;
        var node = new CacheBudget(32 * size);
        var partitions = Enumerable.Range(0, 4).Select(_ => new RecentBatches(node, 1_000_000)).ToList();
        var held = new Dictionary<RecentBatches, long>();
        for (var turn = 0; turn < 400; turn++)
            foreach (var partition in partitions.Take(1 + turn / 50))
            {
                var before = node.Used;
                (_nextOffset, _sequenceNr) = (turn, turn);
                Fill(partition, batches: 1, records: 1);
                held[partition] = held.GetValueOrDefault(partition) + node.Used - before;
                Assert.InRange(node.Used, 0, 32 * size);
            }
        Assert.All(held.Values, bytes => Assert.InRange(bytes / size, 6, 10));
    }

    [Fact]
    public void Others_are_called_upon_only_while_there_is_little_room_and_not_time_and_again()
    {
        var node = new CacheBudget(800);
        Assert.False(node.CallsForRoom(1_000));
        node.Add(701);
        Assert.Equal([true, false, false, true, false], new long[] { 1_000, 1_000, 5_999, 6_000, 6_001 }.Select(node.CallsForRoom));
        node.Add(-1);
        Assert.False(node.CallsForRoom(20_000));
    }

    private void Fill(RecentBatches recent, int batches, int records)
    {
        for (var i = 0; i < batches; i++)
        {
            recent.Add(new StoredBatch(++_sequenceNr, BatchAppended.Of(Batch(_nextOffset, records))));
            _nextOffset += records;
        }
    }

    private static byte[] Batch(long baseOffset, int records)
    {
        var builder = new RecordBatchBuilder(Compression.None);
        for (var i = 0; i < records; i++)
            builder.Append(1_700_000_000_000, null, new byte[] { (byte)i });
        var batch = builder.Build();
        RecordBatch.SetBaseOffset(batch, baseOffset);
        return batch;
    }

    private static long BaseOffset(ReadOnlyMemory<byte> batch) => BatchHeader.TryRead(batch.Span, out var header) ? header.BaseOffset : -1;
}
