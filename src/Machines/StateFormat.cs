using System.Buffers;
using System.Text;

namespace Actors.Machines;

/// <summary>Bytes that a serialised event or snapshot cannot have: another version, or damage.</summary>
public sealed class UnreadableStateException(string message) : Exception(message);

/// <summary>Writes events and snapshots: little-endian base-128 varints (zigzag), length-prefixed UTF-8 and bytes, a version byte first.</summary>
internal sealed class StateWriter
{
    private readonly ArrayBufferWriter<byte> _buffer = new(256);

    public StateWriter(byte version) => Byte(version);

    public void Byte(byte value)
    {
        _buffer.GetSpan(1)[0] = value;
        _buffer.Advance(1);
    }

    public void Bool(bool value) => Byte(value ? (byte)1 : (byte)0);

    public void Long(long value)
    {
        var rest = (ulong)((value << 1) ^ (value >> 63));
        var span = _buffer.GetSpan(10);
        var length = 0;
        while (rest >= 0x80)
        {
            span[length++] = (byte)(rest | 0x80);
            rest >>= 7;
        }
        span[length++] = (byte)rest;
        _buffer.Advance(length);
    }

    public void Int(int value) => Long(value);

    public void Guid(Guid value)
    {
        value.TryWriteBytes(_buffer.GetSpan(16), bigEndian: true, out _);
        _buffer.Advance(16);
    }

    /// <summary>Null is length -1.</summary>
    public void String(string? value)
    {
        if (value is null)
        {
            Long(-1);
            return;
        }
        var length = Encoding.UTF8.GetByteCount(value);
        Long(length);
        Encoding.UTF8.GetBytes(value, _buffer.GetSpan(length));
        _buffer.Advance(length);
    }

    public void Bytes(ReadOnlySpan<byte> value)
    {
        Long(value.Length);
        _buffer.Write(value);
    }

    public void Map(IReadOnlyCollection<KeyValuePair<string, string>> map)
    {
        Int(map.Count);
        foreach (var (key, value) in map)
        {
            String(key);
            String(value);
        }
    }

    public void List<T>(IReadOnlyCollection<T> items, Action<StateWriter, T> write)
    {
        Int(items.Count);
        foreach (var item in items)
            write(this, item);
    }

    public byte[] ToArray() => _buffer.WrittenSpan.ToArray();
}

/// <summary>Reads what <see cref="StateWriter"/> wrote; anything else is an <see cref="UnreadableStateException"/>.</summary>
internal ref struct StateReader
{
    private readonly string _what;
    private ReadOnlySpan<byte> _rest;

    public StateReader(ReadOnlySpan<byte> bytes, string what, byte newestVersion)
    {
        _what = what;
        _rest = bytes;
        Version = Byte();
        if (Version < 1 || Version > newestVersion)
            throw new UnreadableStateException($"{what} is of version {Version}; this program reads versions 1 to {newestVersion}.");
    }

    public byte Version { get; }

    public byte Byte()
    {
        var value = Take(1)[0];
        return value;
    }

    public bool Bool() => Byte() != 0;

    public long Long()
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var next = Byte();
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return (long)(value >> 1) ^ -(long)(value & 1);
        }
        throw new UnreadableStateException($"{_what}: a number of more than ten bytes.");
    }

    public int Int()
    {
        var value = Long();
        return value is >= int.MinValue and <= int.MaxValue ? (int)value : throw new UnreadableStateException($"{_what}: {value} does not fit 32 bits.");
    }

    public Guid Guid() => new(Take(16), bigEndian: true);

    public string String() => StringOrNull() ?? throw new UnreadableStateException($"{_what}: a text is missing.");

    public string? StringOrNull()
    {
        var length = Int();
        return length == -1 ? null : Encoding.UTF8.GetString(Take(length));
    }

    public byte[] Bytes() => Take(Int()).ToArray();

    /// <summary>The number of items that follow: never more than the bytes left, as each has at least one.</summary>
    public int Count()
    {
        var count = Int();
        return count >= 0 && count <= _rest.Length ? count : throw new UnreadableStateException($"{_what}: {count} items in {_rest.Length} bytes.");
    }

    public Dictionary<string, string> Map()
    {
        var count = Count();
        var map = new Dictionary<string, string>(count);
        for (var i = 0; i < count; i++)
            map[String()] = String();
        return map;
    }

    public delegate T Item<out T>(ref StateReader reader);

    public T[] List<T>(Item<T> read)
    {
        var items = new T[Count()];
        for (var i = 0; i < items.Length; i++)
            items[i] = read(ref this);
        return items;
    }

    public readonly void End()
    {
        if (!_rest.IsEmpty)
            throw new UnreadableStateException($"{_what}: {_rest.Length} bytes too many.");
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length < 0 || length > _rest.Length)
            throw new UnreadableStateException($"{_what}: {length} bytes wanted, {_rest.Length} left.");
        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }
}
