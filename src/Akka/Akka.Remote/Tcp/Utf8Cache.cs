using System.Diagnostics.CodeAnalysis;

namespace Akka.Remote.Tcp;

/// <summary>What texts on a connection mean, found by their bytes. Emptied when full.</summary>
internal sealed class Utf8Cache<T>(int capacity)
{
    private readonly Dictionary<byte[], T> _values = new(BytesComparer.Instance);

    internal bool TryGet(ReadOnlySpan<byte> key, [MaybeNullWhen(false)] out T value) =>
        _values.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(key, out value);

    internal void Set(ReadOnlySpan<byte> key, T value)
    {
        if (_values.Count >= capacity) _values.Clear();
        _values[key.ToArray()] = value;
    }

    private sealed class BytesComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        internal static readonly BytesComparer Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = new HashCode();
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
