namespace Actors.Protocol;

/// <summary>A message of the Kafka protocol, of no version until it is written; the classes stand in Actors.Protocol.Messages.</summary>
public interface IMessage
{
    /// <summary>Appends the body (no header, no frame length) as that version has it.</summary>
    /// <exception cref="UnsupportedVersionException">The version does not exist, or lacks a field that holds a value which must not be lost.</exception>
    void Write(ProtocolWriter w, short version);
}

/// <summary>A message that answers a request.</summary>
public interface IResponse : IMessage
{
    /// <summary>Tells each error that the response holds, one of a partition or another part of it each for itself; <see cref="ErrorCode.None"/> is none.</summary>
    void TellErrors(IErrorTally tally);
}

/// <summary>Hears of errors, one by one.</summary>
public interface IErrorTally
{
    void Add(ErrorCode error);
}

/// <summary>A message that a client sends, and that is answered by the response of the same API key.</summary>
public interface IRequest : IMessage
{
    ApiKey Key { get; }
}
