using System.Text;
using Actors.Client;
using Actors.Protocol.Records;

namespace Actors.Cli.Records;

/// <summary>Makes a record of a line, as kafka-console-producer's reader does, with its properties.</summary>
internal sealed class LineParser
{
    public static readonly string[] Known =
    [
        "parse.key", "key.separator", "parse.headers", "headers.delimiter", "headers.separator", "headers.key.separator", "null.marker", "ignore.error",
    ];

    private readonly string _topic;
    private readonly int? _partition;
    private readonly bool _parseKey;
    private readonly bool _parseHeaders;
    private readonly byte[] _keySeparator;
    private readonly byte[] _headersDelimiter;
    private readonly string _headersSeparator;
    private readonly string _headerKeySeparator;
    private readonly byte[]? _nullMarker;
    private long _line;

    /// <exception cref="UsageException">A property that is not as it must be.</exception>
    public LineParser(string topic, int? partition, Dictionary<string, string> properties)
    {
        (_topic, _partition) = (topic, partition);
        _parseKey = properties.IsTrue("parse.key");
        _parseHeaders = properties.IsTrue("parse.headers");
        IgnoresErrors = properties.IsTrue("ignore.error");
        _keySeparator = Separator(properties, "key.separator", "\t");
        _headersDelimiter = Separator(properties, "headers.delimiter", "\t");
        _headersSeparator = properties.GetValueOrDefault("headers.separator", ",");
        _headerKeySeparator = properties.GetValueOrDefault("headers.key.separator", ":");
        _nullMarker = properties.TryGetValue("null.marker", out var marker) ? Encoding.UTF8.GetBytes(marker) : null;
        if (_headersSeparator.Length == 0 || _headerKeySeparator.Length == 0) throw new UsageException("a header separator is empty");
    }

    /// <summary>A line without a separator is taken whole as the value.</summary>
    public bool IgnoresErrors { get; }

    /// <exception cref="CommandFailedException">A separator is missing, and that is not to be ignored.</exception>
    public ProducerRecord Parse(ReadOnlyMemory<byte> line)
    {
        _line++;
        var rest = line;
        var headers = _parseHeaders && TryCut(ref rest, _headersDelimiter, "headers delimiter", line, out var cut) ? Headers(cut) : null;
        ReadOnlyMemory<byte>? key = _parseKey && TryCut(ref rest, _keySeparator, "key separator", line, out var found) ? OrNull(found) : default(ReadOnlyMemory<byte>?);
        return new ProducerRecord(_topic, key, OrNull(rest), _partition, Headers: headers);
    }

    private static byte[] Separator(Dictionary<string, string> properties, string name, string otherwise)
    {
        var bytes = Encoding.UTF8.GetBytes(properties.GetValueOrDefault(name, otherwise));
        return bytes.Length > 0 ? bytes : throw new UsageException($"{name} is empty");
    }

    private bool TryCut(ref ReadOnlyMemory<byte> rest, byte[] separator, string what, ReadOnlyMemory<byte> line, out ReadOnlyMemory<byte> before)
    {
        var at = rest.Span.IndexOf(separator);
        before = at < 0 ? default : rest[..at];
        if (at >= 0) rest = rest[(at + separator.Length)..];
        else if (!IgnoresErrors) throw new CommandFailedException($"No {what} found on line number {_line}: '{Encoding.UTF8.GetString(line.Span)}'");
        return at >= 0;
    }

    private RecordHeader[]? Headers(ReadOnlyMemory<byte> text)
    {
        if (OrNull(text) is null || text.IsEmpty) return null;
        return [.. Encoding.UTF8.GetString(text.Span).Split(_headersSeparator).Select(header =>
        {
            var at = header.IndexOf(_headerKeySeparator, StringComparison.Ordinal);
            if (at < 0 && !IgnoresErrors) throw new CommandFailedException($"No header key separator found in pair '{header}' on line number {_line}");
            if (at < 0) return new RecordHeader(header, null);
            var value = Encoding.UTF8.GetBytes(header[(at + _headerKeySeparator.Length)..]);
            return new RecordHeader(header[..at], OrNull(value) is null ? null : value);
        })];
    }

    private ReadOnlyMemory<byte>? OrNull(ReadOnlyMemory<byte> bytes) =>
        _nullMarker is not null && bytes.Span.SequenceEqual(_nullMarker) ? default(ReadOnlyMemory<byte>?) : bytes;
}
