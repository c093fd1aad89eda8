using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Akka.Actor;

namespace Akka.Remote.Tcp;

/// <summary>The kinds of frames. A frame is its body's length (4 bytes, little endian), then the body: the kind, and what the kind has.</summary>
internal enum FrameKind : byte
{
    /// <summary>The opener's first frame: magic, version, its uid, its address, the address it wants.</summary>
    Hello = 1,

    /// <summary>The acceptor's answer: its uid.</summary>
    Welcome = 2,

    /// <summary>The acceptor's answer, or its last frame: the reason and a text; then it closes.</summary>
    Refused = 3,

    /// <summary>Serialiser id, manifest, recipient, sender, payload.</summary>
    Message = 4,

    /// <summary>A sequence number, then as <see cref="Message"/>; acknowledged.</summary>
    SystemMessage = 5,

    /// <summary>The sequence number up to which system messages have arrived.</summary>
    Acknowledge = 6,

    Ping = 7,

    Pong = 8,

    /// <summary>The opener shuts down in order, and sends nothing more.</summary>
    Goodbye = 9,
}

/// <summary>Why a node refuses a connection.</summary>
internal enum RefusalReason : byte
{
    NotThisNode = 1,
    Quarantined = 2,
}

/// <summary>A growing buffer of frames to send.</summary>
internal sealed class FrameWriter : IDisposable
{
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(16 * 1024);
    private int _start;

    internal int Length { get; private set; }

    internal ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Length);

    internal void Clear()
    {
        Length = 0;
        if (_bytes.Length <= 512 * 1024) return;
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = ArrayPool<byte>.Shared.Rent(16 * 1024);
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(Interlocked.Exchange(ref _bytes, []));

    internal void Begin(FrameKind kind)
    {
        _start = Length;
        Take(4);
        Byte((byte)kind);
    }

    /// <summary>Completes the frame and returns its body's length.</summary>
    internal int End()
    {
        var length = BodyLength;
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(_start), length);
        return length;
    }

    /// <summary>The body's length so far.</summary>
    internal int BodyLength => Length - _start - 4;

    /// <summary>Takes the frame that was begun back.</summary>
    internal void Abandon() => Length = _start;

    internal void Empty(FrameKind kind)
    {
        Begin(kind);
        End();
    }

    internal void Byte(byte value) => Take(1)[0] = value;

    internal void Int(int value) => BinaryPrimitives.WriteInt32LittleEndian(Take(4), value);

    internal void Long(long value) => BinaryPrimitives.WriteInt64LittleEndian(Take(8), value);

    internal void Text(string value)
    {
        var most = Encoding.UTF8.GetMaxByteCount(value.Length);
        var span = Take(2 + most);
        var length = Encoding.UTF8.GetBytes(value, span[2..]);
        Length -= most - length;
        BinaryPrimitives.WriteUInt16LittleEndian(span, checked((ushort)length));
    }

    /// <summary>A text that is UTF-8 already.</summary>
    internal void Text(ReadOnlySpan<byte> value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(Take(2), checked((ushort)value.Length));
        Bytes(value);
    }

    internal void Bytes(ReadOnlySpan<byte> value) => value.CopyTo(Take(value.Length));

    private Span<byte> Take(int count)
    {
        if (_bytes.Length - Length < count)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_bytes.Length * 2, Length + count));
            _bytes.AsSpan(0, Length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = larger;
        }
        var span = _bytes.AsSpan(Length, count);
        Length += count;
        return span;
    }
}

/// <summary>Bytes that are no frame of this protocol.</summary>
internal sealed class MalformedFrameException(string message) : IOException(message);

/// <summary>Reads a frame's body.</summary>
internal ref struct FrameParser(ReadOnlySpan<byte> body)
{
    private ReadOnlySpan<byte> _rest = body;

    internal readonly ReadOnlySpan<byte> Rest => _rest;

    internal byte Byte() => Take(1)[0];

    internal int Int() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    internal long Long() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    internal ReadOnlySpan<byte> TextBytes() => Take(BinaryPrimitives.ReadUInt16LittleEndian(Take(2)));

    internal string Text() => Encoding.UTF8.GetString(TextBytes());

    private ReadOnlySpan<byte> Take(int count)
    {
        if (_rest.Length < count) throw new MalformedFrameException($"a frame ends {count - _rest.Length} bytes too early");
        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}

/// <summary>How references are written on a connection: without an address they are the opener's or, for recipients, the acceptor's.</summary>
internal static class WirePaths
{
    internal static byte[] Local(ActorPath path)
    {
        var text = path.ToStringWithoutAddress();
        return Encoding.UTF8.GetBytes(path.Uid == ActorCell.UndefinedUid ? text : $"{text}#{path.Uid}");
    }

    internal static byte[] Of(IActorRef actor, ISet<Address> own)
    {
        var address = actor.Path.Address;
        return address.HasLocalScope || own.Contains(address) ? Local(actor.Path) : Encoding.UTF8.GetBytes(actor.Path.ToSerializationFormat());
    }
}
