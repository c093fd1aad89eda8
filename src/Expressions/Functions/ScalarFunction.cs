namespace Actors.Expressions.Compilation;

/// <summary>A constant argument that the function cannot work with, found before any record is.</summary>
internal sealed class ArgumentRefusedException(int index, string reason) : Exception(reason)
{
    public int Index { get; } = index;
}

/// <summary>Makes the delegate of a call out of its arguments; constants are those written as literals.</summary>
internal delegate Evaluator CallBuilder(Evaluator[] arguments, Value?[] constants);

/// <summary>A scalar function: what it takes and gives.</summary>
internal sealed record ScalarFunction(string Name, ExpressionType[] Parameters, int Required, ExpressionType Result, CallBuilder Build)
{
    /// <summary>Whether the last parameter may be given any number of times.</summary>
    public bool Variadic { get; init; }

    /// <summary>The result's type where it hangs on the arguments' types.</summary>
    public Func<ExpressionType[], ExpressionType>? TypeOf { get; init; }

    public bool Takes(int count) => count >= Required && (Variadic || count <= Parameters.Length);

    public ExpressionType ParameterType(int index) => Parameters[Math.Min(index, Parameters.Length - 1)];

    public string CountDescribed
    {
        get
        {
            var plural = (Variadic ? Required : Parameters.Length) == 1 ? "" : "s";
            if (Variadic) return $"at least {Required} argument{plural}";
            return Required == Parameters.Length ? $"{Required} argument{plural}" : $"{Required} to {Parameters.Length} arguments";
        }
    }
}
