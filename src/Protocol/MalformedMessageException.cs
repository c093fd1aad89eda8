namespace Actors.Protocol;

/// <summary>
/// Bytes from the wire that are not what the protocol allows: cut short, a length that cannot be, a null where none may stand.
/// The connection they came from is closed.
/// </summary>
public class MalformedMessageException : Exception
{
    public MalformedMessageException(string message) : base(message) { }

    public MalformedMessageException(string message, Exception innerException) : base(message, innerException) { }
}
