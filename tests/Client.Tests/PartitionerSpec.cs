using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Actors.Client.Tests;

public sealed class PartitionerSpec
{
    /// <summary>The first six are Kafka's own (UtilsTest.testMurmur2); the others were computed by kafka-python 2.0.2.</summary>
    [Theory]
    [InlineData("21", -973932308)]
    [InlineData("foobar", -790332482)]
    [InlineData("a-little-bit-long-string", -985981536)]
    [InlineData("a-little-bit-longer-string", -1486304829)]
    [InlineData("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971)]
    [InlineData("abc", 479470107)]
    [InlineData("", 275646681)]
    [InlineData("a", -1563381124)]
    [InlineData("Acme", -1129928382)]
    [InlineData("Globex", -2080982239)]
    public void The_hash_is_Kafkas(string key, int hash) => Assert.Equal(hash, Partitioner.Murmur2(Encoding.UTF8.GetBytes(key)));

    [Fact]
    public void Bytes_beyond_ASCII_are_not_taken_for_signed()
    {
        Assert.Equal(998637092, Partitioner.Murmur2([0xff, 0xfe, 0xfd]));
        Assert.Equal(-1948347274, Partitioner.Murmur2([.. Enumerable.Range(0, 256).Select(i => (byte)i)]));
    }

    [Fact]
    public void A_partition_is_always_one_of_those_there_are() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), ArbMap.Default.ArbFor<PositiveInt>(), (key, count) =>
        {
            var partition = Partitioner.ForKey(key, count.Get);
            return partition >= 0 && partition < count.Get && partition == Partitioner.ForKey(key, count.Get);
        }).QuickCheckThrowOnFailure();
}
