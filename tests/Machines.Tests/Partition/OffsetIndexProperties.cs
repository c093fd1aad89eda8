using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Actors.Machines.Tests;

/// <summary>The sparse index against a list of all batches: it stays small, it is right, and it is as coarse everywhere, however long the log is.</summary>
public class OffsetIndexProperties
{
    private const int LeastBytes = 500, MostBytes = 5_000, MostSkipped = 2, EventWeight = 1_024;
    private static readonly PartitionLimits Limits = new(StretchBytes: 4_096, MaxStretches: 64);

    /// <summary>A stretch that nothing was joined to weighs less than this.</summary>
    private const long Single = 4_096 + MostBytes + (4_096 / LeastBytes + 2) * (1 + MostSkipped) * EventWeight;

    [Fact]
    public void Stretches_grow_alike_and_have_the_greatest_timestamps_of_their_batches() =>
        Prop.ForAll(Arb.From(Gen.Choose(0, 1_000_000)), Check).QuickCheckThrowOnFailure();

    [Fact]
    public void What_is_most_of_the_log_already_is_joined_to_nothing_and_the_index_stays_small_with_it()
    {
        var entries = Enumerable.Range(0, Limits.MaxStretches)
            .Select(i => i == 0 ? new IndexEntry(0, 1, 0, 5, 1) : new IndexEntry(1_000_000 + i, 1_000_000 + i, 1_000_000_000 + 5_000 * i, 5, 1_000_000 + i));
        var index = new OffsetIndex(entries, 1_001_000_000, Limits);
        var next = index.Entries[1];
        for (var i = 1_000_100; i < 1_005_000; i++)
        {
            index.Add(i, i, 3_000, 5, startStretch: false);
            Assert.InRange(index.Entries.Count, 1, Limits.MaxStretches);
        }
        Assert.Equal(next, index.Entries[1]);
    }

    private static void Check(int seed)
    {
        var random = new Random(seed);
        var index = new OffsetIndex([], 0, Limits);
        var batches = new List<(long Offset, long SequenceNr, long Position, long Timestamp)>();
        long offset = 0, sequenceNr = 0;
        var most = MostBytes;
        for (var count = random.Next(1, 8_000); count > 0; count--)
        {
            if (random.Next(300) == 0)
                most = random.Next(LeastBytes, MostBytes);
            sequenceNr += 1 + random.Next(MostSkipped + 1);
            var (bytes, timestamp) = (random.Next(LeastBytes, most + 1), random.Next(-1, 1_000));
            batches.Add((offset, sequenceNr, index.EndPosition, timestamp));
            index.Add(offset, sequenceNr, bytes, timestamp, startStretch: random.Next(2_000) == 0);
            offset += 1 + random.Next(10);
            if (count % 7 == 0)
                CheckEvenness(index, sequenceNr + 1);
        }
        CheckEntries(index, batches);
    }

    private static void CheckEvenness(OffsetIndex index, long nextSequenceNr)
    {
        Assert.InRange(index.Entries.Count, 1, Limits.MaxStretches);
        var weights = Weights(index, nextSequenceNr);
        Assert.InRange(weights.Max(), 0, 8 * weights.Average() + Single);
    }

    private static void CheckEntries(OffsetIndex index, List<(long Offset, long SequenceNr, long Position, long Timestamp)> batches)
    {
        var (entries, at) = (index.Entries, 0);
        for (var i = 0; i < entries.Count; i++)
        {
            var end = i + 1 < entries.Count ? entries[i + 1].Offset : long.MaxValue;
            var stretch = batches.Skip(at).TakeWhile(batch => batch.Offset < end).ToList();
            var greatest = stretch.MaxBy(batch => batch.Timestamp);
            Assert.Equal(new IndexEntry(stretch[0].Offset, stretch[0].SequenceNr, stretch[0].Position, greatest.Timestamp, greatest.SequenceNr), entries[i]);
            Assert.Equal(i, index.Floor(stretch[^1].Offset));
            at += stretch.Count;
        }
        Assert.Equal(batches.Count, at);
    }

    private static List<long> Weights(OffsetIndex index, long nextSequenceNr) =>
        [.. index.Entries.Select((entry, i) => i + 1 < index.Entries.Count ? index.Entries[i + 1] : entry with { SequenceNr = nextSequenceNr, Position = index.EndPosition })
            .Zip(index.Entries, (next, entry) => next.Position - entry.Position + (next.SequenceNr - entry.SequenceNr) * EventWeight)];
}
