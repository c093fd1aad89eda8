using Actors.Protocol.Records;
using Xunit;

namespace Actors.Machines.Tests;

/// <summary>What is in journals must stay readable, and what is damaged must be told as such.</summary>
public class StateFormatSpec
{
    /// <summary>Formats/version1.txt holds what version 1 wrote: a line each, manifest and bytes. It never changes; a version 2 gets a file of its own.</summary>
    [Fact]
    public void What_version_1_wrote_stays_readable()
    {
        var written = Events().Where(@event => @event is not BatchAppended).Select(Write).Select(item => $"{item.Manifest} {Convert.ToHexString(item.Bytes)}").ToList();
        var path = Path.Combine(Transcript.Root, "Formats", "version1.txt");
        if (Environment.GetEnvironmentVariable("ACTORS_GOLDEN") == "write")
            File.WriteAllLines(path, written);
        var lines = File.ReadAllLines(path);
        Assert.Equal(lines, written);
        foreach (var parts in lines.Select(line => line.Split(' ')))
            Assert.Equal(parts[1], Convert.ToHexString(Write(Read(parts[0], Convert.FromHexString(parts[1]))).Bytes));
    }

    [Fact]
    public void Events_are_read_as_they_were_written()
    {
        foreach (var @event in Events())
        {
            var (manifest, bytes) = Write(@event);
            var (again, rewritten) = Write(Read(manifest, bytes));
            Assert.Equal(manifest, again);
            Assert.Equal(bytes, rewritten);
        }
    }

    [Fact]
    public void Damage_is_an_unreadable_state_and_nothing_else()
    {
        foreach (var @event in Events().Where(@event => @event is not BatchAppended))
        {
            var (manifest, bytes) = Write(@event);
            AssertDamageIsTold(bytes, damaged => Read(manifest, damaged));
        }
        AssertDamageIsTold(Partition().ToSnapshot().Write(), bytes => PartitionSnapshot.Read(bytes));
        AssertDamageIsTold(new GroupSnapshot(7, true, Generation(), [new(new TopicPartition("t", 2), new CommittedOffset(5, -1, "m", 9))]).Write(), bytes => GroupSnapshot.Read(bytes));
        AssertDamageIsTold(TopicsImage.Empty.After(Created()).Write(), bytes => TopicsImage.Read(bytes));
    }

    /// <summary>A snapshot of version 1: epoch 3, the topic a.b and a deleted one, before brokers had configurations of their own.</summary>
    [Fact]
    public void A_snapshot_of_the_topics_of_version_1_is_read()
    {
        var image = TopicsImage.Read(Convert.FromHexString("01060AD00F0206612E6200000001000200030405060708090A0B060218726574656E74696F6E2E6D730235020000000000000000000000000000000004"));
        Assert.Equal((3, 5L, 1_000L, 3, 1), (image.Epoch, image.Version, image.NextProducerId, image.Find("a.b")!.Partitions, image.Deleted.Count));
        Assert.Empty(image.Configured);
    }

    [Fact]
    public void A_newer_version_is_refused_by_name()
    {
        var error = Assert.Throws<UnreadableStateException>(() => PartitionEvents.Read("e", [2, 0, 0]));
        Assert.Equal("Partition event e is of version 2; this program reads versions 1 to 1.", error.Message);
        Assert.Throws<UnreadableStateException>(() => PartitionEvents.Read("b", new byte[70]));
        Assert.Throws<UnreadableStateException>(() => GroupEvents.Read("nothing", [1]));
    }

    [Fact]
    public void A_batch_is_journaled_as_the_very_array_it_came_in()
    {
        var batch = PartitionHarness.Batch(2);
        var decision = new PartitionMachine(TopicConfiguration.Default).Decide(new AppendBatch(BatchAppended.Of(batch).Header, batch), 0);
        Assert.Same(batch, PartitionEvents.Write(decision.Events[0]));
        Assert.Same(batch, ((BatchAppended)PartitionEvents.Read("b", batch)).Batch);
    }

    [Fact]
    public void A_full_partition_snapshot_stays_under_a_mebibyte()
    {
        var machine = Partition();
        var snapshot = machine.ToSnapshot() with
        {
            Index = [.. Enumerable.Range(0, PartitionLimits.Default.MaxStretches).Select(i => new IndexEntry(i * 10_000L, i * 1_000L, i * 1_048_576L, 1_700_000_000_000 + i, i * 1_000L))],
            Producers = [.. Enumerable.Range(0, ProducerStates.MaxProducers).Select(i => new ProducerSnapshot(i, 3, i * 4_000L,
                [.. Enumerable.Range(0, ProducerStates.RememberedBatches).Select(batch => new ProducerBatch(batch * 1_000, batch * 1_000 + 999, i * 40_000L, 1_700_000_000_000))]))],
            Activity = [.. Enumerable.Range(0, ProducerStates.MaxMarks).Select(i => new ActivityMark(1_700_000_000_000, i * 1_000L))],
        };
        Assert.InRange(snapshot.Write().Length, 300_000, 1_048_576);
    }

    private static IEnumerable<IMachineEvent> Events() =>
    [
        BatchAppended.Of(PartitionHarness.Batch(3, compression: Compression.Gzip)),
        new LeaderEpochStarted(7, 42),
        new LogStartOffsetMoved(long.MaxValue),
        new ConfigurationChanged(TopicConfiguration.Default.With([new("retention.ms", "5"), new("flush.ms", "6"), new("cleanup.policy", "compact")])),
        new ProducersExpired([1, long.MaxValue]),
        new TopicsEpochStarted(3),
        Created(),
        new TopicDeleted(new Guid(1, 2, 3, [4, 5, 6, 7, 8, 9, 10, 11])),
        new TopicPurged(Guid.Empty),
        new PartitionsAdded(Guid.Empty, 9),
        new TopicConfigured(Guid.Empty, Created().Configs),
        new ProducerIdsAllocated(1_000, 1_000),
        new ResourceConfigured(new ConfigurationResource(ConfigurationResourceType.Broker, "1"), Created().Configs),
        Generation(),
        new OffsetsCommitted(1_000, [new OffsetToCommit(new TopicPartition("t", 2), 5, -1, "hé"), new OffsetToCommit(new TopicPartition("t", 3), 5, 2, null)]),
        new OffsetsRemoved([new TopicPartition("t", 2)]),
        new GroupRemoved(),
    ];

    private static TopicCreated Created() => new("a.b", new Guid(1, 2, 3, [4, 5, 6, 7, 8, 9, 10, 11]), 3,
        TopicConfiguration.Default.With([new("retention.ms", "5")]).Overrides);

    private static GroupGenerationStored Generation() => new(3, "consumer", "range", "a-1", 1_000,
        [new StoredMember("a-1", null, "a", "/h", 10_000, 60_000, [new GroupProtocol("range", [1, 2, 3])], [4, 5]), new StoredMember("b-1", "i", "b", "/h", 1, 2, [], [])]);

    private static PartitionMachine Partition()
    {
        var harness = new PartitionHarness();
        harness.Do(new StartLeaderEpoch());
        harness.Append(PartitionHarness.Batch(3, producerId: 5, epoch: 0, sequence: 0));
        harness.Do(new ExpireProducers(1_000));
        return harness.Machine;
    }

    private static (string Manifest, byte[] Bytes) Write(IMachineEvent @event) => PartitionEvents.Owns(@event)
        ? (PartitionEvents.Manifest(@event), PartitionEvents.Write(@event))
        : TopicsEvents.Owns(@event) ? (TopicsEvents.Manifest(@event), TopicsEvents.Write(@event)) : (GroupEvents.Manifest(@event), GroupEvents.Write(@event));

    private static IMachineEvent Read(string manifest, byte[] bytes) => manifest.Length == 1
        ? PartitionEvents.Read(manifest, bytes)
        : manifest.StartsWith("topic", StringComparison.Ordinal) || manifest == "producer-ids" ? TopicsEvents.Read(manifest, bytes) : GroupEvents.Read(manifest, bytes);

    /// <summary>Cut off anywhere or with one byte more it cannot be read; with any byte changed it is read or refused, never anything else.</summary>
    private static void AssertDamageIsTold(byte[] bytes, Func<byte[], object> read)
    {
        for (var length = 0; length < bytes.Length; length++)
            Assert.Throws<UnreadableStateException>(() => read(bytes[..length]));
        Assert.Throws<UnreadableStateException>(() => read([.. bytes, 0]));
        for (var at = 0; at < bytes.Length; at++)
            foreach (var value in new byte[] { 0, 1, 0x7f, 0x80, 0xff, (byte)~bytes[at] })
            {
                var damaged = (byte[])bytes.Clone();
                damaged[at] = value;
                try
                {
                    read(damaged);
                }
                catch (UnreadableStateException)
                {
                }
            }
    }
}
