using Actors.Protocol;
using Actors.Protocol.Records;
using FsCheck;
using FsCheck.Fluent;

namespace Actors.Client.Tests;

/// <summary>The decisions of one partition, driven step by step against a broker that checks sequences; no time passes but the steps'.</summary>
public sealed class PartitionQueueSpec
{
    private static readonly TopicPartition Partition = new("t", 0);
    private static readonly ProducerIdentity First = new(7, 0);

    private static ProducerBatch Batch(int records = 1, long createdAt = 0, byte value = 1)
    {
        var builder = new RecordBatchBuilder();
        for (var i = 0; i < records; i++) builder.Append(0, null, new byte[] { value });
        return new ProducerBatch(Partition, builder, createdAt) { Closed = true };
    }

    private static PartitionQueue Queue(params ProducerBatch[] batches)
    {
        var queue = new PartitionQueue(Partition, idempotent: true, maxInFlight: 5);
        foreach (var batch in batches) queue.Add(batch);
        return queue;
    }

    /// <summary>A queue whose broker has written a batch of one record before these.</summary>
    private static PartitionQueue Known(params ProducerBatch[] batches)
    {
        var queue = Queue([Batch(), .. batches]);
        queue.Succeed(Take(queue)!);
        return queue;
    }

    private static ProducerBatch? Take(PartitionQueue queue, long now = 100, ProducerIdentity? identity = null) => queue.Take(now, 0, identity ?? First, out _);

    [Fact]
    public void Sequences_count_records_and_wrap()
    {
        ProducerBatch a = Batch(3), b = Batch(2), c = Batch();
        var queue = Known(a, b, c);
        Assert.Equal([1, 4, 6], new[] { Take(queue)!, Take(queue)!, Take(queue)! }.Select(x => x.Sequence));
    }

    [Fact]
    public void At_most_five_are_on_their_way()
    {
        var queue = Known([.. Enumerable.Range(0, 6).Select(_ => Batch())]);
        var sent = Enumerable.Range(0, 5).Select(_ => Take(queue)!).ToList();
        Assert.Null(Take(queue));
        queue.Succeed(sent[0]);
        Assert.NotNull(Take(queue));
    }

    /// <summary>A broker takes any sequence of a producer it does not know: were the second written without the first, the first would come after it.</summary>
    [Fact]
    public void The_first_goes_alone_under_each_identity_until_the_broker_has_it()
    {
        ProducerBatch a = Batch(), b = Batch(), c = Batch();
        var queue = Queue(a, b, c);
        Assert.Same(a, Take(queue));
        Assert.Null(Take(queue));
        queue.Fail(a, ErrorCode.NetworkException, 0, false);
        Assert.Same(a, Take(queue));
        Assert.Null(Take(queue));
        queue.Fail(a, ErrorCode.DuplicateSequenceNumber, 0, false);
        Assert.Same(b, Take(queue));
        Assert.Same(c, Take(queue));
        queue.Fail(b, ErrorCode.MessageTooLarge, 0, false);
        queue.Fail(c, ErrorCode.OutOfOrderSequenceNumber, 0, false);
        queue.Renew(First.Bump());
        queue.Add(Batch());
        Assert.Same(c, Take(queue, identity: First.Bump()));
        Assert.Null(Take(queue, identity: First.Bump()));
    }

    [Fact]
    public void A_batch_that_takes_records_lingers_and_a_full_one_does_not()
    {
        var queue = new PartitionQueue(Partition, true, 5);
        var open = new ProducerBatch(Partition, Batch().Builder, createdAt: 100);
        queue.Add(open);
        Assert.Null(queue.Take(105, 10, First, out var at));
        Assert.Equal(110, at);
        Assert.Same(open, queue.Take(110, 10, First, out _));
    }

    [Fact]
    public void A_repeated_batch_goes_first_and_alone_until_it_is_settled()
    {
        ProducerBatch a = Batch(), b = Batch(), c = Batch();
        var queue = Known(a, b, c);
        Take(queue);
        Take(queue);
        queue.Fail(a, ErrorCode.NetworkException, retryAt: 200, expired: false);
        queue.Fail(b, ErrorCode.NetworkException, retryAt: 150, expired: false);
        Assert.Null(Take(queue, now: 199));
        Assert.Same(a, Take(queue, now: 200));
        Assert.Null(Take(queue, now: 200));
        queue.Succeed(a);
        Assert.Same(b, Take(queue, now: 200));
        Assert.Equal((1, 2), (a.Sequence, b.Sequence));
    }

    [Fact]
    public void Out_of_order_behind_an_unsettled_batch_is_repeated_under_the_same_sequence()
    {
        ProducerBatch a = Batch(), b = Batch();
        var queue = Known(a, b);
        Take(queue);
        Take(queue);
        Assert.Equal(PartitionQueue.Outcome.Retry, queue.Fail(a, ErrorCode.NotLeaderOrFollower, 0, false));
        Assert.Equal(PartitionQueue.Outcome.Retry, queue.Fail(b, ErrorCode.OutOfOrderSequenceNumber, 0, false));
        Assert.False(queue.NeedsNewIdentity);
        Assert.Equal((1, 1), (Take(queue)!.Sequence, a.Sequence));
    }

    [Fact]
    public void A_gap_that_nothing_closes_asks_for_a_new_epoch_once_all_have_come_back()
    {
        ProducerBatch a = Batch(), b = Batch(), c = Batch();
        var queue = Known(a, b, c);
        Take(queue);
        Take(queue);
        Assert.Equal(PartitionQueue.Outcome.Failed, queue.Fail(a, ErrorCode.MessageTooLarge, 0, false));
        Assert.True(queue.NeedsNewIdentity);
        Assert.False(queue.CanTakeNewIdentity);
        Assert.Null(Take(queue));
        queue.Fail(b, ErrorCode.OutOfOrderSequenceNumber, 0, false);
        Assert.True(queue.CanTakeNewIdentity);
        queue.Renew(First.Bump());
        Assert.Same(b, Take(queue, identity: First.Bump()));
        Assert.Equal((First.Bump(), 0), (b.Identity, b.Sequence));
    }

    [Fact]
    public void One_too_large_goes_in_halves_before_what_comes_after_it_and_under_its_own_numbers()
    {
        ProducerBatch a = Batch(5), b = Batch();
        var queue = Known(a, b);
        Take(queue);
        Take(queue);
        queue.Split(a);
        queue.Fail(b, ErrorCode.OutOfOrderSequenceNumber, 0, false);
        Assert.False(queue.NeedsNewIdentity);
        var halves = queue.All.ToList();
        Assert.Equal([(1, 2), (3, 3), (6, 1)], halves.Select(half => (half.Sequence, half.Builder.Count)));
        queue.Take(100, 0, First, out _);
        queue.Fail(halves[0], ErrorCode.NetworkException, 0, false);
        Assert.Equal([1, 3, 6], queue.All.Select(half => half.Sequence));
    }

    [Fact]
    public void Another_partitions_new_epoch_waits_until_what_was_sent_under_the_old_one_is_settled()
    {
        ProducerBatch a = Batch(), b = Batch();
        var queue = Known(a, b);
        Take(queue);
        Assert.Null(Take(queue, identity: First.Bump()));
        queue.Fail(a, ErrorCode.NetworkException, 0, false);
        Assert.Same(a, Take(queue, identity: First.Bump()));
        Assert.Equal(First, a.Identity);
        queue.Succeed(a);
        Assert.Same(b, Take(queue, identity: First.Bump()));
        Assert.Equal((First.Bump(), 0), (b.Identity, b.Sequence));
    }

    [Fact]
    public void A_duplicate_is_a_success_whose_offset_nobody_knows()
    {
        var a = Batch();
        var queue = Queue(a);
        Take(queue);
        Assert.Equal(PartitionQueue.Outcome.Succeeded, queue.Fail(a, ErrorCode.DuplicateSequenceNumber, 0, false));
        Assert.True(queue.IsIdle);
    }

    [Fact]
    public void What_expires_unsent_leaves_no_gap_and_what_was_sent_does()
    {
        ProducerBatch sent = Batch(createdAt: 0), unsent = Batch(createdAt: 10);
        var queue = Queue(sent);
        Take(queue);
        queue.Fail(sent, ErrorCode.NetworkException, 0, false);
        queue.Add(unsent);
        Assert.Equal([sent], queue.TakeExpired(createdBefore: 5));
        Assert.True(queue.NeedsNewIdentity);
        var fresh = Queue(unsent);
        Assert.Equal([unsent], fresh.TakeExpired(createdBefore: 50));
        Assert.False(fresh.NeedsNewIdentity);
    }

    /// <summary>Nobody knows whether what expired is written. Were the one behind it renumbered at once, it would be written twice.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_was_sent_behind_one_that_expired_is_settled_under_its_old_number_before_the_epoch_rises(bool isWritten)
    {
        ProducerBatch a = Batch(createdAt: 0), b = Batch(createdAt: 10);
        var queue = Known(a, b);
        var log = new Fakes.FakeLog();
        log.Append(queue.All.First().Encode());
        foreach (var batch in new[] { Take(queue)!, Take(queue)! })
        {
            if (isWritten) log.Append(batch.Encode());
            queue.Fail(batch, ErrorCode.NetworkException, 0, false);
        }
        Assert.Equal([a], queue.TakeExpired(createdBefore: 5));
        Assert.True(queue.NeedsNewIdentity);
        Assert.False(queue.CanTakeNewIdentity);
        Assert.Same(b, Take(queue));
        Assert.Equal((First, 2), (b.Identity, b.Sequence));
        queue.Add(Batch(createdAt: 20));
        Assert.Null(Take(queue));
        if (isWritten) queue.Succeed(b);
        else queue.Fail(b, ErrorCode.OutOfOrderSequenceNumber, 0, false);
        Assert.True(queue.CanTakeNewIdentity);
    }

    /// <summary>Steps of chance: send, answer, lose an answer, refuse for lack of a leader, give up. Whatever comes, the log has each batch once at most and in order, and all that were not given up.</summary>
    [Fact]
    public void Whatever_a_broker_does_each_batch_is_written_once_and_in_order() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int[]>(), choices =>
        {
            var queue = Queue([.. Enumerable.Range(0, 12).Select(i => Batch(2, value: (byte)i))]);
            var all = queue.All.ToList();
            var givenUp = new HashSet<ProducerBatch>();
            var log = new Fakes.FakeLog();
            var onTheWay = new Queue<ProducerBatch>();
            long now = 100;
            var current = First;
            var steps = choices.Concat(Enumerable.Repeat(0, 200)).GetEnumerator();
            while (!queue.IsIdle)
            {
                Assert.True(steps.MoveNext(), "two hundred undisturbed steps did not settle everything");
                now++;
                if (queue.CanTakeNewIdentity) queue.Renew(current = current.Bump());
                while (queue.Take(now, 0, current, out _) is { } taken) onTheWay.Enqueue(taken);
                if (!onTheWay.TryDequeue(out var batch)) continue;
                switch (Math.Abs(steps.Current % 6))
                {
                    case 1:
                        queue.Fail(batch, ErrorCode.NotLeaderOrFollower, now, false);
                        break;
                    case 2:
                        log.Append(batch.Encode());
                        queue.Fail(batch, ErrorCode.NetworkException, now, false);
                        break;
                    case 4 or 5:
                        if (steps.Current % 2 == 0) log.Append(batch.Encode());
                        if (queue.Fail(batch, ErrorCode.NetworkException, now, expired: true) == PartitionQueue.Outcome.Failed) givenUp.Add(batch);
                        break;
                    default:
                        var (error, offset) = log.Append(batch.Encode());
                        if (error == ErrorCode.None) queue.Succeed(batch);
                        else queue.Fail(batch, error, now, false);
                        break;
                }
            }
            var written = log.Values().Select(record => record.Value[0]).Where((_, i) => i % 2 == 0).ToList();
            Assert.Equal(written.Distinct().Order(), written);
            Assert.DoesNotContain(all, batch => !givenUp.Contains(batch) && !written.Contains((char)all.IndexOf(batch)));
            var sequences = log.Batches.Select(b => BatchHeader.TryRead(b, out var header) ? (header.ProducerEpoch, header.BaseSequence) : default).ToList();
            Assert.Equal(sequences.Order(), sequences);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));
}
