using System.Text;

namespace Actors.Protocol.Records;

/// <summary>One header of a record: a key (UTF-8, never null) and a value (bytes or null).</summary>
public readonly struct RecordHeader
{
    public RecordHeader(ReadOnlyMemory<byte> utf8Key, ReadOnlyMemory<byte>? value)
    {
        Utf8Key = utf8Key;
        Value = value;
    }

    public RecordHeader(string key, byte[]? value) : this(Encoding.UTF8.GetBytes(key), NullableBytes.Of(value)) { }

    public ReadOnlyMemory<byte> Utf8Key { get; }

    public ReadOnlyMemory<byte>? Value { get; }

    /// <summary>The key as text, decoded at each call.</summary>
    public string Key => Encoding.UTF8.GetString(Utf8Key.Span);
}

/// <summary>A record's headers in order, read as they are enumerated; valid as long as the record's bytes are.</summary>
public readonly struct RecordHeaders
{
    private readonly ReadOnlyMemory<byte> _bytes;

    /// <summary>The bytes have been walked already: no length in them leads outside.</summary>
    internal RecordHeaders(ReadOnlyMemory<byte> bytes, int count)
    {
        _bytes = bytes;
        Count = count;
    }

    public int Count { get; }

    public Enumerator GetEnumerator() => new(_bytes, Count);

    public RecordHeader[] ToArray()
    {
        if (Count == 0) return [];
        var headers = new RecordHeader[Count];
        var index = 0;
        foreach (var header in this) headers[index++] = header;
        return headers;
    }

    public struct Enumerator
    {
        private readonly ReadOnlyMemory<byte> _bytes;
        private int _left;
        private int _position;

        internal Enumerator(ReadOnlyMemory<byte> bytes, int count)
        {
            _bytes = bytes;
            _left = count;
        }

        public RecordHeader Current { get; private set; }

        public bool MoveNext()
        {
            if (_left == 0) return false;
            _left--;
            var key = Take();
            Current = new RecordHeader(key ?? default, Take());
            return true;
        }

        private ReadOnlyMemory<byte>? Take()
        {
            Varint.TryReadSigned(_bytes.Span, ref _position, out int length);
            if (length < 0) return null;
            var taken = _bytes.Slice(_position, length);
            _position += length;
            return taken;
        }
    }
}
