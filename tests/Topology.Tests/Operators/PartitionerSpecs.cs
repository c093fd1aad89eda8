using System.Text;

namespace Actors.Topology.Tests.Operators;

public class PartitionerSpecs
{
    /// <summary>Hashes from the test of Apache Kafka's Utils.murmur2 (Apache-2.0).</summary>
    [Theory]
    [InlineData("21", -973932308)]
    [InlineData("foobar", -790332482)]
    [InlineData("a-little-bit-long-string", -985981536)]
    [InlineData("a-little-bit-longer-string", -1486304829)]
    [InlineData("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971)]
    [InlineData("abc", 479470107)]
    public void Hashes_are_kafkas(string key, int hash) => Assert.Equal(hash, (int)KafkaPartitioner.Murmur2(Encoding.UTF8.GetBytes(key)));

    [Fact]
    public void A_partition_is_never_negative() =>
        Assert.All(Enumerable.Range(0, 1000), i => Assert.InRange(KafkaPartitioner.Partition(Encoding.UTF8.GetBytes($"key-{i}"), 7), 0, 6));
}
