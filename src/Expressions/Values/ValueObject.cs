using System.Text;

namespace Actors.Expressions;

/// <summary>An object held as values: names (UTF-8) and values in order. The names array may be shared by many objects of one shape.</summary>
public sealed class ValueObject
{
    public ValueObject(byte[][] names, Value[] values)
    {
        if (names.Length != values.Length) throw new ArgumentException($"{names.Length} names, {values.Length} values", nameof(values));
        Names = names;
        Values = values;
    }

    /// <summary>The fields' names in UTF-8, in order.</summary>
    public byte[][] Names { get; }

    /// <summary>The fields' values, in the order of the names. An owner that reuses the object writes here.</summary>
    public Value[] Values { get; }

    /// <summary>An object of the given fields.</summary>
    public static ValueObject Of(params (string Name, Value Value)[] fields) =>
        new([.. fields.Select(f => Encoding.UTF8.GetBytes(f.Name))], [.. fields.Select(f => f.Value)]);

    /// <summary>The field's value; null's <see cref="Value"/> where there is none. Of two fields of one name the last counts, as in Jackson.</summary>
    public Value Field(ReadOnlySpan<byte> name)
    {
        for (var i = Names.Length - 1; i >= 0; i--)
            if (name.SequenceEqual(Names[i]))
                return Values[i];
        return default;
    }
}
