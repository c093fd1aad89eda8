using System.Buffers.Binary;
using System.IO.Compression;

namespace Actors.Protocol.Records.Codecs;

/// <summary>gzip (RFC 1952), one member: what Kafka's producers write.</summary>
internal static class GzipCodec
{
    private const int DefaultLevel = 6;
    private const int TrailerSize = 8;
    private const int LengthInTrailer = 4;

    public static void Compress(ReadOnlySpan<byte> source, PooledBuffer target, int? level)
    {
        using var output = new PooledBufferStream(target);
        using var gzip = new GZipStream(output, new ZLibCompressionOptions { CompressionLevel = level ?? DefaultLevel }, leaveOpen: true);
        gzip.Write(source);
    }

    public static unsafe void Decompress(ReadOnlySpan<byte> source, PooledBuffer target)
    {
        if (source.Length < TrailerSize) throw new CorruptRecordsException("gzip data is cut off.");
        var start = target.Length;
        fixed (byte* bytes = source)
        {
            using var input = new UnmanagedMemoryStream(bytes, source.Length);
            using var gzip = new GZipStream(input, CompressionMode.Decompress);
            try
            {
                while (true)
                {
                    if (target.Free.IsEmpty && target.Length == target.MaxBytes && gzip.ReadByte() < 0) break;
                    Codec.ReserveForOutput(target, source.Length);
                    var read = gzip.Read(target.Free);
                    if (read == 0) break;
                    target.Advance(read);
                }
            }
            catch (InvalidDataException damaged)
            {
                throw new CorruptRecordsException("gzip data is damaged.", damaged);
            }
        }

        // The stream ends without complaint where its input is cut off; the trailer tells.
        if (BinaryPrimitives.ReadUInt32LittleEndian(source[^LengthInTrailer..]) != (uint)(target.Length - start))
            throw new CorruptRecordsException("gzip data is cut off, or not of one member.");
    }

    private sealed class PooledBufferStream(PooledBuffer target) : Stream
    {
        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Write(ReadOnlySpan<byte> buffer) => target.Write(buffer);
        public override void Write(byte[] buffer, int offset, int count) => target.Write(buffer.AsSpan(offset, count));
        public override void Flush() { }
        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
