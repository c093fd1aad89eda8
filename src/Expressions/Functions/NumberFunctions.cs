namespace Actors.Expressions.Compilation;

/// <summary>ksqlDB's functions over numbers.</summary>
internal static class NumberFunctions
{
    public static IEnumerable<ScalarFunction> All =>
    [
        new("ABS", [ExpressionType.Number], 1, ExpressionType.Number, (a, _) => c => Absolute(a[0](c))) { TypeOf = types => types[0] },
        new("FLOOR", [ExpressionType.Number], 1, ExpressionType.Number, (a, _) => c => Whole(a[0](c), Math.Floor)) { TypeOf = types => types[0] },
        new("CEIL", [ExpressionType.Number], 1, ExpressionType.Number, (a, _) => c => Whole(a[0](c), Math.Ceiling)) { TypeOf = types => types[0] },
        new("ROUND", [ExpressionType.Number, ExpressionType.Long], 1, ExpressionType.Number,
            (a, _) => a.Length == 1 ? c => Round(a[0](c)) : c => Round(a[0](c), a[1](c)))
            { TypeOf = types => types.Length == 1 ? ExpressionType.Long : types[0] },
    ];

    private static Value Absolute(in Value value) => value.Kind switch
    {
        ValueKind.Long => Value.Of(value.AsLong < 0 ? unchecked(-value.AsLong) : value.AsLong),
        ValueKind.Double => Value.Of(Math.Abs(value.AsDouble)),
        _ => default,
    };

    private static Value Whole(in Value value, Func<double, double> round) => value.Kind switch
    {
        ValueKind.Long => value,
        ValueKind.Double => Value.Of(round(value.AsDouble)),
        _ => default,
    };

    // Half goes up, towards positive infinity, and a double becomes an integer: Java's Math.round, which saturates.
    private static Value Round(in Value value)
    {
        if (value.Kind != ValueKind.Double) return value.Kind == ValueKind.Long ? value : default;
        var number = value.AsDouble;
        var down = Math.Floor(number);
        var rounded = number - down >= 0.5 ? down + 1 : down;
        return double.IsNaN(number) ? default : Value.Of(rounded >= long.MaxValue ? long.MaxValue : rounded <= long.MinValue ? long.MinValue : (long)rounded);
    }

    private static Value Round(in Value value, in Value places)
    {
        if (!value.IsNumber || places.Kind != ValueKind.Long) return default;
        if (value.Kind == ValueKind.Long) return places.AsLong >= 0 ? value : Round(value.AsLong, places.AsLong);
        var number = value.AsDouble;
        // A double has some 16 digits: where there is no such place to round, it stays, and a decimal's 28 digits hold all others.
        if (!double.IsFinite(number) || places.AsLong is > 15 or < -18 || Math.Abs(number) > 1e15 || Math.Abs(number) * Math.Pow(10, places.AsLong) > 1e16) return value;
        var shifted = (decimal)number * Power(places.AsLong);
        var result = decimal.Floor(shifted + 0.5m) / Power(places.AsLong);
        return Value.Of((double)result);
    }

    // To tens, hundreds and so on, exactly; what a long cannot hold is null.
    private static Value Round(long number, long places)
    {
        if (places < -19) return Value.Of(0L);
        var result = decimal.Floor(number * Power(places) + 0.5m) * Power(-places);
        return result is >= long.MinValue and <= long.MaxValue ? Value.Of((long)result) : default;
    }

    private static decimal Power(long places)
    {
        var power = 1m;
        for (var i = 0L; i < Math.Abs(places); i++) power = places > 0 ? power * 10 : power / 10;
        return power;
    }
}
