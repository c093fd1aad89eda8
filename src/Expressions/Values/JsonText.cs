using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Actors.Expressions;

/// <summary>JSON in and out of values. Fields keep their order; integers stay integers; doubles are written so that they are read back as doubles.</summary>
public static class JsonText
{
    /// <summary>The writer's options that <see cref="Write"/> expects: compact, and no escapes but those JSON asks for.</summary>
    public static JsonWriterOptions WriterOptions { get; } =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Reads one JSON value and checks all of it. The value shares the buffer.</summary>
    public static bool TryRead(byte[] buffer, int offset, int length, out Value value)
    {
        var reader = new Utf8JsonReader(buffer.AsSpan(offset, length));
        try
        {
            reader.Read();
            value = Current(ref reader, buffer, offset);
            return !reader.Read();
        }
        catch (JsonException)
        {
            value = default;
            return false;
        }
    }

    /// <summary>Reads one JSON value from a string.</summary>
    public static bool TryRead(string json, out Value value)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        return TryRead(bytes, 0, bytes.Length, out value);
    }

    /// <summary>The value as compact JSON.</summary>
    public static string ToJson(in Value value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions)) Write(writer, value);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Writes the value as compact JSON; bytes as base64, a double that is no number as null.</summary>
    public static void Write(Utf8JsonWriter writer, in Value value)
    {
        switch (value.Kind)
        {
            case ValueKind.Null: writer.WriteNullValue(); break;
            case ValueKind.Boolean: writer.WriteBooleanValue(value.AsBoolean); break;
            case ValueKind.Long: writer.WriteNumberValue(value.AsLong); break;
            case ValueKind.Double: WriteDouble(writer, value.AsDouble); break;
            case ValueKind.String: writer.WriteStringValue(value.RawSpan); break;
            case ValueKind.Bytes: writer.WriteBase64StringValue(value.RawSpan); break;
            default: WriteContainer(writer, value); break;
        }
    }

    private static void WriteContainer(Utf8JsonWriter writer, in Value value)
    {
        if (value.IsRawJson)
        {
            CopyTokens(writer, value.RawSpan);
        }
        else if (value.Fields is { } fields)
        {
            writer.WriteStartObject();
            for (var i = 0; i < fields.Names.Length; i++)
            {
                writer.WritePropertyName(fields.Names[i]);
                Write(writer, fields.Values[i]);
            }
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteStartArray();
            foreach (var element in value.ElementsArray!) Write(writer, element);
            writer.WriteEndArray();
        }
    }

    // Token by token, so that the same content gives the same text whatever its white space was.
    private static void CopyTokens(Utf8JsonWriter writer, ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject: writer.WriteStartObject(); break;
                case JsonTokenType.EndObject: writer.WriteEndObject(); break;
                case JsonTokenType.StartArray: writer.WriteStartArray(); break;
                case JsonTokenType.EndArray: writer.WriteEndArray(); break;
                case JsonTokenType.PropertyName when reader.ValueIsEscaped: writer.WritePropertyName(Unescape(reader.ValueSpan)); break;
                case JsonTokenType.PropertyName: writer.WritePropertyName(reader.ValueSpan); break;
                case JsonTokenType.String when reader.ValueIsEscaped: writer.WriteStringValue(Unescape(reader.ValueSpan)); break;
                case JsonTokenType.String: writer.WriteStringValue(reader.ValueSpan); break;
                default: writer.WriteRawValue(reader.ValueSpan, skipInputValidation: true); break;
            }
        }
    }

    private static void WriteDouble(Utf8JsonWriter writer, double number)
    {
        Span<byte> text = stackalloc byte[40];
        if (double.IsFinite(number)) writer.WriteRawValue(text[..FormatDouble(number, text)], skipInputValidation: true);
        else writer.WriteNullValue();
    }

    /// <summary>The shortest text that reads back as this double, with a fraction or exponent so that it is no integer's. Returns the length.</summary>
    internal static int FormatDouble(double number, Span<byte> target)
    {
        number.TryFormat(target, out var length, default, CultureInfo.InvariantCulture);
        if (target[..length].IndexOfAny(".EN"u8) >= 0 || !double.IsFinite(number)) return length;
        ".0"u8.CopyTo(target[length..]);
        return length + 2;
    }

    internal static Value Field(in Value raw, ReadOnlySpan<byte> name)
    {
        var found = default(Value);
        var reader = new Utf8JsonReader(raw.RawSpan);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var matches = NameIs(ref reader, name);
            reader.Read();
            if (matches) found = Current(ref reader, raw.RawBuffer, raw.RawOffset);
            else reader.Skip();
        }
        return found;
    }

    internal static Value Element(in Value raw, long index)
    {
        if (index < 0)
        {
            var elements = Elements(raw);
            return index + elements.Length >= 0 ? elements[index + elements.Length] : default;
        }
        var reader = new Utf8JsonReader(raw.RawSpan);
        reader.Read();
        for (long i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
        {
            if (i == index) return Current(ref reader, raw.RawBuffer, raw.RawOffset);
            reader.Skip();
        }
        return default;
    }

    internal static Value[] Elements(in Value raw)
    {
        var elements = new List<Value>();
        var reader = new Utf8JsonReader(raw.RawSpan);
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) elements.Add(Current(ref reader, raw.RawBuffer, raw.RawOffset));
        return [.. elements];
    }

    internal static ValueObject Fields(in Value raw)
    {
        var names = new List<byte[]>();
        var values = new List<Value>();
        var reader = new Utf8JsonReader(raw.RawSpan);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            names.Add(TokenText(ref reader));
            reader.Read();
            values.Add(Current(ref reader, raw.RawBuffer, raw.RawOffset));
        }
        return new ValueObject([.. names], [.. values]);
    }

    /// <summary>The value at the reader's token; of an array or object the reader then stands at its end.</summary>
    internal static Value Current(ref Utf8JsonReader reader, byte[] buffer, int bufferOffset)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Null: return default;
            case JsonTokenType.True: return Value.True;
            case JsonTokenType.False: return Value.False;
            case JsonTokenType.Number: return Number(reader.ValueSpan);
            case JsonTokenType.String when reader.ValueIsEscaped: return Value.Text(Unescape(reader.ValueSpan));
            case JsonTokenType.String: return Value.Text(buffer, bufferOffset + (int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
            default:
                var kind = reader.TokenType == JsonTokenType.StartObject ? ValueKind.Object : ValueKind.Array;
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                return Value.RawJson(kind, buffer, bufferOffset + start, (int)reader.BytesConsumed - start);
        }
    }

    internal static Value Number(ReadOnlySpan<byte> text)
    {
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer)) return Value.Of(integer);
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? Value.Of(number) : default;
    }

    /// <summary>The text of the reader's name or string token, escapes undone.</summary>
    internal static byte[] TokenText(ref Utf8JsonReader reader) => reader.ValueIsEscaped ? Unescape(reader.ValueSpan) : reader.ValueSpan.ToArray();

    internal static bool NameIs(ref Utf8JsonReader reader, ReadOnlySpan<byte> name) =>
        reader.ValueIsEscaped ? name.SequenceEqual(Unescape(reader.ValueSpan)) : name.SequenceEqual(reader.ValueSpan);

    // The reader's own GetString throws at a lone surrogate, which JSON's grammar lets through: here it becomes U+FFFD.
    private static byte[] Unescape(ReadOnlySpan<byte> escaped)
    {
        var text = new StringBuilder(escaped.Length);
        for (var i = 0; i < escaped.Length;)
        {
            if (escaped[i] != '\\')
            {
                var end = escaped[i..].IndexOf((byte)'\\');
                var plain = end < 0 ? escaped[i..] : escaped.Slice(i, end);
                text.Append(Encoding.UTF8.GetString(plain));
                i += plain.Length;
            }
            else if (escaped[i + 1] == 'u')
            {
                text.Append((char)ushort.Parse(escaped.Slice(i + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                i += 6;
            }
            else
            {
                text.Append((char)escaped[i + 1] switch { 'b' => '\b', 'f' => '\f', 'n' => '\n', 'r' => '\r', 't' => '\t', var same => same });
                i += 2;
            }
        }
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
