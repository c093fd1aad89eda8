using Actors.Protocol;
using Actors.Protocol.Records;

namespace Actors.Client.Tests.Fakes;

/// <summary>One partition: batches with offsets, and Kafka's rules for producers' sequences: the last five batches are remembered, and one it does not know may begin anywhere.</summary>
public sealed class FakeLog
{
    private readonly Dictionary<long, ProducerState> _producers = [];

    public List<byte[]> Batches { get; } = [];

    public int Leader { get; set; }

    public int LeaderEpoch { get; set; }

    public long Start { get; set; }

    public long End { get; private set; }

    /// <summary>Ends at each append, for fetches that wait.</summary>
    public TaskCompletionSource Appended { get; private set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public (ErrorCode Error, long BaseOffset) Append(byte[] batch)
    {
        if (RecordBatch.Check(batch) is var check and not ErrorCode.None) return (check, -1);
        BatchHeader.TryRead(batch, out var header);
        if (header.TotalSize != batch.Length) return (ErrorCode.InvalidRecord, -1);
        if (header.HasProducerId)
        {
            var state = _producers.TryGetValue(header.ProducerId, out var known) ? known : null;
            if (state is not null && header.ProducerEpoch < state.Epoch) return (ErrorCode.InvalidProducerEpoch, -1);
            if (state is not null && header.ProducerEpoch == state.Epoch)
            {
                foreach (var (first, last, offset) in state.Recent)
                    if (first == header.BaseSequence && last == header.LastSequence) return (ErrorCode.None, offset);
                if (header.BaseSequence != state.Next) return (header.LastSequence < state.Next ? ErrorCode.DuplicateSequenceNumber : ErrorCode.OutOfOrderSequenceNumber, -1);
            }
            else if (state is not null && header.BaseSequence != 0)
            {
                return (ErrorCode.OutOfOrderSequenceNumber, -1);
            }
            if (state is null || header.ProducerEpoch > state.Epoch) _producers[header.ProducerId] = state = new ProducerState(header.ProducerEpoch);
            state.Recent.Enqueue((header.BaseSequence, header.LastSequence, End));
            if (state.Recent.Count > 5) state.Recent.Dequeue();
            state.Next = (header.LastSequence + 1) & int.MaxValue;
        }
        var stored = (byte[])batch.Clone();
        RecordBatch.SetBaseOffset(stored, End);
        RecordBatch.SetPartitionLeaderEpoch(stored, LeaderEpoch);
        var at = End;
        Batches.Add(stored);
        End += header.LastOffsetDelta + 1;
        var waiters = Appended;
        Appended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        waiters.SetResult();
        return (ErrorCode.None, at);
    }

    /// <summary>Where the first batch begins that has a record of this time or later; -1 where there is none.</summary>
    public long At(long timestamp)
    {
        foreach (var batch in Batches)
            if (BatchHeader.TryRead(batch, out var header) && header.MaxTimestamp >= timestamp) return header.BaseOffset;
        return -1;
    }

    public RecordSet Read(long offset, int maxBytes)
    {
        var taken = new List<ReadOnlyMemory<byte>>();
        var bytes = 0;
        foreach (var batch in Batches)
        {
            BatchHeader.TryRead(batch, out var header);
            if (header.LastOffset < offset) continue;
            if (taken.Count > 0 && bytes + batch.Length > maxBytes) break;
            taken.Add(batch);
            bytes += batch.Length;
        }
        return RecordSet.Of(taken);
    }

    /// <summary>Every record's value as text, with its offset.</summary>
    public List<(long Offset, string Value)> Values()
    {
        var values = new List<(long, string)>();
        foreach (var batch in Batches)
        {
            using var reader = new RecordBatchReader(batch);
            foreach (var record in reader) values.Add((record.Offset, System.Text.Encoding.UTF8.GetString(record.Value!.Value.Span)));
        }
        return values;
    }

    private sealed class ProducerState(short epoch)
    {
        public short Epoch => epoch;

        public int Next { get; set; }

        public Queue<(int First, int Last, long Offset)> Recent { get; } = new();
    }
}
