namespace Actors.Protocol.Records;

/// <summary>How a batch's records are compressed (attribute bits 0 to 2). Values 5 to 7 can be read from a header but mean nothing.</summary>
public enum Compression : byte
{
    None = 0,
    Gzip = 1,
    Snappy = 2,
    Lz4 = 3,
    Zstd = 4,
}
