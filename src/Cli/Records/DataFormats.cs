using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Actors.Cli.Records;

/// <summary>What a key's or value's bytes mean.</summary>
internal enum DataFormat
{
    String,
    Json,
    Long,
    Integer,
    Short,
    Double,
    Float,
    Boolean,
    Uuid,
    Bytes,

    /// <summary>Kafka Streams' windowed key: a string, then 8 bytes of window start, big endian.</summary>
    WindowedString,

    /// <summary>Kafka Streams' session key: a string, then 8 bytes of end and 8 of start.</summary>
    SessionWindowedString,
}

/// <summary>A window as far as its key's bytes tell; milliseconds since 1970 UTC.</summary>
internal readonly record struct Window(long Start, long? End);

/// <summary>Shows keys and values.</summary>
internal static class DataFormats
{
    public static readonly string[] All =
        ["string", "json", "long", "integer", "short", "double", "float", "boolean", "uuid", "bytes", "windowed-string", "session-windowed-string"];

    public static string Names => string.Join(", ", All);

    /// <exception cref="UsageException">No such format.</exception>
    public static DataFormat Parse(string option, string text) => text switch
    {
        "string" => DataFormat.String,
        "json" => DataFormat.Json,
        "long" => DataFormat.Long,
        "integer" => DataFormat.Integer,
        "short" => DataFormat.Short,
        "double" => DataFormat.Double,
        "float" => DataFormat.Float,
        "boolean" => DataFormat.Boolean,
        "uuid" => DataFormat.Uuid,
        "bytes" => DataFormat.Bytes,
        "windowed-string" => DataFormat.WindowedString,
        "session-windowed-string" => DataFormat.SessionWindowedString,
        _ => throw new UsageException($"{option} {text}: one of {Names} is meant"),
    };

    /// <summary>Cuts a windowed key into the key and its window. Bytes too short for a window are a key without one.</summary>
    /// <param name="format">The key's format.</param>
    /// <param name="bytes">The key as it stands on the topic.</param>
    /// <param name="windowSize">Milliseconds, where they are known: the key holds a window's start only.</param>
    /// <param name="window">The window.</param>
    public static ReadOnlySpan<byte> CutWindow(DataFormat format, ReadOnlySpan<byte> bytes, long? windowSize, out Window? window)
    {
        const int time = sizeof(long);
        window = null;
        switch (format)
        {
            case DataFormat.WindowedString when bytes.Length >= time:
                var start = BinaryPrimitives.ReadInt64BigEndian(bytes[^time..]);
                window = new Window(start, start + windowSize);
                return bytes[..^time];
            case DataFormat.SessionWindowedString when bytes.Length >= 2 * time:
                window = new Window(BinaryPrimitives.ReadInt64BigEndian(bytes[^time..]), BinaryPrimitives.ReadInt64BigEndian(bytes[^(2 * time)..]));
                return bytes[..^(2 * time)];
            default:
                return bytes;
        }
    }

    /// <summary>The bytes as text, as Java prints the value; those that are not of the format are shown as <see cref="DataFormat.Bytes"/>.</summary>
    public static string Show(DataFormat format, ReadOnlySpan<byte> bytes) => (format, bytes.Length) switch
    {
        (DataFormat.Long, sizeof(long)) => BinaryPrimitives.ReadInt64BigEndian(bytes).ToString(CultureInfo.InvariantCulture),
        (DataFormat.Integer, sizeof(int)) => BinaryPrimitives.ReadInt32BigEndian(bytes).ToString(CultureInfo.InvariantCulture),
        (DataFormat.Short, sizeof(short)) => BinaryPrimitives.ReadInt16BigEndian(bytes).ToString(CultureInfo.InvariantCulture),
        (DataFormat.Double, sizeof(double)) => Java(BinaryPrimitives.ReadDoubleBigEndian(bytes), BinaryPrimitives.ReadDoubleBigEndian(bytes).ToString("R", CultureInfo.InvariantCulture)),
        (DataFormat.Float, sizeof(float)) => Java(BinaryPrimitives.ReadSingleBigEndian(bytes), BinaryPrimitives.ReadSingleBigEndian(bytes).ToString("R", CultureInfo.InvariantCulture)),
        (DataFormat.Boolean, 1) when bytes[0] <= 1 => bytes[0] == 1 ? "true" : "false",
        (DataFormat.String or DataFormat.Json or DataFormat.Uuid or DataFormat.WindowedString or DataFormat.SessionWindowedString, _) => Encoding.UTF8.GetString(bytes),
        _ => Escaped(bytes),
    };

    /// <summary>Java's <c>Double.toString</c>: at least one decimal, powers of ten from 10⁷ on and below 10⁻³.</summary>
    /// <param name="number">The number.</param>
    /// <param name="shortest">Its shortest text that reads back as it.</param>
    private static string Java(double number, string shortest)
    {
        if (!double.IsFinite(number)) return shortest.Replace("∞", "Infinity");
        var size = Math.Abs(number);
        if (size is 0 or (>= 1e-3 and < 1e7)) return shortest.Contains('.') ? shortest : $"{shortest}.0";
        var sign = number < 0 ? "-" : "";
        var (mantissa, power) = shortest.TrimStart('-').Split('E') is [var m, var e] ? (m, int.Parse(e, CultureInfo.InvariantCulture)) : (shortest.TrimStart('-'), 0);
        var point = mantissa.IndexOf('.') is var at and >= 0 ? at : mantissa.Length;
        var all = mantissa.Replace(".", "");
        var digits = all.TrimStart('0');
        power += point - 1 - (all.Length - digits.Length);
        digits = digits.TrimEnd('0');
        return $"{sign}{digits[0]}.{(digits.Length > 1 ? digits[1..] : "0")}E{power}";
    }

    /// <summary>Printable ASCII as it is, the rest as <c>\xNN</c>: as Kafka's Bytes prints itself.</summary>
    private static string Escaped(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        foreach (var b in bytes)
        {
            if (b is >= (byte)' ' and <= (byte)'~' and not (byte)'\\') text.Append((char)b);
            else text.Append(CultureInfo.InvariantCulture, $"\\x{b:X2}");
        }
        return text.ToString();
    }
}
