using System.Runtime.CompilerServices;
using Actors.Expressions;
using Actors.Hocon;

namespace Actors.Topology;

/// <summary>Where the parts of a description were written, so that an error found later can be told with file and line.</summary>
internal sealed class Origins
{
    private readonly Dictionary<object, (HoconPosition Position, string Path)> _places = new(ReferenceComparer.Instance);
    private readonly Dictionary<object, (HoconPosition Position, string Path)> _from = new(ReferenceComparer.Instance);

    /// <summary>Remembers where a part stands: an expression at its text, a stage at its own value.</summary>
    public T Note<T>(T part, HoconValue value) where T : class
    {
        _places[part] = (value.Position, value.Path);
        return part;
    }

    /// <summary>Remembers where a flow says what it reads.</summary>
    public void NoteFrom(FlowDescription flow, HoconValue value) => _from[flow] = (value.Position, value.Path);

    public TopologyError At(object part, string reason) => At(_places, part, reason);

    public TopologyError AtFrom(FlowDescription flow, string reason) => At(_from, flow, reason);

    private static TopologyError At(Dictionary<object, (HoconPosition Position, string Path)> places, object part, string reason) =>
        places.TryGetValue(part, out var place)
            ? TopologyError.At(place.Position, place.Path, reason)
            : new TopologyError("", 0, 0, "", reason);

    /// <summary>The error at its place inside the expression's text.</summary>
    public TopologyError At(Expression expression, ExpressionError error) =>
        _places.TryGetValue(expression, out var place) ? Inside(place.Position, place.Path, error) : new TopologyError("", 0, error.Column, "", $"in \"{expression.Text}\": {error.Reason}");

    /// <summary>An error inside a text: its column is counted through quotes and escapes, where the text stands on one line.</summary>
    public static TopologyError Inside(HoconPosition position, string path, ExpressionError error)
    {
        var column = position.Column;
        if (position.SourceLine is { } line && column >= 1 && column <= line.Length) column = ColumnOf(line, column - 1, error.Column - 1) + 1;
        return TopologyError.At(position.AtColumn(column), path, error.Reason);
    }

    // index: where the value begins in its line. The result is where its character number `offset` stands.
    private static int ColumnOf(string line, int index, int offset)
    {
        if (line.AsSpan(index).StartsWith("\"\"\"")) return Math.Min(index + 3 + offset, line.Length);
        if (line[index] != '"') return Math.Min(index + offset, line.Length);
        var at = index + 1;
        for (; offset > 0 && at < line.Length && line[at] != '"'; offset--) at += line[at] != '\\' ? 1 : at + 1 < line.Length && line[at + 1] == 'u' ? 6 : 2;
        return Math.Min(at, line.Length);
    }

    private sealed class ReferenceComparer : IEqualityComparer<object>
    {
        public static ReferenceComparer Instance { get; } = new();
        public new bool Equals(object? left, object? right) => ReferenceEquals(left, right);
        public int GetHashCode(object part) => RuntimeHelpers.GetHashCode(part);
    }
}
