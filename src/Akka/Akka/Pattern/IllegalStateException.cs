using Akka.Actor;

namespace Akka.Pattern;

/// <summary>A call that what it was made on is in no state for.</summary>
public class IllegalStateException : AkkaException
{
    public IllegalStateException(string message) : base(message, null) { }

    public IllegalStateException(string message, Exception innerEx) : base(message, innerEx) { }
}
