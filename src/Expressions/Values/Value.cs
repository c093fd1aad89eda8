using System.Text;
using System.Text.Unicode;

namespace Actors.Expressions;

/// <summary>
/// A dynamic value: null, boolean, 64-bit integer, double, text, bytes, array or object. Numbers are not boxed; text is a slice of UTF-8
/// bytes; arrays and objects read from JSON stay a slice of its text until something in them is asked for.
/// A value taken from a record shares the record's buffer and is good only as long as that buffer is.
/// </summary>
public readonly struct Value : IEquatable<Value>
{
    // byte[]: a slice (text, bytes, JSON of an array or object). Value[]: an array's elements. ValueObject: an object's fields.
    private readonly object? _object;
    // The boolean, integer or double's bits; of a slice its offset (high half) and length (low half).
    private readonly long _bits;

    private Value(ValueKind kind, object? content, long bits)
    {
        Kind = kind;
        _object = content;
        _bits = bits;
    }

    /// <summary>What the value is; <c>default(Value)</c> is null.</summary>
    public ValueKind Kind { get; }

    public static Value Null => default;
    public static Value True => new(ValueKind.Boolean, null, 1);
    public static Value False => new(ValueKind.Boolean, null, 0);

    public bool IsNull => Kind == ValueKind.Null;
    public bool IsTrue => Kind == ValueKind.Boolean && _bits != 0;
    public bool IsNumber => Kind is ValueKind.Long or ValueKind.Double;

    public static Value Of(bool value) => value ? True : False;
    public static Value Of(long value) => new(ValueKind.Long, null, value);
    public static Value Of(double value) => new(ValueKind.Double, null, BitConverter.DoubleToInt64Bits(value));
    public static Value Of(string? value) => value is null ? default : Text(Encoding.UTF8.GetBytes(value));

    /// <summary>Text; the bytes must be UTF-8.</summary>
    public static Value Text(byte[] utf8) => Slice(ValueKind.String, utf8, 0, utf8.Length);

    /// <summary>Text that is a slice of UTF-8 bytes, not copied.</summary>
    public static Value Text(byte[] utf8, int offset, int length) => Slice(ValueKind.String, utf8, offset, length);

    /// <summary>Text of bytes that may not be UTF-8: what is not becomes U+FFFD, as Kafka's StringDeserializer has it.</summary>
    public static Value LenientText(byte[] bytes, int offset, int length) =>
        Utf8.IsValid(bytes.AsSpan(offset, length)) ? Text(bytes, offset, length) : Of(Encoding.UTF8.GetString(bytes, offset, length));

    public static Value Bytes(byte[] bytes) => Slice(ValueKind.Bytes, bytes, 0, bytes.Length);
    public static Value Bytes(byte[] bytes, int offset, int length) => Slice(ValueKind.Bytes, bytes, offset, length);
    public static Value Array(params Value[] elements) => new(ValueKind.Array, elements, elements.Length);
    public static Value Object(ValueObject fields) => new(ValueKind.Object, fields, 0);

    /// <summary>An array or object as a slice of valid JSON text that is one array or object and nothing else.</summary>
    internal static Value RawJson(ValueKind kind, byte[] json, int offset, int length) => Slice(kind, json, offset, length);

    private static Value Slice(ValueKind kind, byte[] bytes, int offset, int length) => new(kind, bytes, (long)offset << 32 | (uint)length);

    public bool AsBoolean => Kind == ValueKind.Boolean ? _bits != 0 : throw Wrong(ValueKind.Boolean);
    public long AsLong => Kind == ValueKind.Long ? _bits : throw Wrong(ValueKind.Long);

    /// <summary>The number as a double, be it integer or double.</summary>
    public double AsDouble => Kind switch
    {
        ValueKind.Double => BitConverter.Int64BitsToDouble(_bits),
        ValueKind.Long => _bits,
        _ => throw Wrong(ValueKind.Double),
    };

    /// <summary>The bytes of text (UTF-8) or of bytes.</summary>
    public ReadOnlySpan<byte> AsBytes => Kind is ValueKind.String or ValueKind.Bytes ? RawSpan : throw Wrong(ValueKind.Bytes);

    /// <summary>The text as a string of its own.</summary>
    public string AsString => Kind == ValueKind.String ? Encoding.UTF8.GetString(RawSpan) : throw Wrong(ValueKind.String);

    internal bool IsRawJson => Kind is ValueKind.Array or ValueKind.Object && _object is byte[];
    internal ReadOnlySpan<byte> RawSpan => ((byte[])_object!).AsSpan((int)(_bits >> 32), (int)_bits);
    internal byte[] RawBuffer => (byte[])_object!;
    internal int RawOffset => (int)(_bits >> 32);
    internal int RawLength => (int)_bits;
    internal ValueObject? Fields => _object as ValueObject;
    internal Value[]? ElementsArray => _object as Value[];

    /// <summary>The part of a text from a byte's position on; it must not cut a character.</summary>
    internal Value TextSlice(int start, int length) => Text((byte[])_object!, RawOffset + start, length);

    /// <summary>The JSON text of an array or object that is still the text it was read from, white space and all.</summary>
    public bool TryGetJson(out ReadOnlySpan<byte> json)
    {
        json = IsRawJson ? RawSpan : default;
        return IsRawJson;
    }

    /// <summary>A field of an object; null for one that is absent and for anything but an object.</summary>
    public Value Field(ReadOnlySpan<byte> utf8Name) => Kind switch
    {
        ValueKind.Object when _object is ValueObject fields => fields.Field(utf8Name),
        ValueKind.Object => JsonText.Field(this, utf8Name),
        _ => default,
    };

    /// <summary>A field of an object by name.</summary>
    public Value Field(string name) => Field(Encoding.UTF8.GetBytes(name));

    /// <summary>An array's element, counted from 0, or from the end with -1 as the last; null outside, and for anything but an array.</summary>
    public Value Element(long index)
    {
        if (Kind != ValueKind.Array) return default;
        if (_object is not Value[] elements) return JsonText.Element(this, index);
        if (index < 0) index += elements.Length;
        return index >= 0 && index < elements.Length ? elements[index] : default;
    }

    /// <summary>An array's elements; none for anything else.</summary>
    public Value[] Elements() => Kind != ValueKind.Array ? [] : _object as Value[] ?? JsonText.Elements(this);

    /// <summary>An object's fields in order; none for anything else.</summary>
    public ValueObject ObjectFields() => Kind != ValueKind.Object ? new ValueObject([], []) : _object as ValueObject ?? JsonText.Fields(this);

    /// <summary>SQL's equality: numbers by amount, text by characters, arrays and objects by content. Null equals null here.</summary>
    public bool Equals(Value other) => ValueOrder.AreEqual(this, other);

    public override bool Equals(object? obj) => obj is Value other && Equals(other);
    public override int GetHashCode() => ValueOrder.Hash(this);

    /// <summary>The value as text: text as it is, all else as JSON.</summary>
    public override string ToString() => Kind == ValueKind.String ? AsString : JsonText.ToJson(this);

    private InvalidOperationException Wrong(ValueKind wanted) => new($"the value is {Kind}, not {wanted}");
}
