using Actors.Protocol;
using Actors.Protocol.Records;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Actors.Machines.Tests;

/// <summary>A partition against a list of records in memory, under random appends, commits, retention, snapshots, deletions and restarts.</summary>
public class PartitionProperties
{
    private static readonly PartitionLimits Small = new(SnapshotBytes: 2_000, SnapshotEvents: 12, StretchBytes: 300, MaxStretches: 6);

    private enum Step
    {
        Append,
        AppendIdempotent,
        Repeat,
        Skip,
        NewProducerEpoch,
        Durable,
        DurableInPart,
        Epoch,
        Snapshot,
        Delete,
        DeleteRecords,
        Retention,
        ExpireProducers,
        Restart,
    }

    [Fact]
    public void A_partition_is_its_list_of_records() => Property(150).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(1)]
    [InlineData(37)]
    [InlineData(400)]
    public void Where_batches_are_alike_an_offset_is_guessed_to_within_an_eighth_of_its_stretch_and_never_after_it(int batches)
    {
        const int records = 3;
        var harness = new PartitionHarness();
        harness.Do(new StartLeaderEpoch());
        for (var i = 0; i < batches; i++)
            Assert.Equal(ErrorCode.None, harness.Append(PartitionHarness.Batch(records)).Error);
        harness.Durable();
        for (var offset = 0; offset < batches * records; offset++)
            Assert.InRange(2 + offset / records - harness.Machine.PlanFetch(offset, 1).GuessedSequenceNr, 0, batches / 8 + 1);
    }

    private static Property Property(int steps)
    {
        var step = Gen.Choose(0, 1_000_000).Select(number => (Step: (Step)(number % 14), Number: number / 14));
        var runs = step.ListOf(steps).Select(list => list.ToList());
        return Prop.ForAll(Arb.From(runs, Shrink), run =>
        {
            var model = new Model();
            foreach (var (kind, number) in run)
                model.Do(kind, number);
            model.CheckRecovery();
        });
    }

    private static IEnumerable<List<(Step, int)>> Shrink(List<(Step, int)> run)
    {
        for (var length = run.Count / 2; length > 0; length /= 2)
            for (var at = 0; at + length <= run.Count; at += length)
                yield return [.. run.Take(at), .. run.Skip(at + length)];
    }

    private sealed class Model
    {
        private readonly PartitionHarness _harness = new(TopicConfiguration.Default.With([new("retention.bytes", "900"), new("retention.ms", "400")]), Small);
        private readonly List<(long Offset, long Timestamp)> _records = [];
        private readonly Dictionary<int, (short Epoch, int Next, List<(int Sequence, int Records, long Offset)> Last)> _producers = [];

        private long End => _records.Count;

        public void Do(Step step, int number)
        {
            _harness.Now += number % 50;
            switch (step)
            {
                case Step.Append:
                    Append(-1, -1, -1, 1 + number % 4, number);
                    break;
                case Step.AppendIdempotent:
                    AppendNext(number % 3, 1 + number % 4, number);
                    break;
                case Step.Repeat:
                    Repeat(number % 3, number);
                    break;
                case Step.Skip:
                    Skip(number % 3);
                    break;
                case Step.NewProducerEpoch:
                    NewProducerEpoch(number % 3);
                    break;
                case Step.Durable:
                    _harness.Durable();
                    Assert.Equal(End, _harness.Machine.HighWatermark);
                    break;
                case Step.DurableInPart:
                    var (low, high) = (_harness.Machine.DurableSequenceNr, _harness.Machine.AppliedSequenceNr);
                    _harness.Machine.Durable(low + number % (high - low + 1));
                    break;
                case Step.Epoch:
                    var epoch = _harness.Machine.LeaderEpoch;
                    Assert.Equal(new LeaderEpochReply(epoch + 1), _harness.Do(new StartLeaderEpoch()).Reply);
                    break;
                case Step.Snapshot:
                    _harness.SaveSnapshot();
                    Assert.InRange(_harness.Machine.ToSnapshot().Index.Count, 0, Small.MaxStretches);
                    break;
                case Step.Delete:
                    foreach (var to in _harness.Delete())
                        Assert.True(to <= _harness.Machine.SavedSnapshotSequenceNr);
                    break;
                case Step.DeleteRecords:
                    _harness.Do(new DeleteRecordsBefore(number % (End + 1)));
                    break;
                case Step.Retention:
                    _harness.Do(new CheckRetention());
                    break;
                case Step.ExpireProducers:
                    foreach (var gone in _harness.Do(new ExpireProducers(300)).Events.OfType<ProducersExpired>().SelectMany(expired => expired.ProducerIds))
                        _producers.Remove((int)gone);
                    break;
                case Step.Restart:
                    _harness.Durable();
                    CheckRecovery();
                    _harness.Restart();
                    break;
            }
            var machine = _harness.Machine;
            Assert.Equal(End, machine.LogEndOffset);
            Assert.InRange(machine.HighWatermark, machine.LogStartOffset, machine.LogEndOffset);
            CheckReads(machine, number);
        }

        /// <summary>Recovery from the snapshot, and from the journal's beginning while it is there, serves what is served now.</summary>
        public void CheckRecovery()
        {
            _harness.Durable();
            var starts = new List<bool> { true };
            if (_harness.Journal.Count == _harness.Machine.AppliedSequenceNr)
                starts.Add(false);
            foreach (var fromSnapshot in starts)
            {
                var recovered = _harness.Recovered(fromSnapshot);
                Assert.Equal((_harness.Machine.ToSnapshot() with { Index = [], Activity = [] }).Write(), (recovered.ToSnapshot() with { Index = [], Activity = [] }).Write());
                for (var number = 0; number < 7; number++)
                    CheckReads(recovered, number * 13);
            }
        }

        private void Append(int producer, short epoch, int sequence, int count, int number)
        {
            var timestamps = Enumerable.Range(0, count).Select(i => _harness.Now - (number * 7 + i * 31) % 100).ToList();
            var reply = _harness.Append(PartitionHarness.Batch(count, timestamps, producer, epoch, sequence, compression: number % 5 == 0 ? Compression.Gzip : Compression.None),
                startEpoch: number % 11 == 0);
            Assert.Equal((ErrorCode.None, End), (reply.Error, reply.BaseOffset));
            foreach (var timestamp in timestamps)
                _records.Add((_records.Count, timestamp));
        }

        private void AppendNext(int producer, int count, int number)
        {
            if (!_producers.TryGetValue(producer, out var known))
                known = (0, 0, []);
            known.Last.Add((known.Next, count, End));
            if (known.Last.Count > 5)
                known.Last.RemoveAt(0);
            Append(producer, known.Epoch, known.Next, count, number);
            _producers[producer] = known with { Next = known.Next + count };
        }

        private void Repeat(int producer, int number)
        {
            if (!_producers.TryGetValue(producer, out var known) || known.Last.Count == 0)
                return;
            var (sequence, count, offset) = known.Last[number % known.Last.Count];
            var reply = _harness.Append(PartitionHarness.Batch(count, null, producer, known.Epoch, sequence));
            Assert.Equal((ErrorCode.None, offset), (reply.Error, reply.BaseOffset));
        }

        private void Skip(int producer)
        {
            if (!_producers.TryGetValue(producer, out var known) || known.Last.Count == 0)
                return;
            Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, _harness.Append(PartitionHarness.Batch(1, null, producer, known.Epoch, known.Next + 1)).Error);
        }

        private void NewProducerEpoch(int producer)
        {
            if (!_producers.TryGetValue(producer, out var known))
                return;
            var old = known.Epoch;
            _producers[producer] = ((short)(old + 1), 0, []);
            AppendNext(producer, 1, 1);
            Assert.Equal(ErrorCode.InvalidProducerEpoch, _harness.Append(PartitionHarness.Batch(1, null, producer, old, 0)).Error);
        }

        private void CheckReads(PartitionMachine machine, int number)
        {
            var (start, end) = (machine.LogStartOffset, machine.HighWatermark);
            Assert.Equal(ErrorCode.OffsetOutOfRange, machine.PlanFetch(start - 1, 100).Error);
            Assert.Equal(ErrorCode.OffsetOutOfRange, machine.PlanFetch(End + 1, 100).Error);
            Assert.Null(machine.PlanFetch(end, 100).Range);
            if (start < end)
                CheckFetch(machine, start + number % (end - start), number % 600);
            CheckTimes(machine, number, start, end);
        }

        /// <summary>Whole batches without gaps, the first one holding the offset, up to the high watermark or the bytes asked for.</summary>
        private void CheckFetch(PartitionMachine machine, long offset, int maxBytes)
        {
            var plan = machine.PlanFetch(offset, maxBytes);
            var served = _harness.Fetch(plan, offset);
            Assert.NotEmpty(served);
            Assert.InRange(plan.GuessedSequenceNr, plan.Range!.Value.FromSequenceNr, plan.LikelySequenceNr);
            Assert.InRange(plan.LikelySequenceNr, plan.GuessedSequenceNr, plan.Range.Value.ToSequenceNr);
            Assert.InRange(offset, served[0].BaseOffset, served[0].LastOffset);
            for (var i = 1; i < served.Count; i++)
                Assert.Equal(served[i - 1].NextOffset, served[i].BaseOffset);
            Assert.True(served[^1].NextOffset == machine.HighWatermark || served.Sum(header => header.TotalSize) >= maxBytes);
            var hinted = machine.PlanFetch(offset, maxBytes, known: new JournalPlace(served[0].BaseOffset, SequenceNrOf(served[0].BaseOffset)));
            Assert.Equal(served.Select(header => header.BaseOffset), _harness.Fetch(hinted, offset).Select(header => header.BaseOffset));
        }

        private long SequenceNrOf(long baseOffset) => _harness.Journal
            .First(pair => pair.Value.Manifest == PartitionEvents.BatchManifest && BatchAppended.Of(pair.Value.Bytes).Header.BaseOffset == baseOffset).Key;

        private void CheckTimes(PartitionMachine machine, int number, long start, long end)
        {
            var visible = _records.Where(record => record.Offset >= start && record.Offset < end).ToList();
            var time = _harness.Now - number % 1_500;
            Assert.Equal(visible.Where(record => record.Timestamp >= time).Select(record => record.Offset).FirstOrDefault(-1), Look(machine, time));
            Assert.Equal(visible.Count == 0 ? -1 : visible.MaxBy(record => record.Timestamp).Offset, Look(machine, PartitionMachine.MaxTimestamp));
        }

        private long Look(PartitionMachine machine, long time)
        {
            var lookup = machine.ListOffset(time);
            return lookup.Search is { } search ? _harness.Find(search)?.Offset ?? -1 : lookup.Offset;
        }
    }
}
