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
    Double,
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
    public const string Names = "string, json, long, double, bytes, windowed-string, session-windowed-string";

    /// <exception cref="UsageException">No such format.</exception>
    public static DataFormat Parse(string option, string text) => text switch
    {
        "string" => DataFormat.String,
        "json" => DataFormat.Json,
        "long" => DataFormat.Long,
        "double" => DataFormat.Double,
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

    /// <summary>The bytes as text; those that are not of the format are shown as <see cref="DataFormat.Bytes"/>.</summary>
    public static string Show(DataFormat format, ReadOnlySpan<byte> bytes) => format switch
    {
        DataFormat.Long when bytes.Length == sizeof(long) => BinaryPrimitives.ReadInt64BigEndian(bytes).ToString(CultureInfo.InvariantCulture),
        DataFormat.Double when bytes.Length == sizeof(double) => BinaryPrimitives.ReadDoubleBigEndian(bytes).ToString("R", CultureInfo.InvariantCulture),
        DataFormat.Bytes or DataFormat.Long or DataFormat.Double => Escaped(bytes),
        _ => Encoding.UTF8.GetString(bytes),
    };

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
