using System.Buffers;

namespace Actors.Protocol;

/// <summary>What <see cref="Frame.TryCut"/> found at the front of a connection's bytes.</summary>
public enum FrameCut
{
    /// <summary>More bytes must come.</summary>
    Incomplete,

    /// <summary>A whole frame.</summary>
    Complete,

    /// <summary>The length is below zero: this is no Kafka client, the connection is to be closed.</summary>
    NegativeLength,

    /// <summary>The length is above the bound: the connection is to be closed.</summary>
    TooLarge,
}

/// <summary>Frames of the Kafka protocol: four bytes of length, then a header, then a body.</summary>
public static class Frame
{
    /// <summary>The bytes of the length, which it does not count.</summary>
    public const int LengthSize = sizeof(int);

    /// <summary>Takes one whole frame, without its length, off the front of what has arrived; otherwise the buffer stays as it is.</summary>
    public static FrameCut TryCut(ref ReadOnlySequence<byte> buffer, int maxBytes, out ReadOnlySequence<byte> frame)
    {
        frame = default;
        if (!TryReadLength(buffer, out var length)) return FrameCut.Incomplete;
        if (length < 0) return FrameCut.NegativeLength;
        if (length > maxBytes) return FrameCut.TooLarge;
        if (buffer.Length - LengthSize < length) return FrameCut.Incomplete;
        frame = buffer.Slice(LengthSize, length);
        buffer = buffer.Slice(frame.End);
        return FrameCut.Complete;
    }

    /// <summary>The length that the next frame claims; false while its four bytes are not there.</summary>
    public static bool TryReadLength(ReadOnlySequence<byte> buffer, out int length)
    {
        var reader = new SequenceReader<byte>(buffer);
        return reader.TryReadBigEndian(out length);
    }

    /// <summary>Appends the whole frame of a request: length, header, body.</summary>
    public static void WriteRequest(ProtocolWriter w, IRequest request, short version, int correlationId, string? clientId)
    {
        var header = new Messages.RequestHeader
        {
            RequestApiKey = (short)request.Key,
            RequestApiVersion = version,
            CorrelationId = correlationId,
            ClientId = clientId,
        };
        var start = w.Length;
        var length = w.ReserveInt32();
        header.Write(w, ApiVersionTable.Of(request.Key).RequestHeaderVersion(version));
        request.Write(w, version);
        w.SetInt32(length, w.Length - start - LengthSize);
    }

    /// <summary>Appends the whole frame of a response: length, header, body.</summary>
    public static void WriteResponse(ProtocolWriter w, ApiKey key, IMessage response, short version, int correlationId)
    {
        var start = w.Length;
        var length = w.ReserveInt32();
        w.WriteInt32(correlationId);
        if (ApiVersionTable.Of(key).ResponseHeaderVersion(version) > 0) w.WriteUnsignedVarint(0);
        response.Write(w, version);
        w.SetInt32(length, w.Length - start - LengthSize);
    }

    /// <summary>Reads a request's header, at the header version its key and version ask for.</summary>
    /// <exception cref="UnsupportedVersionException">The key is none of <see cref="ApiVersionTable"/>'s.</exception>
    public static Messages.RequestHeader ReadRequestHeader(ref ProtocolReader r)
    {
        var ahead = r;
        var key = (ApiKey)ahead.ReadInt16();
        return Messages.RequestHeader.Read(ref r, ApiVersionTable.Of(key).RequestHeaderVersion(ahead.ReadInt16()));
    }
}
