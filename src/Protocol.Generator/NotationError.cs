using System;

namespace Actors.Protocol.Generator;

/// <summary>A line of a definition that is not in the notation.</summary>
internal sealed class NotationError : Exception
{
    public NotationError(int line, string message) : base(message) => Line = line;

    /// <summary>Counted from zero.</summary>
    public int Line { get; }
}
