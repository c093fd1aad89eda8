using System.Buffers;
using System.Text;
using Actors.Protocol.Records;

namespace Actors.Protocol;

/// <summary>
/// Reads the protocol's primitives from a sequence of bytes. Anything that cannot be throws <see cref="MalformedMessageException"/>, before memory is taken for it:
/// no length is believed beyond the bytes that are there.
/// </summary>
public ref struct ProtocolReader
{
    private const int GuidSize = 16;

    private SequenceReader<byte> _bytes;

    public ProtocolReader(ReadOnlySequence<byte> bytes) => _bytes = new SequenceReader<byte>(bytes);

    public ProtocolReader(ReadOnlyMemory<byte> bytes) : this(new ReadOnlySequence<byte>(bytes)) { }

    /// <summary>Bytes read so far.</summary>
    public readonly long Consumed => _bytes.Consumed;

    /// <summary>Bytes not read yet.</summary>
    public readonly long Remaining => _bytes.Remaining;

    /// <summary>What has not been read yet.</summary>
    public readonly ReadOnlySequence<byte> Rest => _bytes.UnreadSequence;

    public bool ReadBoolean() => ReadByte() != 0;

    public sbyte ReadInt8() => (sbyte)ReadByte();

    public short ReadInt16() => _bytes.TryReadBigEndian(out short value) ? value : throw CutOff(sizeof(short));

    public ushort ReadUInt16() => (ushort)ReadInt16();

    public int ReadInt32() => _bytes.TryReadBigEndian(out int value) ? value : throw CutOff(sizeof(int));

    public uint ReadUInt32() => (uint)ReadInt32();

    public long ReadInt64() => _bytes.TryReadBigEndian(out long value) ? value : throw CutOff(sizeof(long));

    public double ReadFloat64() => BitConverter.Int64BitsToDouble(ReadInt64());

    public Guid ReadUuid()
    {
        Span<byte> bytes = stackalloc byte[GuidSize];
        if (!_bytes.TryCopyTo(bytes)) throw CutOff(GuidSize);
        _bytes.Advance(GuidSize);
        return new Guid(bytes, bigEndian: true);
    }

    public uint ReadUnsignedVarint()
    {
        var value = 0u;
        for (var shift = 0; shift < 7 * Varint.MaxBytes32; shift += 7)
        {
            var next = ReadByte();
            value |= (uint)(next & 0x7f) << shift;
            if (next < 0x80) return value;
        }

        throw new MalformedMessageException($"A varint at byte {Consumed} is longer than {Varint.MaxBytes32} bytes.");
    }

    /// <summary>A string; the field's name is for the complaint where it is null.</summary>
    public string ReadString(bool flexible, string field) => ReadNullableString(flexible) ?? throw Null(field);

    /// <summary>A string or null; UTF-8 that is none becomes U+FFFD, as in Java.</summary>
    public string? ReadNullableString(bool flexible)
    {
        var length = flexible ? ReadCompactLength() : ReadInt16();
        if (length < 0) return null;
        if (length > Remaining) throw CutOff(length);
        if (length == 0) return "";
        var here = _bytes.UnreadSpan;
        var text = length <= here.Length ? Encoding.UTF8.GetString(here[..length]) : Encoding.UTF8.GetString(_bytes.UnreadSequence.Slice(0, length));
        _bytes.Advance(length);
        return text;
    }

    public byte[] ReadBytes(bool flexible, string field) => ReadNullableBytes(flexible) ?? throw Null(field);

    public byte[]? ReadNullableBytes(bool flexible)
    {
        var length = flexible ? ReadCompactLength() : ReadInt32();
        return length < 0 ? null : Copy(length);
    }

    public RecordSet ReadRecords(bool flexible, string field) => ReadNullableRecords(flexible) ?? throw Null(field);

    /// <summary>Record batches, copied into one array of exactly their size.</summary>
    public RecordSet? ReadNullableRecords(bool flexible)
    {
        var bytes = ReadNullableBytes(flexible);
        return bytes is null ? null : RecordSet.Of(bytes);
    }

    /// <summary>An array's number of elements, -1 for null; one element takes at least so many bytes.</summary>
    public int ReadArrayLength(bool flexible, int smallestElement)
    {
        var length = flexible ? ReadCompactLength() : ReadInt32();
        if (length <= 0) return Math.Max(length, -1);
        if ((long)length * smallestElement > Remaining)
            throw new MalformedMessageException($"An array of {length} elements does not fit into the {Remaining} bytes left.");
        return length;
    }

    /// <summary>A tagged field's number and size in bytes.</summary>
    public uint ReadTag(out int size)
    {
        var tag = ReadUnsignedVarint();
        var claimed = ReadUnsignedVarint();
        if (claimed > Remaining) throw CutOff(claimed);
        size = (int)claimed;
        return tag;
    }

    /// <summary>Steps over the tagged fields of a structure that knows none.</summary>
    public void SkipTags()
    {
        for (var left = ReadUnsignedVarint(); left > 0; left--)
        {
            ReadTag(out var size);
            Skip(size);
        }
    }

    public void Skip(int count)
    {
        if (count > Remaining) throw CutOff(count);
        _bytes.Advance(count);
    }

    /// <summary>Complains unless a tagged field has taken exactly the bytes it said.</summary>
    internal readonly void ExpectTagEnd(uint tag, long end)
    {
        if (Consumed != end) throw new MalformedMessageException($"The tagged field {tag} ends at byte {Consumed}, not {end} as it said.");
    }

    /// <summary>For a field whose null the version does not allow.</summary>
    internal static MalformedMessageException Null(string field) => new($"{field} is null, which it cannot be.");

    private byte ReadByte() => _bytes.TryRead(out var value) ? value : throw CutOff(1);

    private int ReadCompactLength()
    {
        var lengthAndOne = ReadUnsignedVarint();
        if (lengthAndOne > int.MaxValue) throw CutOff(lengthAndOne);
        return (int)lengthAndOne - 1;
    }

    private byte[] Copy(int length)
    {
        if (length > Remaining) throw CutOff(length);
        if (length == 0) return [];
        var bytes = GC.AllocateUninitializedArray<byte>(length);
        _bytes.TryCopyTo(bytes);
        _bytes.Advance(length);
        return bytes;
    }

    private readonly MalformedMessageException CutOff(long wanted) => new($"The message is cut off: byte {Consumed} begins {wanted} bytes, and {Remaining} are left.");
}
