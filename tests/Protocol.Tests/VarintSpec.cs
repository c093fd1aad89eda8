using FsCheck.Fluent;
using Xunit;

namespace Actors.Protocol.Tests;

public class VarintSpec
{
    private static readonly int[] Edges32 = [0, 1, -1, 63, 64, -64, -65, 8191, 8192, 1 << 20, (1 << 27) - 1, 1 << 27, int.MaxValue, int.MinValue];

    [Fact]
    public void Signed_32_bits_come_back() => Properties.Hold(Gen.OneOf(Properties.Any<int>(), Gen.Elements(Edges32), AllBits32()), value =>
    {
        var bytes = new byte[Varint.MaxBytes32];
        var written = Varint.WriteSigned(bytes, value);
        Assert.Equal(Varint.SizeSigned(value), written);
        var position = 0;
        Assert.True(Varint.TryReadSigned(bytes.AsSpan(0, written), ref position, out int read));
        Assert.Equal((value, written), (read, position));
    }, times: 1000);

    [Fact]
    public void Signed_64_bits_come_back() => Properties.Hold(
        from high in AllBits32()
        from low in AllBits32()
        from shift in Gen.Choose(0, 63)
        select (((long)high << 32) | (uint)low) >> shift,
        value =>
        {
            var bytes = new byte[Varint.MaxBytes64];
            var written = Varint.WriteSigned(bytes, value);
            Assert.Equal(Varint.SizeSigned(value), written);
            var position = 0;
            Assert.True(Varint.TryReadSigned(bytes.AsSpan(0, written), ref position, out long read));
            Assert.Equal((value, written), (read, position));
        },
        times: 1000);

    [Fact]
    public void Unsigned_values_come_back_through_writer_and_reader() => Properties.Hold(AllBits32().Select(value => (uint)value), value =>
    {
        using var writer = new ProtocolWriter();
        writer.WriteUnsignedVarint(value);
        var reader = new ProtocolReader(Segmented.Of(writer.ToArray(), size: 2));
        Assert.Equal(value, reader.ReadUnsignedVarint());
        Assert.Equal(Varint.Size(value), writer.Length);
    }, times: 1000);

    [Theory]
    [InlineData("")]
    [InlineData("80")]
    [InlineData("80808080")]
    [InlineData("808080808000")]
    public void Cut_off_or_over_long_ones_are_refused(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        var position = 0;
        Assert.False(Varint.TryRead(bytes, ref position, out uint _));
        Assert.Throws<MalformedMessageException>(() => new ProtocolReader(bytes).ReadUnsignedVarint());
    }

    private static FsCheck.Gen<int> AllBits32() =>
        from high in Gen.Choose(0, ushort.MaxValue)
        from low in Gen.Choose(0, ushort.MaxValue)
        from shift in Gen.Choose(0, 31)
        select ((high << 16) | low) >> shift;
}
