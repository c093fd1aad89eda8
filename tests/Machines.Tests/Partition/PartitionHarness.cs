using Actors.Protocol.Records;
using Xunit;

namespace Actors.Machines.Tests;

/// <summary>A partition machine with a journal beside it, as the actor would keep one: events are written and read back as bytes.</summary>
internal sealed class PartitionHarness(TopicConfiguration? configuration = null, PartitionLimits? limits = null)
{
    private readonly TopicConfiguration _configuration = configuration ?? TopicConfiguration.Default;

    public PartitionMachine Machine { get; private set; } = new(configuration ?? TopicConfiguration.Default, limits);

    public SortedDictionary<long, (string Manifest, byte[] Bytes)> Journal { get; } = [];

    public byte[]? SavedSnapshot { get; private set; }

    public long Now { get; set; } = 1_000_000;

    public (object? Reply, IReadOnlyList<IMachineEvent> Events) Do(PartitionCommand command)
    {
        var before = Machine.ToSnapshot().Write();
        var decision = Machine.Decide(command, Now);
        Assert.Equal(before, Machine.ToSnapshot().Write());
        foreach (var @event in decision.Events)
        {
            var sequenceNr = Machine.AppliedSequenceNr + 1;
            Journal.Add(sequenceNr, (PartitionEvents.Manifest(@event), [.. PartitionEvents.Write(@event)]));
            Machine.Apply(@event, sequenceNr);
        }
        if (decision.Change is { } change)
            Machine.Apply(change);
        return (decision.Reply, decision.Events);
    }

    public AppendReply Append(byte[] batch, bool startEpoch = false)
    {
        Assert.True(BatchHeader.TryRead(batch, out var header));
        return (AppendReply)Do(new AppendBatch(header, batch, startEpoch)).Reply!;
    }

    public void Durable() => Machine.Durable(Machine.AppliedSequenceNr);

    public void SaveSnapshot()
    {
        Durable();
        var snapshot = Machine.ToSnapshot();
        Machine.SnapshotTaken();
        SavedSnapshot = snapshot.Write();
        Machine.SnapshotSaved(snapshot.SequenceNr);
    }

    /// <summary>Deletes what the machine lets go, slice by slice.</summary>
    public List<long> Delete()
    {
        var slices = new List<long>();
        while (Machine.NextDeletion() is { } to)
        {
            foreach (var sequenceNr in Journal.Keys.Where(key => key <= to).ToList())
                Journal.Remove(sequenceNr);
            Machine.Deleted(to);
            slices.Add(to);
        }
        return slices;
    }

    /// <summary>What a start would recover: from the saved snapshot when asked, else from the journal's beginning.</summary>
    public PartitionMachine Recovered(bool fromSnapshot)
    {
        var machine = fromSnapshot && SavedSnapshot is not null ? PartitionMachine.From(PartitionSnapshot.Read(SavedSnapshot), limits) : new PartitionMachine(_configuration, limits);
        foreach (var (sequenceNr, (manifest, bytes)) in Journal)
            if (sequenceNr > machine.AppliedSequenceNr)
                machine.Apply(PartitionEvents.Read(manifest, [.. bytes]), sequenceNr);
        machine.Durable(machine.AppliedSequenceNr);
        return machine;
    }

    public void Restart() => Machine = Recovered(fromSnapshot: true);

    /// <summary>The batches a fetch serves, read from the journal by the plan's range.</summary>
    public List<BatchHeader> Fetch(FetchPlan plan, long offset)
    {
        var served = new List<BatchHeader>();
        foreach (var header in Batches(plan.Range).Select(batch => BatchAppended.Of(batch).Header))
            if (header.LastOffset >= offset && header.LastOffset < plan.EndOffset)
                served.Add(header);
        return served;
    }

    public TimestampedOffset? Find(TimestampSearch search)
    {
        var scan = new TimestampScan(search);
        foreach (var batch in search.Ranges.SelectMany(range => Batches(range)))
            if (scan.Add(batch))
                break;
        return scan.Found;
    }

    private IEnumerable<byte[]> Batches(JournalRange? range) => range is not { } wanted ? [] :
        Journal.Where(pair => pair.Key >= wanted.FromSequenceNr && pair.Key <= wanted.ToSequenceNr && pair.Value.Manifest == PartitionEvents.BatchManifest)
            .Select(pair => pair.Value.Bytes);

    public static byte[] Batch(int records, IReadOnlyList<long>? timestamps = null, long producerId = -1, short epoch = -1, int sequence = -1, int valueBytes = 10,
        Compression compression = Compression.None, bool transactional = false, bool control = false, Func<int, bool>? hasKey = null)
    {
        using var builder = new RecordBatchBuilder(compression)
        {
            ProducerId = producerId,
            ProducerEpoch = epoch,
            BaseSequence = sequence,
            IsTransactional = transactional,
            IsControl = control,
        };
        for (var i = 0; i < records; i++)
            builder.Append(timestamps is null ? 1_000_000 : timestamps[i % timestamps.Count], hasKey?.Invoke(i) == true ? [1] : (byte[]?)null, new byte[valueBytes]);
        return builder.Build();
    }
}
