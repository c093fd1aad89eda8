using Actors.Broker.Network;
using Actors.Machines;
using Actors.Protocol;
using Akka.Actor;
using Akka.Event;

namespace Actors.Broker.Partitions;

/// <summary>What a partition shows of its log: batches, offsets by time, ends of leader epochs; and who waits for more.</summary>
internal sealed partial class PartitionActor
{
    private void Read(ReadBatches read, IActorRef replyTo)
    {
        var plan = _machine.PlanFetch(read.Offset, read.MaxBytes, read.ReadCommitted, read.CurrentLeaderEpoch, _places.Before(read.Offset));
        if (plan.Range is null || !read.WantsBatches)
        {
            Answer(plan, [], 0);
            return;
        }
        if (_recent.Read(read.Offset, plan.EndOffset, read.MaxBytes, out var bytes) is { } recent)
        {
            _recentUsedAt = Now;
            Answer(plan, recent, bytes);
            return;
        }
        _broker.Journal.ReadAsync(PersistenceId, plan, read.Offset, read.MaxBytes)
            .PipeTo(Self, replyTo, batches => new JournalRead(read, batches, null), failure => new JournalRead(read, [], failure));

        void Answer(FetchPlan plan, IReadOnlyList<ReadOnlyMemory<byte>> batches, int bytes) =>
            ReplyToRead(replyTo, new BatchesAnswer(read.Token, plan.Error, plan.HighWatermark, plan.LastStableOffset, plan.LogStartOffset, batches, bytes));
    }

    /// <summary>The log may have moved on, or lost its beginning to retention, while the journal was read.</summary>
    private void AfterRead(JournalRead done)
    {
        var read = done.Read;
        var plan = _machine.PlanFetch(read.Offset, read.MaxBytes, read.ReadCommitted, read.CurrentLeaderEpoch);
        var batches = plan.Range is null ? [] : done.Batches.Where(batch => batch.LastOffset < plan.EndOffset).ToList();
        var error = plan.Error;
        if (error == ErrorCode.None && plan.Range is not null && batches.Count == 0)
        {
            error = ErrorCode.KafkaStorageError;
            Log.Error(done.Failure, "{0}: reading offset {1} from the journal gave nothing", PersistenceId, read.Offset);
        }
        if (error == ErrorCode.None && batches.Count > 0)
            _places.Remember(batches[^1].LastOffset + 1, batches[^1].SequenceNr + 1);
        var bytes = batches.Sum(batch => batch.Bytes.Length);
        ReplyToRead(Sender, new BatchesAnswer(
            read.Token, error, plan.HighWatermark, plan.LastStableOffset, plan.LogStartOffset, batches.ConvertAll(batch => (ReadOnlyMemory<byte>)batch.Bytes), bytes));
    }

    /// <summary>A read shows nothing above the high watermark, so that only an unfinished move of the start or of the epoch holds its answer back.</summary>
    private void ReplyToRead(IActorRef replyTo, IAnswer answer)
    {
        if (Durable >= _settledAt)
            ReplyNow(replyTo, answer);
        else
            Reply(replyTo, answer);
    }

    private void Await(AwaitRecords await)
    {
        if (_machine.HighWatermark > await.Offset)
            Sender.Tell(new RecordsArrived(await.Token), Self);
        else
            _awaiting[(Sender, await.Token)] = await.Offset;
    }

    private void Wake(bool everyone = false)
    {
        if (_awaiting.Count == 0)
            return;
        foreach (var ((asker, token), offset) in _awaiting.ToList())
        {
            if (!everyone && offset >= _machine.HighWatermark)
                continue;
            _awaiting.Remove((asker, token));
            asker.Tell(new RecordsArrived(token), Self);
        }
    }

    private void Find(FindOffset find)
    {
        var lookup = _machine.ListOffset(find.Timestamp, find.ReadCommitted, find.CurrentLeaderEpoch);
        if (lookup.Search is not { } search)
        {
            ReplyToRead(Sender, new OffsetAnswer(find.Token, lookup.Error, lookup.Timestamp, lookup.Offset, lookup.LeaderEpoch));
            return;
        }
        ScanAsync(search).PipeTo(Self, Sender, found => new JournalScanned(find, search, found, null), failure => new JournalScanned(find, search, null, failure));
    }

    /// <summary>The log may have lost its beginning to retention while the journal was read, and what was looked for with it: what is left may have it too.</summary>
    private void AfterScan(JournalScanned scanned)
    {
        var (find, search, found, failure) = scanned;
        if (failure is not null)
        {
            Log.Error(failure, "{0}: looking for timestamp {1} in the journal failed", PersistenceId, find.Timestamp);
            ReplyToRead(Sender, new OffsetAnswer(find.Token, ErrorCode.KafkaStorageError, -1, -1, -1));
        }
        else if (_machine.LogStartOffset != search.FromOffset && (search.Timestamp is null || found is null || found.Value.Offset < _machine.LogStartOffset))
            Find(find);
        else
            ReplyToRead(Sender, found is { } offset
                ? new OffsetAnswer(find.Token, ErrorCode.None, offset.Timestamp, offset.Offset, offset.LeaderEpoch)
                : new OffsetAnswer(find.Token, ErrorCode.None, -1, -1, -1));
    }

    private void Find(FindEpochEnd find)
    {
        var error = _machine.CheckLeaderEpoch(find.CurrentLeaderEpoch);
        ReplyToRead(Sender, new EpochEndAnswer(find.Token, error, error == ErrorCode.None ? _machine.EndOfLeaderEpoch(find.LeaderEpoch) : new EpochEnd(-1, -1)));
    }

    private async Task<TimestampedOffset?> ScanAsync(TimestampSearch search)
    {
        var (journal, persistenceId) = (_broker.Journal, PersistenceId);
        var scan = new TimestampScan(search);
        foreach (var range in search.Ranges)
            if (await journal.ScanAsync(persistenceId, range, search.FromOffset, scan.Add))
                break;
        return scan.Found;
    }

    private sealed record JournalScanned(FindOffset Find, TimestampSearch Search, TimestampedOffset? Found, Exception? Failure);

    private sealed record JournalRead(ReadBatches Read, IReadOnlyList<StoredBatch> Batches, Exception? Failure);
}
