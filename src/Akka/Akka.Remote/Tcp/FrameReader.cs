using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;

namespace Akka.Remote.Tcp;

/// <summary>Cuts frames from a socket's bytes. A length beyond the limit fails before a byte is kept for it.</summary>
internal sealed class FrameReader(Socket socket, int firstLimit) : IDisposable
{
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(4 * 1024);
    private int _from;
    private int _to;

    /// <summary>The longest body; raised once the other side is known.</summary>
    internal int Limit { get; set; } = firstLimit;

    public void Dispose() => ArrayPool<byte>.Shared.Return(Interlocked.Exchange(ref _bytes, []));

    /// <summary>The next body among the bytes that are there; valid until <see cref="Fill"/>.</summary>
    internal bool TryNext(out ReadOnlyMemory<byte> body)
    {
        body = default;
        if (_to - _from < 4) return false;
        var length = BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(_from));
        if (length < 1 || length > Limit) throw new MalformedFrameException($"a frame of {(uint)length} bytes, from 1 to {Limit} are allowed");
        if (_to - _from < 4 + length) return false;
        body = _bytes.AsMemory(_from + 4, length);
        _from += 4 + length;
        return true;
    }

    /// <summary>Reads more; false at the end of the stream.</summary>
    internal async ValueTask<bool> Fill(CancellationToken cancel)
    {
        if (_from == _to) _from = _to = 0;
        if (_bytes.Length - _to < 1024 || NeedsRoom()) MakeRoom();
        var read = await socket.ReceiveAsync(_bytes.AsMemory(_to), SocketFlags.None, cancel).ConfigureAwait(false);
        _to += read;
        return read > 0;
    }

    /// <summary>The next body, or null at the end of the stream.</summary>
    internal async ValueTask<ReadOnlyMemory<byte>?> Next(CancellationToken cancel)
    {
        while (true)
        {
            if (TryNext(out var body)) return body;
            if (!await Fill(cancel).ConfigureAwait(false)) return null;
        }
    }

    private bool NeedsRoom() => _to - _from >= 4 && _from + 4 + BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(_from)) > _bytes.Length;

    private void MakeRoom()
    {
        var there = _to - _from;
        var needed = there >= 4 ? 4 + BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(_from)) : 0;
        // A connection that has data keeps a buffer for many frames; one that says hello a small one.
        var size = Math.Max(needed, Math.Min(Limit, 64 * 1024));
        if (_bytes.Length >= size + 1024)
        {
            _bytes.AsSpan(_from, there).CopyTo(_bytes);
        }
        else
        {
            var larger = ArrayPool<byte>.Shared.Rent(size + 1024);
            _bytes.AsSpan(_from, there).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = larger;
        }
        (_from, _to) = (0, there);
    }
}
