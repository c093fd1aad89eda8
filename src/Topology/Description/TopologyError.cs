using Actors.Hocon;

namespace Actors.Topology;

/// <summary>What is wrong with a topology: where in which file (line and column from 1; 0 where it was not read from a file), at which field, and why.</summary>
public sealed record TopologyError(string File, int Line, int Column, string Field, string Message)
{
    internal static TopologyError Of(HoconError error) => new(error.Position.File, error.Position.Line, error.Position.Column, error.Path, error.Reason);

    /// <summary><c>FILE:LINE:COLUMN: FIELD: REASON</c></summary>
    public override string ToString() => Field.Length == 0 ? $"{File}:{Line}:{Column}: {Message}" : $"{File}:{Line}:{Column}: {Field}: {Message}";
}
