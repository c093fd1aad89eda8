using Actors.Protocol.Records;
using FsCheck.Fluent;
using Xunit;

namespace Actors.Protocol.Tests.Records;

public class Crc32CSpec
{
    [Fact]
    public void Of_the_nine_digits_is_the_catalogues_check_value() => Assert.Equal(0xE3069283u, Crc32C.Compute("123456789"u8));

    [Fact]
    public void Lanes_of_every_length_give_what_bit_by_bit_gives() => Properties.Hold(
        from length in Gen.OneOf(Gen.Choose(0, 40), Gen.Choose(700, 900), Gen.Choose(12_000, 27_000))
        from offset in Gen.Choose(0, 7)
        from seed in Gen.Choose(0, int.MaxValue)
        select (length, offset, seed),
        given =>
        {
            var bytes = new byte[given.offset + given.length];
            new Random(given.seed).NextBytes(bytes);
            var part = bytes.AsSpan(given.offset);
            Assert.Equal(BitByBit(part), Crc32C.Compute(part));
        },
        times: 60);

    private static uint BitByBit(ReadOnlySpan<byte> bytes)
    {
        const uint reflectedPolynomial = 0x82F63B78;
        var running = ~0u;
        foreach (var next in bytes)
        {
            running ^= next;
            for (var bit = 0; bit < 8; bit++) running = (running >> 1) ^ ((running & 1) * reflectedPolynomial);
        }

        return ~running;
    }
}
