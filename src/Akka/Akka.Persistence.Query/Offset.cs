namespace Akka.Persistence.Query;

/// <summary>A place in a journal's order of all events.</summary>
public abstract class Offset : IComparable<Offset>
{
    public static Offset NoOffset() => Query.NoOffset.Instance;

    public static Offset Sequence(long value) => new Sequence(value);

    public abstract int CompareTo(Offset? other);
}

/// <summary>A place by number, as the SQL journal's <c>ordering</c>.</summary>
public sealed class Sequence(long value) : Offset, IComparable<Sequence>
{
    public long Value { get; } = value;

    public int CompareTo(Sequence? other) => other is null ? 1 : Value.CompareTo(other.Value);

    public override int CompareTo(Offset? other) =>
        other is Sequence sequence ? CompareTo(sequence) : throw new InvalidOperationException($"Can't compare offset of type {GetType()} to offset of type {other?.GetType()}");

    public override bool Equals(object? obj) => obj is Sequence other && Value == other.Value;

    public override int GetHashCode() => Value.GetHashCode();

    public override string ToString() => $"Sequence({Value})";
}

/// <summary>The place before all events.</summary>
public sealed class NoOffset : Offset
{
    private NoOffset()
    {
    }

    public static NoOffset Instance { get; } = new();

    public override int CompareTo(Offset? other) =>
        other is NoOffset ? 0 : throw new InvalidOperationException($"Can't compare offset of type {GetType()} to offset of type {other?.GetType()}");
}
