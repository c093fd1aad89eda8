using System.Buffers;

namespace Actors.Protocol;

/// <summary>One contiguous run of bytes that grows in pooled arrays up to a bound. What it gave out is invalid once it grows or is disposed.</summary>
internal sealed class PooledBuffer(int maxBytes = int.MaxValue) : IBufferWriter<byte>, IDisposable
{
    private const int SmallestArray = 256;

    private byte[] _bytes = [];

    public int Length { get; private set; }

    /// <summary>The bound: <see cref="TryReserve"/> refuses more.</summary>
    public int MaxBytes { get; } = maxBytes;

    public Span<byte> Written => _bytes.AsSpan(0, Length);

    public ReadOnlyMemory<byte> WrittenMemory => _bytes.AsMemory(0, Length);

    public Span<byte> Free => _bytes.AsSpan(Length, Math.Min(_bytes.Length, MaxBytes) - Length);

    /// <summary>Makes room for so many more bytes; false when that would pass the bound.</summary>
    public bool TryReserve(int count)
    {
        if (count <= _bytes.Length - Length) return count <= MaxBytes - Length;
        if (count > MaxBytes - Length || count > Array.MaxLength - Length) return false;
        var wanted = Math.Max(Math.Max(Length + count, SmallestArray), (int)Math.Min(2L * _bytes.Length, Math.Min(MaxBytes, Array.MaxLength)));
        var larger = ArrayPool<byte>.Shared.Rent(wanted);
        Written.CopyTo(larger);
        Return();
        _bytes = larger;
        return true;
    }

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_bytes.Length - Length), nameof(count));
        Length += count;
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        var count = Math.Max(sizeHint, 1);
        if (!TryReserve(count)) throw new InvalidOperationException($"The buffer may hold {MaxBytes} bytes, has {Length} and was asked for {count} more.");
        return _bytes.AsSpan(Length);
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        GetSpan(sizeHint);
        return _bytes.AsMemory(Length);
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(GetSpan(bytes.Length));
        Length += bytes.Length;
    }

    /// <summary>Forgets what was written beyond a length; the array stays.</summary>
    public void Truncate(int length = 0) => Length = length;

    public void Dispose()
    {
        Return();
        _bytes = [];
        Length = 0;
    }

    private void Return()
    {
        if (_bytes.Length > 0) ArrayPool<byte>.Shared.Return(_bytes);
    }
}
