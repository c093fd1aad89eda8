using System.Buffers.Binary;
using System.Text;
using Actors.Expressions;

namespace Actors.Topology.Testing;

/// <summary>Keys and values between a topic's bytes and JSON: bytes are base64, all else is what it is.</summary>
internal static class JsonLines
{
    /// <summary>Bytes of a topic as JSON.</summary>
    public static string Read(Format format, byte[]? bytes)
    {
        if (bytes is null) return "null";
        switch (format)
        {
            case Format.String: return JsonText.ToJson(Value.LenientText(bytes, 0, bytes.Length));
            case Format.Json when JsonText.TryRead(bytes, 0, bytes.Length, out var value): return JsonText.ToJson(value);
            case Format.Long when bytes.Length == 8: return JsonText.ToJson(Value.Of(BinaryPrimitives.ReadInt64BigEndian(bytes)));
            case Format.Double when bytes.Length == 8: return JsonText.ToJson(Value.Of(BinaryPrimitives.ReadDoubleBigEndian(bytes)));
            default: return JsonText.ToJson(Value.Bytes(bytes));
        }
    }

    /// <summary>A JSON value as the bytes of a topic; false, and why, if the format cannot hold it.</summary>
    public static bool TryWrite(Format format, in Value value, out byte[]? bytes, out string reason)
    {
        (bytes, reason) = (null, "");
        if (value.IsNull) return true;
        switch (format)
        {
            case Format.String:
                bytes = Encoding.UTF8.GetBytes(value.ToString());
                return true;
            case Format.Json:
                bytes = Encoding.UTF8.GetBytes(JsonText.ToJson(value));
                return true;
            case Format.Long when value.Kind == ValueKind.Long:
                BinaryPrimitives.WriteInt64BigEndian(bytes = new byte[8], value.AsLong);
                return true;
            case Format.Double when value.IsNumber:
                BinaryPrimitives.WriteDoubleBigEndian(bytes = new byte[8], value.AsDouble);
                return true;
            case Format.Bytes when value.Kind == ValueKind.String:
                bytes = new byte[value.AsBytes.Length];
                if (Convert.TryFromBase64String(value.AsString, bytes, out var length))
                {
                    bytes = bytes[..length];
                    return true;
                }
                break;
        }
        reason = $"{JsonText.ToJson(value)} is no {format.ToString().ToLowerInvariant()}{(format == Format.Bytes ? " in base64" : "")}";
        return false;
    }

    public static string WriteHeaders(IReadOnlyList<RecordHeader> headers) =>
        JsonText.ToJson(Value.Object(ValueObject.Of([.. headers.Select(h => (h.Name, h.Value is null ? default : Value.LenientText(h.Value, 0, h.Value.Length)))])));

    public static IReadOnlyList<RecordHeader> ReadHeaders(in Value headers)
    {
        var fields = headers.ObjectFields();
        return [.. fields.Names.Select((name, i) => new RecordHeader(Encoding.UTF8.GetString(name), fields.Values[i].IsNull ? null : Encoding.UTF8.GetBytes(fields.Values[i].ToString())))];
    }
}
