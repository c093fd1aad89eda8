using System.Text.Json;
using FsCheck.Fluent;
using Xunit;

namespace Actors.Protocol.Tests.Messages;

/// <summary>Bytes that nobody should send: always the same exception, never memory that the bytes do not justify.</summary>
public class HostileBytesSpec
{
    /// <summary>A structure may take three bytes on the wire and a hundred in memory; an exception takes some kilobytes.</summary>
    private const int MemoryPerByte = 64;

    private const int MemoryForAll = 64 << 10;

    /// <summary>Some messages have no fields in some versions, and so no bytes that could be wrong.</summary>
    private static readonly JsonElement[] Filled = WireData.Lines("golden.jsonl").Where(line => line.String("instance") == "filled" && line.String("hex").Length > 0).ToArray();

    private static readonly JsonElement[] Newest = Filled.GroupBy(line => line.String("message")).Select(lines => lines.Last()).ToArray();

    [Fact]
    public void A_message_cut_off_anywhere_is_malformed()
    {
        foreach (var line in Newest)
        {
            var bytes = line.Hex();
            for (var length = 0; length < bytes.Length; length += 1 + length / 16)
                Assert.False(Reads(line, bytes.AsMemory(0, length)), $"{line.String("message")} reads from {length} of {bytes.Length} bytes.");
        }
    }

    [Fact]
    public void Changed_messages_read_or_are_malformed() => Properties.Hold(
        from line in Gen.Choose(0, Filled.Length - 1)
        from changes in Gen.NonEmptyListOf(
            from at in Properties.Any<ushort>()
            from value in Gen.OneOf(Properties.Any<byte>(), Gen.Elements<byte>(0, 0x7f, 0x80, 0xff))
            select (at, value))
        select (line, changes),
        given =>
        {
            var bytes = Filled[given.line].Hex();
            foreach (var (at, value) in given.changes) bytes[at % bytes.Length] = value;
            Reads(Filled[given.line], bytes);
        },
        times: 5000);

    [Fact]
    public void Random_bytes_read_or_are_malformed() => Properties.Hold(
        from line in Gen.Choose(0, Filled.Length - 1)
        from bytes in Properties.Bytes(120)
        select (line, bytes),
        given => Reads(Filled[given.line], given.bytes),
        times: 5000);

    [Theory]
    [InlineData("7fffffff")]
    [InlineData("00ffffff")]
    public void A_claimed_length_is_believed_only_as_far_as_there_are_bytes(string claim)
    {
        foreach (var line in Newest)
        {
            var original = line.Hex();
            for (var at = 0; at + 4 <= original.Length; at++)
            {
                var bytes = original.ToArray();
                Convert.FromHexString(claim).CopyTo(bytes, at);
                Reads(line, bytes);
            }
        }
    }

    [Fact]
    public void Headers_read_or_are_malformed() => Properties.Hold(Properties.Bytes(40), bytes =>
    {
        try
        {
            var reader = new ProtocolReader(bytes);
            Frame.ReadRequestHeader(ref reader);
        }
        catch (Exception refused) when (refused is MalformedMessageException or UnsupportedVersionException)
        {
            // Unknown keys are a header's other way to be wrong.
        }
    }, times: 2000);

    /// <summary>False when the bytes are malformed; any other exception, and too much memory, fails the test.</summary>
    private static bool Reads(JsonElement line, ReadOnlyMemory<byte> bytes)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var read = true;
        try
        {
            MessageCodec.ReadPrefix(line.String("message"), line.GetProperty("version").GetInt16(), bytes);
        }
        catch (MalformedMessageException)
        {
            read = false;
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated <= MemoryForAll + MemoryPerByte * bytes.Length, $"{line.String("message")}: {allocated} bytes of memory for {bytes.Length} on the wire.");
        return read;
    }
}
