namespace Actors.Expressions.Compilation;

/// <summary>An aggregate function: the first argument is aggregated, the others are constants that shape it.</summary>
internal sealed record AggregateFunction(string Name, ExpressionType[] Parameters, int Required, ExpressionType Result, Func<Value[], Func<IAggregate>> Create)
{
    public bool TakesStar { get; init; }

    public Func<ExpressionType, ExpressionType>? TypeOf { get; init; }
}

/// <summary>ksqlDB's aggregate functions by name.</summary>
internal static class AggregateCatalog
{
    /// <summary>COLLECT_LIST and COLLECT_SET hold no more, as in ksqlDB; TOPK and the BY_OFFSET functions are asked for no more.</summary>
    public const int MaximumElements = 1000;

    private static readonly Dictionary<string, AggregateFunction> Known = new AggregateFunction[]
    {
        new("COUNT", [ExpressionType.Unknown], 1, ExpressionType.Long, _ => () => new CountAggregate()) { TakesStar = true },
        new("SUM", [ExpressionType.Number], 1, ExpressionType.Number, _ => () => new SumAggregate()) { TypeOf = type => type },
        new("AVG", [ExpressionType.Number], 1, ExpressionType.Double, _ => () => new AverageAggregate()),
        new("MIN", [ExpressionType.Unknown], 1, ExpressionType.Unknown, _ => () => new ExtremeAggregate(-1)) { TypeOf = type => type },
        new("MAX", [ExpressionType.Unknown], 1, ExpressionType.Unknown, _ => () => new ExtremeAggregate(1)) { TypeOf = type => type },
        ByOffset("LATEST_BY_OFFSET", latest: true),
        ByOffset("EARLIEST_BY_OFFSET", latest: false),
        new("COLLECT_LIST", [ExpressionType.Unknown], 1, ExpressionType.Array, _ => () => new CollectAggregate(distinct: false)),
        new("COLLECT_SET", [ExpressionType.Unknown], 1, ExpressionType.Array, _ => () => new CollectAggregate(distinct: true)),
        new("TOPK", [ExpressionType.Unknown, ExpressionType.Long], 2, ExpressionType.Array, constants =>
        {
            var size = Size(constants[0], 1);
            return () => new TopAggregate(size);
        }),
        new("COUNT_DISTINCT", [ExpressionType.Unknown], 1, ExpressionType.Long, _ => () => new CountDistinctAggregate()),
    }.ToDictionary(f => f.Name);

    public static IEnumerable<string> Names => Known.Keys;

    public static bool Has(string name) => Known.ContainsKey(name);

    public static AggregateFunction Find(string name) => Known[name];

    // (value), (value, ignoreNulls), (value, n), (value, n, ignoreNulls): one value, or the n latest or earliest as an array.
    private static AggregateFunction ByOffset(string name, bool latest) =>
        new(name, [ExpressionType.Unknown, ExpressionType.Unknown, ExpressionType.Boolean], 1, ExpressionType.Unknown, constants =>
        {
            var several = constants.Length > 0 && constants[0].Kind == ValueKind.Long;
            if (constants.Length > 0 && !several && (constants[0].Kind != ValueKind.Boolean || constants.Length > 1))
                throw new ArgumentRefusedException(1, "the second argument is how many values, or alone whether nulls are ignored");
            var size = several ? Size(constants[0], 1) : 1;
            var ignoreNulls = constants.Length == 0 || several && constants.Length == 1 || constants[^1].IsTrue;
            return () => new OffsetAggregate(latest, size, several, ignoreNulls);
        });

    private static int Size(Value constant, int index) =>
        constant.AsLong is >= 1 and <= MaximumElements ? (int)constant.AsLong : throw new ArgumentRefusedException(index, $"from 1 to {MaximumElements}, found {constant.AsLong}");
}
