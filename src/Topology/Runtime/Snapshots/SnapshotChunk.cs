using System.Buffers;
using System.Buffers.Binary;

namespace Actors.Topology.Runtime;

/// <summary>A row in a snapshot; without state it says that the row is gone.</summary>
internal readonly record struct SnapshotRow(byte[] Key, byte[]? State, long Timestamp);

/// <summary>
/// Rows as bytes: a version byte, then for each row the key's length, the state's (-1: gone), both 4 bytes, the timestamp, 8 bytes, all
/// big-endian, and the bytes of both.
/// </summary>
internal static class SnapshotChunk
{
    /// <summary>A chunk ends before the row that would make it longer than 4 MiB; a longer row has a chunk of its own.</summary>
    public const int MostBytes = 4 << 20;

    private const byte Version = 1;
    private const int RowHeader = 16;

    public delegate void RowAction(ReadOnlySpan<byte> key, ReadOnlySpan<byte> state, bool tombstone, long timestamp);

    public static IEnumerable<ReadOnlyMemory<byte>> Write(IEnumerable<StoreRow> rows) => Write(rows.Select(r => new SnapshotRow(r.Key, r.State, r.Timestamp)));

    /// <summary>The chunks of the rows; each is good until the next is asked for.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Write(IEnumerable<SnapshotRow> rows)
    {
        var chunk = new ArrayBufferWriter<byte>(64 << 10);
        foreach (var row in rows)
        {
            var length = RowHeader + row.Key.Length + (row.State?.Length ?? 0);
            if (chunk.WrittenCount > 1 && chunk.WrittenCount + length > MostBytes)
            {
                yield return chunk.WrittenMemory;
                chunk.ResetWrittenCount();
            }
            Append(chunk, row);
        }
        if (chunk.WrittenCount > 0) yield return chunk.WrittenMemory;
    }

    private static void Append(ArrayBufferWriter<byte> chunk, in SnapshotRow row)
    {
        if (chunk.WrittenCount == 0) chunk.Write([Version]);
        var header = chunk.GetSpan(RowHeader);
        BinaryPrimitives.WriteInt32BigEndian(header, row.Key.Length);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], row.State?.Length ?? -1);
        BinaryPrimitives.WriteInt64BigEndian(header[8..], row.Timestamp);
        chunk.Advance(RowHeader);
        chunk.Write(row.Key);
        chunk.Write(row.State);
    }

    /// <exception cref="InvalidDataException">The bytes are no chunk, or one of a later version.</exception>
    public static void Read(ReadOnlySpan<byte> chunk, RowAction row)
    {
        if (chunk.IsEmpty || chunk[0] != Version) throw new InvalidDataException("a snapshot's chunk of an unknown version");
        for (chunk = chunk[1..]; !chunk.IsEmpty;)
        {
            if (chunk.Length < RowHeader) throw new InvalidDataException("a snapshot's row is cut off");
            var (key, state) = (BinaryPrimitives.ReadInt32BigEndian(chunk), BinaryPrimitives.ReadInt32BigEndian(chunk[4..]));
            var timestamp = BinaryPrimitives.ReadInt64BigEndian(chunk[8..]);
            chunk = chunk[RowHeader..];
            if (key < 0 || state < -1 || (long)key + Math.Max(0, state) > chunk.Length) throw new InvalidDataException("a snapshot's row is longer than its chunk");
            row(chunk[..key], chunk.Slice(key, Math.Max(0, state)), state < 0, timestamp);
            chunk = chunk[(key + Math.Max(0, state))..];
        }
    }
}
