namespace Actors.Protocol.Records;

/// <summary>A record batch that does not hold what its header says: lengths beyond the end, bytes left over, compressed data that does not decompress.</summary>
public sealed class CorruptRecordsException : MalformedMessageException
{
    public CorruptRecordsException(string message) : base(message) { }

    public CorruptRecordsException(string message, Exception innerException) : base(message, innerException) { }
}
