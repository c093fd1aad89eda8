namespace Actors.Expressions.Compilation;

/// <summary>The scalar functions by name. A null argument gives null unless the function says otherwise.</summary>
internal static class FunctionCatalog
{
    private static readonly Dictionary<string, ScalarFunction> Known =
        new[] { TextFunctions.All, NumberFunctions.All, TimeFunctions.All, NullFunctions }.SelectMany(f => f).ToDictionary(f => f.Name);

    public static IEnumerable<string> Names => Known.Keys;

    public static bool TryFind(string name, out ScalarFunction function) => Known.TryGetValue(name, out function!);

    public static IEnumerable<ScalarFunction> NullFunctions =>
    [
        new("COALESCE", [ExpressionType.Unknown], 1, ExpressionType.Unknown, (arguments, _) => c => FirstNotNull(arguments, c))
            { Variadic = true, TypeOf = types => types.Aggregate(ExpressionType.Null, ExpressionTypes.Common) },
        new("IFNULL", [ExpressionType.Unknown, ExpressionType.Unknown], 2, ExpressionType.Unknown, (arguments, _) => c => FirstNotNull(arguments, c))
            { TypeOf = types => ExpressionTypes.Common(types[0], types[1]) },
    ];

    private static Value FirstNotNull(Evaluator[] arguments, RecordContext context)
    {
        foreach (var argument in arguments)
            if (argument(context) is { IsNull: false } value)
                return value;
        return default;
    }
}
