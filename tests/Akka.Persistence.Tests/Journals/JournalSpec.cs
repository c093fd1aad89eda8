using System.Collections.Immutable;
using Akka.Actor;
using Xunit;

namespace Akka.Persistence.Tests;

/// <summary>What every journal does, after the idea of Akka.Persistence.TCK: it is spoken to by its protocol alone.</summary>
public abstract class JournalSpec : IDisposable
{
    private const string Pid = "p-1";

    protected JournalSpec(Backend backend)
    {
        Backend = backend;
        System = backend.System("journal");
        Journal = Persistence.Instance.Apply(System).JournalFor(null);
        Probe = new Probe(System);
    }

    protected Backend Backend { get; }

    protected ActorSystem System { get; }

    protected IActorRef Journal { get; }

    protected Probe Probe { get; }

    [Spec]
    public void An_unknown_id_has_no_events_and_the_highest_number_zero()
    {
        Journal.Tell(new ReplayMessages(1, long.MaxValue, long.MaxValue, "nobody", Probe.Ref));
        Assert.Equal(0, Probe.Expect<RecoverySuccess>().HighestSequenceNr);
    }

    [Spec]
    public void A_write_is_answered_once_for_all_and_then_for_each_event_in_order_and_with_its_sender()
    {
        var sender = new Probe(System);
        Journal.Tell(new WriteMessages([Write(Pid, sender.Ref, 1, 2), Write(Pid, sender.Ref, 3)], Probe.Ref, 7));
        Probe.Expect<WriteMessagesSuccessful>();
        for (var number = 1; number <= 3; number++)
        {
            var success = Probe.Expect<WriteMessageSuccess>();
            Assert.Equal((number, 7), (success.Persistent.SequenceNr, success.ActorInstanceId));
            Assert.Equal(sender.Ref, Probe.LastSender);
        }
    }

    [Spec]
    public void All_events_come_back_as_they_went_in()
    {
        byte[] large = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * 31))];
        Blob[] events = [new([], "empty"), new([0], "one"), new(large, "large"), new(large[..16_384], new string('m', 500))];
        Store(Pid, [.. events.Select((e, i) => new Persistent(e, i + 1, Pid))]);
        var replayed = Replay(Pid);
        Assert.Equal([1, 2, 3, 4], replayed.Events.Select(p => p.SequenceNr));
        foreach (var (expected, got) in events.Zip(replayed.Events.Select(p => (Blob)p.Payload)))
        {
            Assert.Equal(expected.Note, got.Note);
            Assert.True(expected.Bytes.AsSpan().SequenceEqual(got.Bytes), $"the bytes of {expected.Note} differ");
        }
    }

    [Spec]
    public void A_range_is_replayed_with_both_its_ends()
    {
        StoreTen();
        Assert.Equal([4, 5, 6, 7], Replay(Pid, 4, 7).Numbers);
        Assert.Equal([5], Replay(Pid, 5, 5).Numbers);
        Assert.Equal([9, 10], Replay(Pid, 9, 99).Numbers);
        Assert.Empty(Replay(Pid, 7, 6).Numbers);
        Assert.Empty(Replay(Pid, 11).Numbers);
    }

    [Spec]
    public void No_more_than_max_events_are_replayed_across_batches()
    {
        StoreTen();
        Assert.Equal([1, 2, 3, 4], Replay(Pid, max: 4).Numbers);
        Assert.Equal([3], Replay(Pid, 3, max: 1).Numbers);
        Assert.Empty(Replay(Pid, max: 0).Numbers);
    }

    [Spec]
    public void The_highest_number_is_known_whatever_the_range()
    {
        StoreTen();
        Assert.Equal(10, Replay(Pid, 1, 3).Highest);
        Assert.Equal(10, Replay(Pid, 11).Highest);
        Assert.Equal(10, Replay(Pid, 1, 0).Highest);
    }

    [Spec]
    public void Ids_are_strangers_to_each_other()
    {
        StoreTen();
        Store("p-10", Event("p-10", 1));
        Store("p", Event("p", 1), Event("p", 2));
        Assert.Equal(10, Replay(Pid).Highest);
        Assert.Equal([1], Replay("p-10").Numbers);
        Assert.Equal([1, 2], Replay("p").Numbers);
        Delete("p", 2);
        Assert.Equal(10, Replay(Pid).Numbers.Count);
    }

    [Spec]
    public void Deleted_events_are_gone_and_the_rest_stays()
    {
        StoreTen();
        Delete(Pid, 4);
        Assert.Equal([5, 6, 7, 8, 9, 10], Replay(Pid).Numbers);
        Delete(Pid, 6);
        Delete(Pid, 3);
        Assert.Equal([7, 8, 9, 10], Replay(Pid).Numbers);
    }

    [Spec]
    public void The_highest_number_outlives_all_events()
    {
        StoreTen();
        Delete(Pid, 10);
        var (events, highest) = Replay(Pid);
        Assert.Empty(events);
        Assert.Equal(10, highest);
        Store(Pid, Event(Pid, 11));
        Assert.Equal([11], Replay(Pid).Numbers);
        Delete(Pid, long.MaxValue);
        Assert.Equal(11, Replay(Pid).Highest);
        Assert.Empty(Replay(Pid).Numbers);
    }

    [Spec]
    public void Many_events_are_deleted_in_more_than_one_slice()
    {
        Store(Pid, [.. Enumerable.Range(1, 200).Select(n => Event(Pid, n))]);
        Delete(Pid, 150);
        Assert.Equal(Enumerable.Range(151, 50).Select(n => (long)n), Replay(Pid).Numbers);
    }

    [Spec]
    public void Deleting_nothing_succeeds()
    {
        Delete("nobody", 5);
        Assert.Equal(0, Replay("nobody").Highest);
    }

    public void Dispose()
    {
        System.Terminate().Wait(TimeSpan.FromSeconds(10));
        Backend.Dispose();
        GC.SuppressFinalize(this);
    }

    protected static Persistent Event(string pid, long number, object? payload = null) => new(payload ?? Blob.Of($"e{number}"), number, pid);

    protected static AtomicWrite Write(string pid, IActorRef sender, params long[] numbers) =>
        new(numbers.Select(n => (IPersistentRepresentation)new Persistent(Blob.Of($"e{n}"), n, pid, sender: sender)).ToImmutableList());

    protected void Store(string pid, params Persistent[] events)
    {
        var answers = new Probe(System);
        Journal.Tell(new WriteMessages([new AtomicWrite(events.ToImmutableList<IPersistentRepresentation>())], answers.Ref, 1));
        answers.Expect<WriteMessagesSuccessful>();
        foreach (var e in events) Assert.Equal((pid, e.SequenceNr), answers.Expect<WriteMessageSuccess>() is var s ? (s.Persistent.PersistenceId, s.Persistent.SequenceNr) : default);
    }

    protected void Delete(string pid, long to)
    {
        var answers = new Probe(System);
        Journal.Tell(new DeleteMessagesTo(pid, to, answers.Ref));
        Assert.Equal(to, answers.Expect<DeleteMessagesSuccess>().ToSequenceNr);
    }

    protected Replayed Replay(string pid, long from = 1, long to = long.MaxValue, long max = long.MaxValue) => Replay(System, pid, from, to, max);

    protected static Replayed Replay(ActorSystem system, string pid, long from = 1, long to = long.MaxValue, long max = long.MaxValue)
    {
        var answers = new Probe(system);
        Persistence.Instance.Apply(system).JournalFor(null).Tell(new ReplayMessages(from, to, max, pid, answers.Ref));
        var events = new List<IPersistentRepresentation>();
        while (true)
        {
            switch (answers.Expect<object>())
            {
                case ReplayedMessage replayed:
                    Assert.Equal(pid, replayed.Persistent.PersistenceId);
                    events.Add(replayed.Persistent);
                    break;
                case RecoverySuccess success:
                    return new Replayed(events, success.HighestSequenceNr);
                case var other:
                    Assert.Fail($"Got {other}{(other is ReplayMessagesFailure f ? $": {f.Cause}" : "")}");
                    break;
            }
        }
    }

    private void StoreTen() => Store(Pid, [.. Enumerable.Range(1, 10).Select(n => Event(Pid, n))]);

    protected sealed record Replayed(IReadOnlyList<IPersistentRepresentation> Events, long Highest)
    {
        public IReadOnlyList<long> Numbers => [.. Events.Select(e => e.SequenceNr)];
    }
}

public sealed class MemoryJournalSpec() : JournalSpec(new MemoryBackend());
