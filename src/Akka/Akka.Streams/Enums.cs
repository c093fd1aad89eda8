namespace Akka.Streams;

/// <summary>What a full buffer does with another element.</summary>
public enum OverflowStrategy
{
    /// <summary>Drops the oldest element held.</summary>
    DropHead = 2,

    /// <summary>Drops the youngest element held.</summary>
    DropTail = 3,

    /// <summary>Drops all elements held.</summary>
    DropBuffer = 4,

    /// <summary>Drops the new element.</summary>
    DropNew = 5,

    /// <summary>Asks for no more until there is room.</summary>
    Backpressure = 6,

    /// <summary>Fails the stream.</summary>
    Fail = 7
}

/// <summary>What a throttle does with elements that come too fast.</summary>
public enum ThrottleMode
{
    /// <summary>Delays them.</summary>
    Shaping,

    /// <summary>Fails the stream.</summary>
    Enforcing
}
