using System.Buffers.Binary;
using System.Text;

namespace Actors.Expressions;

/// <summary>Writes aggregate state into a buffer of its own that is used again. The layout is this format's version 1 and stays readable.</summary>
public sealed class StateWriter
{
    private byte[] _buffer = new byte[256];
    private int _length;

    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    public void Clear() => _length = 0;

    public void Byte(byte value) => Reserve(1)[0] = value;

    /// <summary>Eight bytes, big-endian.</summary>
    public void Long(long value) => BinaryPrimitives.WriteInt64BigEndian(Reserve(8), value);

    public void Double(double value) => BinaryPrimitives.WriteDoubleBigEndian(Reserve(8), value);

    /// <summary>An unsigned number, seven bits a byte, the lowest first.</summary>
    public void Count(int value)
    {
        var rest = (uint)value;
        for (; rest > 0x7F; rest >>= 7) Byte((byte)(rest | 0x80));
        Byte((byte)rest);
    }

    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        Count(bytes.Length);
        bytes.CopyTo(Reserve(bytes.Length));
    }

    public void Value(in Value value)
    {
        Byte((byte)value.Kind);
        switch (value.Kind)
        {
            case ValueKind.Null: break;
            case ValueKind.Boolean: Byte(value.IsTrue ? (byte)1 : (byte)0); break;
            case ValueKind.Long: Long(value.AsLong); break;
            case ValueKind.Double: Double(value.AsDouble); break;
            case ValueKind.String or ValueKind.Bytes: Bytes(value.AsBytes); break;
            default: Bytes(Encoding.UTF8.GetBytes(JsonText.ToJson(value))); break;
        }
    }

    private Span<byte> Reserve(int count)
    {
        if (_length + count > _buffer.Length) Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + count));
        var span = _buffer.AsSpan(_length, count);
        _length += count;
        return span;
    }
}

/// <summary>Reads what <see cref="StateWriter"/> wrote; throws <see cref="InvalidDataException"/> for anything else.</summary>
public ref struct StateReader(ReadOnlySpan<byte> state)
{
    private ReadOnlySpan<byte> _rest = state;

    public readonly bool AtEnd => _rest.IsEmpty;

    public byte Byte() => Take(1)[0];
    public long Long() => BinaryPrimitives.ReadInt64BigEndian(Take(8));
    public double Double() => BinaryPrimitives.ReadDoubleBigEndian(Take(8));

    public int Count()
    {
        uint value = 0;
        for (var shift = 0; shift < 35; shift += 7)
        {
            var b = Byte();
            value |= (uint)(b & 0x7F) << shift;
            if (b < 0x80) return value <= int.MaxValue ? (int)value : throw new InvalidDataException("a count in aggregate state is too large");
        }
        throw new InvalidDataException("a count in aggregate state does not end");
    }

    public ReadOnlySpan<byte> Bytes() => Take(Count());

    public Value Value()
    {
        var kind = (ValueKind)Byte();
        switch (kind)
        {
            case ValueKind.Null: return default;
            case ValueKind.Boolean: return Expressions.Value.Of(Byte() != 0);
            case ValueKind.Long: return Expressions.Value.Of(Long());
            case ValueKind.Double: return Expressions.Value.Of(Double());
            case ValueKind.String: return Expressions.Value.Text(Bytes().ToArray());
            case ValueKind.Bytes: return Expressions.Value.Bytes(Bytes().ToArray());
            case ValueKind.Array or ValueKind.Object:
                var json = Bytes().ToArray();
                return JsonText.TryRead(json, 0, json.Length, out var value) ? value : throw new InvalidDataException("aggregate state holds what is no JSON");
            default: throw new InvalidDataException($"aggregate state holds a value of unknown kind {(byte)kind}");
        }
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length) throw new InvalidDataException($"aggregate state ends {count - _rest.Length} bytes early");
        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
