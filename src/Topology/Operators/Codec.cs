using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;
using Actors.Expressions;

namespace Actors.Topology;

/// <summary>Keys and values out of a topic's bytes.</summary>
internal static class Codec
{
    /// <summary>Reads a key; false if the bytes are not of the format.</summary>
    public static bool TryRead(Format format, ArraySegment<byte> bytes, out Value value)
    {
        var (array, offset, length) = (bytes.Array!, bytes.Offset, bytes.Count);
        value = default;
        switch (format)
        {
            case Format.String:
                value = Value.LenientText(array, offset, length);
                return true;
            case Format.Bytes:
                value = Value.Bytes(array, offset, length);
                return true;
            case Format.Json:
                return JsonText.TryRead(array, offset, length, out value);
            default:
                if (length != 8) return false;
                value = format == Format.Long ? Value.Of(BinaryPrimitives.ReadInt64BigEndian(bytes)) : Value.Of(BinaryPrimitives.ReadDoubleBigEndian(bytes));
                return true;
        }
    }

    /// <summary>Reads a value into the row, which keeps the fields of a JSON object at hand.</summary>
    public static bool TryReadValue(Format format, ArraySegment<byte> bytes, Row row)
    {
        if (format == Format.Json) return row.TrySetJson(bytes.Array!, bytes.Offset, bytes.Count);
        var readable = TryRead(format, bytes, out var value);
        row.Value = value;
        return readable;
    }
}

/// <summary>Keys or values into a topic's bytes, in a buffer of its own that is used again.</summary>
internal sealed class Encoder
{
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private readonly Utf8JsonWriter _json;
    private readonly byte[] _number = new byte[8];

    public Encoder() => _json = new Utf8JsonWriter(_buffer, JsonText.WriterOptions);

    /// <summary>The value in a format; false if it cannot be written so. Null must be asked for before. The bytes are good until the next call.</summary>
    public bool TryWrite(Format format, scoped in Value value, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        switch (format)
        {
            case Format.Json: bytes = Json(value); return true;
            case Format.String: bytes = Text(value); return true;
            case Format.Bytes when value.Kind is ValueKind.Bytes or ValueKind.String: bytes = value.AsBytes; return true;
            case Format.Long when value.Kind == ValueKind.Long: BinaryPrimitives.WriteInt64BigEndian(_number, value.AsLong); break;
            case Format.Double when value.IsNumber: BinaryPrimitives.WriteDoubleBigEndian(_number, value.AsDouble); break;
            default: return false;
        }
        bytes = _number;
        return true;
    }

    /// <summary>Text as it is, all else as JSON.</summary>
    public ReadOnlySpan<byte> Text(scoped in Value value) => value.Kind is ValueKind.String or ValueKind.Bytes ? value.AsBytes : Json(value);

    private ReadOnlySpan<byte> Json(scoped in Value value)
    {
        if (value.TryGetJson(out var text)) return text;
        _buffer.ResetWrittenCount();
        _json.Reset();
        JsonText.Write(_json, value);
        _json.Flush();
        return _buffer.WrittenSpan;
    }
}
