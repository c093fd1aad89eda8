using Actors.Protocol;

namespace Actors.Machines;

/// <summary>Journal events from one sequence number to another, both included. Among them may stand events that are no batches.</summary>
public readonly record struct JournalRange(long FromSequenceNr, long ToSequenceNr);

/// <summary>A place a reader knows: the batch that holds <paramref name="Offset"/> (or begins with it) is no earlier than <paramref name="SequenceNr"/>.</summary>
public readonly record struct JournalPlace(long Offset, long SequenceNr);

/// <summary>What a fetch may get.</summary>
/// <param name="Error">OFFSET_OUT_OF_RANGE, FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH or none.</param>
/// <param name="EndOffset">Serve batches whose last offset is below this one, beginning with the batch that holds the fetch offset.</param>
/// <param name="Range">Where those batches stand in the journal; null when there is nothing to serve yet.</param>
/// <param name="GuessedSequenceNr">Where of the range those batches likely begin, going by their stretch's mean: what begins there with a later offset is too far, and the rest is needed.</param>
/// <param name="LikelySequenceNr">How far of the range the bytes likely reach, going by their stretch's mean; only when that part has none of them is the rest needed.</param>
public readonly record struct FetchPlan(
    ErrorCode Error, long HighWatermark, long LastStableOffset, long LogStartOffset, long EndOffset, JournalRange? Range, long GuessedSequenceNr = 0,
    long LikelySequenceNr = 0);

/// <summary>An answer to ListOffsets, or where to look for it.</summary>
/// <param name="Timestamp">The record's timestamp, -1 when none was asked for or found.</param>
/// <param name="Offset">The offset, -1 when there is none.</param>
/// <param name="LeaderEpoch">The offset's leader epoch, -1 when unknown.</param>
/// <param name="Search">Not null: the batches of its ranges must be shown to a <see cref="TimestampScan"/>, which has the answer.</param>
public sealed record OffsetLookup(ErrorCode Error, long Timestamp, long Offset, int LeaderEpoch, TimestampSearch? Search = null);

/// <summary>What a <see cref="TimestampScan"/> looks for, and where: at most three ranges, of about a stretch of the index each, in order.</summary>
/// <param name="Timestamp">The first record at or after this time; null for the record with the greatest timestamp.</param>
/// <param name="FromOffset">No record before this offset.</param>
/// <param name="EndOffset">No record at or after this offset.</param>
public sealed record TimestampSearch(long? Timestamp, long FromOffset, long EndOffset, IReadOnlyList<JournalRange> Ranges);

public sealed partial class PartitionMachine
{
    /// <summary>ListOffsets' special timestamps. Source: Kafka's ListOffsetsRequest.</summary>
    public const long LatestTimestamp = -1, EarliestTimestamp = -2, MaxTimestamp = -3, EarliestLocalTimestamp = -4, LatestTieredTimestamp = -5;

    /// <summary>Whether a client's idea of the leader epoch is this one's; -1 is no idea.</summary>
    public ErrorCode CheckLeaderEpoch(int currentLeaderEpoch)
    {
        if (currentLeaderEpoch < 0 || currentLeaderEpoch == LeaderEpoch)
            return ErrorCode.None;
        return currentLeaderEpoch < LeaderEpoch ? ErrorCode.FencedLeaderEpoch : ErrorCode.UnknownLeaderEpoch;
    }

    /// <summary>What a fetch from an offset may get, and where it stands in the journal.</summary>
    /// <param name="offset">May lie inside a batch: the whole batch is served.</param>
    /// <param name="maxBytes">Bounds the range, to about two MiB more; the first batch may be larger.</param>
    /// <param name="readCommitted">Up to the last stable offset rather than the high watermark.</param>
    /// <param name="known">The nearest place at or before the offset that the reader remembers; saves reading up to a MiB again.</param>
    public FetchPlan PlanFetch(long offset, int maxBytes, bool readCommitted = false, int currentLeaderEpoch = -1, JournalPlace? known = null)
    {
        var end = readCommitted ? LastStableOffset : HighWatermark;
        var error = CheckLeaderEpoch(currentLeaderEpoch);
        if (error == ErrorCode.None && (offset < LogStartOffset || offset > LogEndOffset))
            error = ErrorCode.OffsetOutOfRange;
        if (error != ErrorCode.None || offset >= end)
            return new FetchPlan(error, HighWatermark, LastStableOffset, LogStartOffset, end, null);

        var floor = _index.Floor(offset);
        var start = new JournalPlace(_index.Entries[floor].Offset, _index.Entries[floor].SequenceNr);
        if (known is { } place && place.Offset <= offset && place.SequenceNr > start.SequenceNr)
            start = place;
        var next = floor + 1 < _index.Entries.Count ? _index.Entries[floor + 1] : new IndexEntry(HighWatermark, DurableSequenceNr + 1, _index.EndPosition, -1, -1);
        var to = _index.LastSequenceNrFor(next.Position, maxBytes, DurableSequenceNr);
        var (guess, slack) = Guess(offset, start, next);
        // What follows the stretch's durable part is not to be read, however alike.
        guess = Math.Min(guess, to);
        var likely = Math.Min(to, guess + slack + Math.Max(1, maxBytes / _index.MeanBytes(floor, DurableSequenceNr)) - 1);
        return new FetchPlan(ErrorCode.None, HighWatermark, LastStableOffset, LogStartOffset, end, new JournalRange(start.SequenceNr, to), guess, likely);
    }

    /// <summary>Where an offset likely stands if the batches up to the next stretch are alike, and by how much this was put earlier because they are not quite.</summary>
    private static (long SequenceNr, long Slack) Guess(long offset, JournalPlace start, IndexEntry next)
    {
        if (offset <= start.Offset || next.Offset <= start.Offset || next.SequenceNr <= start.SequenceNr)
            return (start.SequenceNr, 0);
        var share = (double)(offset - start.Offset) / (next.Offset - start.Offset);
        var distance = Math.Min((long)(share * (next.SequenceNr - start.SequenceNr)), next.SequenceNr - start.SequenceNr - 1);
        var slack = distance / 8;
        return (start.SequenceNr + distance - slack, slack);
    }

    /// <summary>ListOffsets: a special timestamp (see the constants) or a time.</summary>
    public OffsetLookup ListOffset(long timestamp, bool readCommitted = false, int currentLeaderEpoch = -1)
    {
        var error = CheckLeaderEpoch(currentLeaderEpoch);
        if (error != ErrorCode.None)
            return new OffsetLookup(error, -1, -1, -1);
        var end = readCommitted ? LastStableOffset : HighWatermark;
        return timestamp switch
        {
            LatestTimestamp => new OffsetLookup(ErrorCode.None, -1, end, LeaderEpoch),
            EarliestTimestamp or EarliestLocalTimestamp => new OffsetLookup(ErrorCode.None, -1, LogStartOffset, _epochs.EpochOf(LogStartOffset)),
            MaxTimestamp => Search(null, end),
            >= 0 => Search(timestamp, end),
            LatestTieredTimestamp => NotFound,
            _ => new OffsetLookup(ErrorCode.UnsupportedVersion, -1, -1, -1),
        };
    }

    /// <summary>Where a leader epoch ends (OffsetForLeaderEpoch); the current one at the high watermark. Both -1 when the epoch is unknown.</summary>
    public EpochEnd EndOfLeaderEpoch(int epoch) => _epochs.EndOf(epoch, HighWatermark);

    /// <summary>Where a reader's log parts from this one: null when what it read last (epoch and next offset) is in this log.</summary>
    public EpochEnd? Divergence(int lastFetchedEpoch, long fetchOffset)
    {
        if (lastFetchedEpoch < 0)
            return null;
        var end = EndOfLeaderEpoch(lastFetchedEpoch);
        return end.LeaderEpoch < lastFetchedEpoch || end.EndOffset < fetchOffset ? end : null;
    }

    private static readonly OffsetLookup NotFound = new(ErrorCode.None, -1, -1, -1);

    private OffsetLookup Search(long? timestamp, long end)
    {
        var entries = _index.Entries;
        var first = _index.Floor(LogStartOffset);
        var last = _index.Floor(end - 1);
        if (end <= LogStartOffset || first < 0)
            return NotFound;
        var ranges = new List<JournalRange>(3);
        if (timestamp is { } time)
        {
            // A stretch that lies wholly in the log has what its entry promises; of one cut by the log's start or end that is not sure.
            for (var i = first; i <= last; i++)
            {
                if (entries[i].MaxTimestamp < time)
                    continue;
                ranges.Add(Stretch(i));
                if (IsWhole(i, end))
                    break;
            }
        }
        else
        {
            var best = -1;
            for (var i = first; i <= last; i++)
            {
                if (entries[i].MaxTimestamp < 0)
                    continue;
                if (!IsWhole(i, end))
                    ranges.Add(Stretch(i));
                else if (best < 0 || entries[i].MaxTimestamp > entries[best].MaxTimestamp)
                    best = i;
            }
            if (best >= 0)
                ranges.Insert(ranges.Count > 0 && ranges[0].FromSequenceNr < entries[best].SequenceNr ? 1 : 0,
                    new JournalRange(entries[best].MaxTimestampSequenceNr, entries[best].MaxTimestampSequenceNr));
        }
        return ranges.Count == 0 ? NotFound : new OffsetLookup(ErrorCode.None, -1, -1, -1, new TimestampSearch(timestamp, LogStartOffset, end, ranges));
    }

    private bool IsWhole(int index, long end) =>
        _index.Entries[index].Offset >= LogStartOffset && (index + 1 < _index.Entries.Count ? _index.Entries[index + 1].Offset : LogEndOffset) <= end;

    private JournalRange Stretch(int index) => new(_index.Entries[index].SequenceNr,
        index + 1 < _index.Entries.Count ? Math.Min(_index.Entries[index + 1].SequenceNr - 1, DurableSequenceNr) : DurableSequenceNr);
}
