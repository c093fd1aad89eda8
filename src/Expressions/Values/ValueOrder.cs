namespace Actors.Expressions;

/// <summary>Equality and order among values.</summary>
internal static class ValueOrder
{
    public static bool AreEqual(in Value left, in Value right) => (left.Kind, right.Kind) switch
    {
        (ValueKind.Null, ValueKind.Null) => true,
        (ValueKind.Boolean, ValueKind.Boolean) => left.AsBoolean == right.AsBoolean,
        (ValueKind.Long, ValueKind.Long) => left.AsLong == right.AsLong,
        (ValueKind.Long or ValueKind.Double, ValueKind.Long or ValueKind.Double) => left.AsDouble == right.AsDouble,
        (ValueKind.String, ValueKind.String) or (ValueKind.Bytes, ValueKind.Bytes) => left.RawSpan.SequenceEqual(right.RawSpan),
        (ValueKind.Array, ValueKind.Array) => ElementsEqual(left.Elements(), right.Elements()),
        (ValueKind.Object, ValueKind.Object) => FieldsEqual(left.ObjectFields(), right.ObjectFields()),
        _ => false,
    };

    /// <summary>Negative, zero or positive; null where the two have no order: another kind, null, arrays, objects, not-a-number.</summary>
    public static int? Compare(in Value left, in Value right)
    {
        switch (left.Kind, right.Kind)
        {
            case (ValueKind.Long, ValueKind.Long):
                return left.AsLong.CompareTo(right.AsLong);
            case (ValueKind.Long or ValueKind.Double, ValueKind.Long or ValueKind.Double):
                double a = left.AsDouble, b = right.AsDouble;
                return double.IsNaN(a) || double.IsNaN(b) ? null : a.CompareTo(b);
            case (ValueKind.String, ValueKind.String) or (ValueKind.Bytes, ValueKind.Bytes):
                return left.RawSpan.SequenceCompareTo(right.RawSpan);
            case (ValueKind.Boolean, ValueKind.Boolean):
                return left.AsBoolean.CompareTo(right.AsBoolean);
            default:
                return null;
        }
    }

    public static int Hash(in Value value)
    {
        var hash = new HashCode();
        switch (value.Kind)
        {
            case ValueKind.Null: break;
            case ValueKind.Boolean: hash.Add(value.AsBoolean); break;
            case ValueKind.Long or ValueKind.Double: hash.Add(value.AsDouble); break;
            case ValueKind.String or ValueKind.Bytes: hash.AddBytes(value.RawSpan); break;
            case ValueKind.Array: foreach (var element in value.Elements()) hash.Add(Hash(element)); break;
            default: hash.Add(value.ObjectFields().Names.Length); break;
        }
        return hash.ToHashCode();
    }

    private static bool ElementsEqual(Value[] left, Value[] right)
    {
        if (left.Length != right.Length) return false;
        for (var i = 0; i < left.Length; i++)
            if (!AreEqual(left[i], right[i]))
                return false;
        return true;
    }

    private static bool FieldsEqual(ValueObject left, ValueObject right)
    {
        if (left.Names.Length != right.Names.Length) return false;
        for (var i = 0; i < left.Names.Length; i++)
        {
            var at = Array.FindIndex(right.Names, name => name.AsSpan().SequenceEqual(left.Names[i]));
            if (at < 0 || !AreEqual(left.Values[i], right.Values[at])) return false;
        }
        return true;
    }
}
