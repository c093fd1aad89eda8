using Actors.Hocon;

namespace Actors.Topology;

/// <summary>What is wrong with a topology: where in which file (line and column from 1; 0 where it was not read from a file), at which field, and why.</summary>
public sealed record TopologyError(string File, int Line, int Column, string Field, string Message)
{
    /// <summary>The place together with the text, where that is at hand.</summary>
    internal HoconPosition Position { get; init; } = new(File, Line, Column);

    internal static TopologyError Of(HoconError error) => At(error.Position, error.Path, error.Reason);

    internal static TopologyError At(HoconPosition position, string field, string message) => new(position.File, position.Line, position.Column, field, message) { Position = position };

    /// <summary>The same as an error of the text that it was found in.</summary>
    public HoconError InText() => new(Position, Field, Message);

    /// <summary>At least one error, a line each; then the lines of text that are at hand, each with a mark below the place.</summary>
    public static string Explain(IEnumerable<TopologyError> errors) => new HoconException([.. errors.Select(error => error.InText())]).Explain();

    /// <summary><c>FILE:LINE:COLUMN: FIELD: REASON</c></summary>
    public override string ToString() => Field.Length == 0 ? $"{File}:{Line}:{Column}: {Message}" : $"{File}:{Line}:{Column}: {Field}: {Message}";
}
