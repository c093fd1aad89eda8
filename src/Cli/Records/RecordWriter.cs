using System.Text;
using System.Text.Json;
using Actors.Client;
using Actors.Protocol.Records;

namespace Actors.Cli.Records;

/// <summary>How records are shown.</summary>
internal sealed record RecordStyle
{
    public static readonly string[] Known =
    [
        "print.timestamp", "print.partition", "print.offset", "print.headers", "print.key", "print.value", "key.separator", "line.separator", "headers.separator", "null.literal",
        "window.size.ms",
    ];

    public bool Timestamp { get; init; }

    public bool Partition { get; init; }

    public bool Offset { get; init; }

    public bool Headers { get; init; }

    public bool Key { get; init; }

    public bool Value { get; init; } = true;

    public string KeySeparator { get; init; } = "\t";

    public string LineSeparator { get; init; } = "\n";

    public string HeadersSeparator { get; init; } = ",";

    public string NullLiteral { get; init; } = "null";

    public DataFormat KeyFormat { get; init; }

    public DataFormat ValueFormat { get; init; }

    /// <summary>Milliseconds; null: only a window's start is shown.</summary>
    public long? WindowSize { get; init; }

    /// <summary>A JSON object a line, as the topology test driver writes them.</summary>
    public bool Json { get; init; }

    /// <summary>Nothing is shown: the records are only read.</summary>
    public bool Silent { get; init; }

    /// <exception cref="UsageException">A property that is not as it must be.</exception>
    public static RecordStyle Of(Dictionary<string, string> properties, DataFormat? key, DataFormat value, bool json) => new()
    {
        Timestamp = properties.IsTrue("print.timestamp"),
        Partition = properties.IsTrue("print.partition"),
        Offset = properties.IsTrue("print.offset"),
        Headers = properties.IsTrue("print.headers"),
        Key = properties.IsTrue("print.key", otherwise: key is DataFormat.WindowedString or DataFormat.SessionWindowedString),
        Value = properties.IsTrue("print.value", otherwise: true),
        KeySeparator = properties.GetValueOrDefault("key.separator", "\t"),
        LineSeparator = properties.GetValueOrDefault("line.separator", "\n"),
        HeadersSeparator = properties.GetValueOrDefault("headers.separator", ","),
        NullLiteral = properties.GetValueOrDefault("null.literal", "null"),
        KeyFormat = key ?? DataFormat.String,
        ValueFormat = value,
        Json = json,
        WindowSize = !properties.TryGetValue("window.size.ms", out var text) ? null
            : long.TryParse(text, out var size) && size > 0 ? size
            : throw new UsageException($"window.size.ms={text}: a number of milliseconds is meant"),
    };
}

/// <summary>Writes records as kafka-console-consumer does: timestamp, partition, offset, headers, key, value, as far as asked for.</summary>
internal sealed class RecordWriter(RecordStyle style, Stream output)
{
    private readonly byte[] _separator = Encoding.UTF8.GetBytes(style.KeySeparator);
    private readonly byte[] _lineEnd = Encoding.UTF8.GetBytes(style.LineSeparator);
    private bool _first;

    public void Write(TopicPartition partition, in Record record, TimestampType type)
    {
        if (style.Silent) return;
        if (style.Json)
        {
            WriteJson(partition, record);
            return;
        }
        _first = true;
        if (style.Timestamp) Field(record.Timestamp < 0 ? "NO_TIMESTAMP" : $"{type}:{record.Timestamp}");
        if (style.Partition) Field($"Partition:{partition.Partition}");
        if (style.Offset) Field($"Offset:{record.Offset}");
        if (style.Headers) Field(Headers(record.Headers));
        if (style.Key) Key(record.Key);
        if (style.Value) Field(record.Value, style.ValueFormat);
        output.Write(_lineEnd);
    }

    private void Key(ReadOnlyMemory<byte>? key)
    {
        if (key is not { } bytes || style.KeyFormat is not (DataFormat.WindowedString or DataFormat.SessionWindowedString))
        {
            Field(key, style.KeyFormat);
            return;
        }
        var text = DataFormats.Show(DataFormat.String, DataFormats.CutWindow(style.KeyFormat, bytes.Span, style.WindowSize, out var window));
        // Kafka Streams' own form of a windowed key.
        Field(window switch
        {
            { End: { } end } known => $"[{text}@{known.Start}/{end}]",
            { } open => $"[{text}@{open.Start}]",
            null => text,
        });
    }

    private void Field(ReadOnlyMemory<byte>? bytes, DataFormat format)
    {
        if (bytes is not { } present) Field(style.NullLiteral);
        else if (format is DataFormat.String or DataFormat.Json) Field(present.Span);
        else Field(DataFormats.Show(format, present.Span));
    }

    private void Field(string text) => Field(Encoding.UTF8.GetBytes(text));

    private void Field(ReadOnlySpan<byte> bytes)
    {
        if (!_first) output.Write(_separator);
        _first = false;
        output.Write(bytes);
    }

    private string Headers(RecordHeaders headers) => headers.Count == 0 ? "NO_HEADERS" : string.Join(
        style.HeadersSeparator, headers.ToArray().Select(h => $"{h.Key}:{(h.Value is { } value ? Encoding.UTF8.GetString(value.Span) : style.NullLiteral)}"));

    private void WriteJson(TopicPartition partition, in Record record)
    {
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("topic", partition.Topic);
            Window? window = null;
            if (record.Key is { } key) JsonData(json, "key", style.KeyFormat, DataFormats.CutWindow(style.KeyFormat, key.Span, style.WindowSize, out window));
            else json.WriteNull("key");
            if (record.Value is { } value) JsonData(json, "value", style.ValueFormat, value.Span);
            else json.WriteNull("value");
            json.WriteNumber("timestamp", record.Timestamp);
            json.WriteNumber("partition", partition.Partition);
            json.WriteNumber("offset", record.Offset);
            if (record.Headers.Count > 0) JsonHeaders(json, record.Headers);
            if (window is { } shown) JsonWindow(json, shown);
            json.WriteEndObject();
        }
        output.Write("\n"u8);
    }

    private static void JsonData(Utf8JsonWriter json, string name, DataFormat format, ReadOnlySpan<byte> bytes)
    {
        json.WritePropertyName(name);
        if (format == DataFormat.Json && IsJson(bytes)) json.WriteRawValue(bytes);
        else if (IsNumber(format, bytes.Length)) json.WriteRawValue(DataFormats.Show(format, bytes), skipInputValidation: false);
        else json.WriteStringValue(DataFormats.Show(format, bytes));
    }

    private static bool IsNumber(DataFormat format, int length) => (format, length) is
        (DataFormat.Long or DataFormat.Double, sizeof(long)) or (DataFormat.Integer or DataFormat.Float, sizeof(int)) or (DataFormat.Short, sizeof(short)) or (DataFormat.Boolean, 1);

    private static bool IsJson(ReadOnlySpan<byte> bytes)
    {
        var reader = new Utf8JsonReader(bytes);
        try
        {
            return JsonDocument.TryParseValue(ref reader, out var document) && Disposed(document) && !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }

        static bool Disposed(JsonDocument document)
        {
            document.Dispose();
            return true;
        }
    }

    private static void JsonHeaders(Utf8JsonWriter json, RecordHeaders headers)
    {
        json.WriteStartObject("headers");
        foreach (var header in headers)
        {
            if (header.Value is { } value) json.WriteString(header.Key, DataFormats.Show(DataFormat.String, value.Span));
            else json.WriteNull(header.Key);
        }
        json.WriteEndObject();
    }

    private static void JsonWindow(Utf8JsonWriter json, Window window)
    {
        json.WriteStartObject("window");
        json.WriteNumber("start", window.Start);
        if (window.End is { } end) json.WriteNumber("end", end);
        json.WriteEndObject();
    }
}
