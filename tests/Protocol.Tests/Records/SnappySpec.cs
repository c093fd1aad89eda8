using Actors.Protocol.Records;
using Actors.Protocol.Records.Codecs;
using FsCheck.Fluent;
using Xunit;

namespace Actors.Protocol.Tests.Records;

public class SnappySpec
{
    [Fact]
    public void Blocks_come_back() => Properties.Hold(
        from length in Gen.OneOf(Gen.Choose(0, 100), Gen.Choose(0, 65_536))
        from letters in Gen.Choose(1, 256)
        from seed in Gen.Choose(0, int.MaxValue)
        select (length, letters, seed),
        given =>
        {
            var random = new Random(given.seed);
            var source = new byte[given.length];
            for (var index = 0; index < source.Length; index++) source[index] = (byte)random.Next(given.letters);
            var compressed = new byte[SnappyBlock.MaxCompressedLength(source.Length)];
            var written = SnappyBlock.Compress(source, compressed);

            using var target = new PooledBuffer(source.Length);
            SnappyFraming.Decompress(compressed.AsSpan(0, written), target);
            Assert.Equal(source, target.Written.ToArray());
        });

    [Theory]
    [InlineData("", "no length")]
    [InlineData("05", "nothing behind the length")]
    [InlineData("ffffffff0f00", "a length beyond what the bytes can stand for")]
    [InlineData("0500610102", "a copy from before the beginning")]
    [InlineData("0500610100", "a copy of offset zero")]
    [InlineData("0210616161", "a literal longer than the block")]
    [InlineData("01fcffffffff61", "a literal of four gibibytes")]
    public void Damaged_blocks_are_refused(string hex, string why)
    {
        using var target = new PooledBuffer(1000);
        var refused = Xunit.Record.Exception(() => SnappyFraming.Decompress(Convert.FromHexString(hex), target));
        Assert.True(refused is CorruptRecordsException, why);
    }

    [Fact]
    public void A_copy_may_reach_into_what_it_writes()
    {
        using var target = new PooledBuffer();
        SnappyFraming.Decompress(Convert.FromHexString("0c0461621902"), target);
        Assert.Equal("abababababab", System.Text.Encoding.ASCII.GetString(target.Written));
    }
}
