namespace Actors.Protocol.Records;

/// <summary>What a batch's timestamps mean (attribute bit 3): when the client made the record, or when the broker appended the batch.</summary>
public enum TimestampType : byte
{
    CreateTime = 0,
    LogAppendTime = 1,
}
