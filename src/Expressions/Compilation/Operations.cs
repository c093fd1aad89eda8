using System.Text;
using Actors.Expressions.Syntax;

namespace Actors.Expressions.Compilation;

/// <summary>What the operators come to, ksqlDB's way with null: a comparison is false, arithmetic is null; AND and OR know three values.</summary>
internal static class Operations
{
    public static Value Headers(RecordContext context)
    {
        var headers = context.Headers;
        var names = new byte[headers.Count][];
        var values = new Value[headers.Count];
        for (var i = 0; i < names.Length; i++)
        {
            names[i] = Encoding.UTF8.GetBytes(headers[i].Name);
            values[i] = headers[i].Value is { } bytes ? Value.LenientText(bytes, 0, bytes.Length) : default;
        }
        return Value.Object(new ValueObject(names, values));
    }

    public static Value And(Evaluator left, Evaluator right, RecordContext context)
    {
        var first = left(context);
        if (first is { Kind: ValueKind.Boolean, IsTrue: false }) return first;
        var second = right(context);
        if (second is { Kind: ValueKind.Boolean, IsTrue: false }) return second;
        return first.IsTrue && second.IsTrue ? Value.True : default;
    }

    public static Value Or(Evaluator left, Evaluator right, RecordContext context)
    {
        var first = left(context);
        if (first.IsTrue) return first;
        var second = right(context);
        if (second.IsTrue) return second;
        return first.Kind == ValueKind.Boolean && second.Kind == ValueKind.Boolean ? Value.False : default;
    }

    public static Evaluator Comparison(BinaryOperator symbol, Evaluator left, Evaluator right) => symbol switch
    {
        BinaryOperator.Equal => c => Equal(left(c), right(c), wanted: true),
        BinaryOperator.NotEqual => c => Equal(left(c), right(c), wanted: false),
        BinaryOperator.Less => c => Value.Of(ValueOrder.Compare(left(c), right(c)) < 0),
        BinaryOperator.LessOrEqual => c => Value.Of(ValueOrder.Compare(left(c), right(c)) <= 0),
        BinaryOperator.Greater => c => Value.Of(ValueOrder.Compare(left(c), right(c)) > 0),
        _ => c => Value.Of(ValueOrder.Compare(left(c), right(c)) >= 0),
    };

    private static Value Equal(in Value left, in Value right, bool wanted) =>
        Value.Of(!left.IsNull && !right.IsNull && ValueOrder.AreEqual(left, right) == wanted);

    public static Value Between(in Value operand, in Value low, in Value high, bool negated)
    {
        if (ValueOrder.Compare(operand, low) is not { } toLow || ValueOrder.Compare(operand, high) is not { } toHigh) return Value.False;
        return Value.Of((toLow >= 0 && toHigh <= 0) != negated);
    }

    public static Value In(in Value operand, Evaluator[] choices, RecordContext context, bool negated)
    {
        if (operand.IsNull) return Value.False;
        foreach (var choice in choices)
            if (ValueOrder.AreEqual(operand, choice(context)))
                return Value.Of(!negated);
        return Value.Of(negated);
    }

    public static Value Case((Evaluator When, Evaluator Then)[] branches, Evaluator otherwise, RecordContext context)
    {
        foreach (var (when, then) in branches)
            if (when(context).IsTrue)
                return then(context);
        return otherwise(context);
    }

    public static Value Negate(in Value value) => value.Kind switch
    {
        ValueKind.Long => Value.Of(unchecked(-value.AsLong)),
        ValueKind.Double => Value.Of(-value.AsDouble),
        _ => default,
    };

    public static Evaluator Arithmetic(BinaryOperator symbol, Evaluator left, Evaluator right) => symbol switch
    {
        BinaryOperator.Add => c => Add(left(c), right(c)),
        BinaryOperator.Subtract => c => Subtract(left(c), right(c)),
        BinaryOperator.Multiply => c => Multiply(left(c), right(c)),
        BinaryOperator.Divide => c => Divide(left(c), right(c)),
        _ => c => Remainder(left(c), right(c)),
    };

    public static Value Add(in Value left, in Value right)
    {
        if (Integers(left, right)) return Value.Of(unchecked(left.AsLong + right.AsLong));
        if (Numbers(left, right)) return Value.Of(left.AsDouble + right.AsDouble);
        if (left.Kind != ValueKind.String || right.Kind != ValueKind.String) return default;
        return Value.Text([.. left.AsBytes, .. right.AsBytes]);
    }

    public static Value Subtract(in Value left, in Value right) =>
        Integers(left, right) ? Value.Of(unchecked(left.AsLong - right.AsLong)) : Numbers(left, right) ? Value.Of(left.AsDouble - right.AsDouble) : default;

    private static Value Multiply(in Value left, in Value right) =>
        Integers(left, right) ? Value.Of(unchecked(left.AsLong * right.AsLong)) : Numbers(left, right) ? Value.Of(left.AsDouble * right.AsDouble) : default;

    private static Value Divide(in Value left, in Value right)
    {
        if (!Numbers(left, right) || right.AsDouble == 0) return default;
        if (!Integers(left, right)) return Value.Of(left.AsDouble / right.AsDouble);
        // The smallest integer by -1 wraps around as in Java, where .NET throws.
        return right.AsLong == -1 ? Value.Of(unchecked(-left.AsLong)) : Value.Of(left.AsLong / right.AsLong);
    }

    private static Value Remainder(in Value left, in Value right)
    {
        if (!Numbers(left, right) || right.AsDouble == 0) return default;
        if (!Integers(left, right)) return Value.Of(left.AsDouble % right.AsDouble);
        return right.AsLong == -1 ? Value.Of(0L) : Value.Of(left.AsLong % right.AsLong);
    }

    private static bool Integers(in Value left, in Value right) => left.Kind == ValueKind.Long && right.Kind == ValueKind.Long;
    private static bool Numbers(in Value left, in Value right) => left.IsNumber && right.IsNumber;
}
