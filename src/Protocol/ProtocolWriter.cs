using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Actors.Protocol.Records;

namespace Actors.Protocol;

/// <summary>
/// Writes the protocol's primitives into a pooled buffer. Record batches are kept by reference where they stand and copied once, by <see cref="CopyTo"/>.
/// One writer serves one thread at a time, any number of messages: <see cref="Reset"/> between them.
/// </summary>
public sealed class ProtocolWriter : IDisposable
{
    private const int GuidSize = 16;
    private const int LargestKeptBuffer = 16 << 10;

    private readonly PooledBuffer _buffer = new();
    private readonly List<Reference> _references = [];
    private int _referenced;

    /// <summary>All bytes written, those kept by reference included.</summary>
    public int Length => checked(_buffer.Length + _referenced);

    public void WriteBoolean(bool value) => WriteByte(value ? (byte)1 : (byte)0);

    public void WriteInt8(sbyte value) => WriteByte((byte)value);

    public void WriteInt16(short value)
    {
        BinaryPrimitives.WriteInt16BigEndian(_buffer.GetSpan(sizeof(short)), value);
        _buffer.Advance(sizeof(short));
    }

    public void WriteUInt16(ushort value) => WriteInt16((short)value);

    public void WriteInt32(int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(_buffer.GetSpan(sizeof(int)), value);
        _buffer.Advance(sizeof(int));
    }

    public void WriteUInt32(uint value) => WriteInt32((int)value);

    public void WriteInt64(long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(_buffer.GetSpan(sizeof(long)), value);
        _buffer.Advance(sizeof(long));
    }

    public void WriteFloat64(double value) => WriteInt64(BitConverter.DoubleToInt64Bits(value));

    public void WriteUuid(Guid value)
    {
        value.TryWriteBytes(_buffer.GetSpan(GuidSize), bigEndian: true, out _);
        _buffer.Advance(GuidSize);
    }

    public void WriteUnsignedVarint(uint value) => _buffer.Advance(Varint.Write(_buffer.GetSpan(Varint.MaxBytes32), value));

    /// <summary>A string: UTF-8 after its length of two bytes, or of a varint where flexible.</summary>
    public void WriteString(string value, bool flexible)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        if (flexible) WriteUnsignedVarint((uint)length + 1);
        else if (length <= short.MaxValue) WriteInt16((short)length);
        else throw new ArgumentException($"A string of {length} bytes is longer than the protocol's {short.MaxValue}.", nameof(value));
        Encoding.UTF8.GetBytes(value, _buffer.GetSpan(length));
        _buffer.Advance(length);
    }

    public void WriteNullableString(string? value, bool flexible)
    {
        if (value is not null) WriteString(value, flexible);
        else if (flexible) WriteUnsignedVarint(0);
        else WriteInt16(-1);
    }

    public void WriteBytes(byte[] value, bool flexible)
    {
        WriteBytesLength(value.Length, flexible);
        _buffer.Write(value);
    }

    public void WriteNullableBytes(byte[]? value, bool flexible)
    {
        if (value is null) WriteBytesLength(-1, flexible);
        else WriteBytes(value, flexible);
    }

    /// <summary>Record batches, kept by reference until <see cref="Reset"/>.</summary>
    public void WriteRecords(RecordSet value, bool flexible)
    {
        WriteBytesLength(value.Length, flexible);
        foreach (var segment in value.SegmentArray) _references.Add(new Reference(_buffer.Length, segment));
        _referenced = checked(_referenced + value.Length);
    }

    public void WriteNullableRecords(RecordSet? value, bool flexible)
    {
        if (value is null) WriteBytesLength(-1, flexible);
        else WriteRecords(value, flexible);
    }

    /// <summary>An array's number of elements, -1 for null.</summary>
    public void WriteArrayLength(int length, bool flexible) => WriteBytesLength(length, flexible);

    /// <summary>Begins a tagged field; what is written until <see cref="EndTag"/> is its content.</summary>
    public int BeginTag(uint tag)
    {
        WriteUnsignedVarint(tag);
        return _buffer.Length;
    }

    /// <summary>Ends the tagged field that began there: its size is put before it.</summary>
    public void EndTag(int start)
    {
        var length = _buffer.Length - start;
        if (_references.Count > 0 && _references[^1].Position >= start) throw new InvalidOperationException("A tagged field cannot hold records.");
        var sizeLength = Varint.Size((uint)length);
        _buffer.GetSpan(sizeLength);
        _buffer.Advance(sizeLength);
        var field = _buffer.Written[start..];
        field[..length].CopyTo(field[sizeLength..]);
        Varint.Write(field, (uint)length);
    }

    /// <summary>Leaves room for four bytes, to be set by <see cref="SetInt32"/>: a frame's length, for instance.</summary>
    public int ReserveInt32()
    {
        var position = _buffer.Length;
        WriteInt32(0);
        return position;
    }

    public void SetInt32(int position, int value) => BinaryPrimitives.WriteInt32BigEndian(_buffer.Written[position..], value);

    /// <summary>Copies everything, in order, into the target.</summary>
    public void CopyTo(IBufferWriter<byte> target)
    {
        var copied = 0;
        foreach (var reference in _references)
        {
            if (reference.Position > copied) target.Write(_buffer.Written[copied..reference.Position]);
            target.Write(reference.Bytes.Span);
            copied = reference.Position;
        }

        target.Write(_buffer.Written[copied..]);
    }

    public byte[] ToArray()
    {
        var bytes = GC.AllocateUninitializedArray<byte>(Length);
        var rest = bytes.AsSpan();
        var copied = 0;
        foreach (var reference in _references)
        {
            var before = _buffer.Written[copied..reference.Position];
            before.CopyTo(rest);
            reference.Bytes.Span.CopyTo(rest[before.Length..]);
            rest = rest[(before.Length + reference.Bytes.Length)..];
            copied = reference.Position;
        }

        _buffer.Written[copied..].CopyTo(rest);
        return bytes;
    }

    /// <summary>Forgets everything written; the memory stays for the next message, unless this one was uncommonly large.</summary>
    public void Reset()
    {
        if (_buffer.Length > LargestKeptBuffer) _buffer.Dispose();
        else _buffer.Truncate();
        _references.Clear();
        _referenced = 0;
    }

    public void Dispose()
    {
        Reset();
        _buffer.Dispose();
    }

    private void WriteByte(byte value)
    {
        _buffer.GetSpan(1)[0] = value;
        _buffer.Advance(1);
    }

    private void WriteBytesLength(int length, bool flexible)
    {
        if (flexible) WriteUnsignedVarint((uint)(length + 1));
        else WriteInt32(length);
    }

    /// <summary>Bytes that stand before the buffer's byte at a position.</summary>
    private readonly record struct Reference(int Position, ReadOnlyMemory<byte> Bytes);
}
