using Actors.Expressions;

namespace Actors.Topology;

/// <summary>
/// A topology as it was described: immutable, and printed by <see cref="ToString"/> as a topology file that reads back as the same description.
/// Whether it makes sense is found when a <see cref="TopologyPlan"/> is made of it.
/// </summary>
public sealed record TopologyDescription(string Name, Guarantee Guarantee, TimeSpan CommitInterval, IReadOnlyList<SourceDescription> Sources, IReadOnlyList<FlowDescription> Flows)
{
    /// <summary>What is done with records that fail.</summary>
    public ExceptionHandlers Handlers { get; init; } = new();

    public override string ToString() => DescriptionPrinter.Print(this);
}

/// <summary>A topic that is read; <paramref name="Timestamp"/> replaces the record's.</summary>
public sealed record SourceDescription(string Name, string Topic, Format Key, Format Value, Expression? Timestamp)
{
    /// <summary>What is done with records of this topic that cannot be read; null: what the topology says.</summary>
    public ExceptionHandler? DeserializationExceptionHandler { get; init; }

    /// <summary>What is done with a null or negative timestamp; null: the record is left out where <see cref="Timestamp"/> gives it, else the task fails.</summary>
    public TimestampExtractor? TimestampExtractor { get; init; }
}

/// <summary>A line of stages that a source's records, or another flow's results, go through in order.</summary>
public sealed record FlowDescription(string Name, string From, IReadOnlyList<Stage> Stages);

/// <summary>A stage of a flow. The names are Kafka Streams', in kebab-case in files.</summary>
public abstract record Stage
{
    private protected Stage()
    {
    }

    /// <summary>The stage's name in a topology file.</summary>
    public abstract string Name { get; }
}

/// <summary>A named expression: a field of a value, an aggregate.</summary>
public sealed record NamedExpression(string Name, Expression Expression);

/// <summary>Lets through the records for which the condition is true; with <paramref name="Negated"/> (filter-not) all others.</summary>
public sealed record FilterStage(Expression Condition, bool Negated) : Stage
{
    public override string Name => Negated ? "filter-not" : "filter";
}

/// <summary>A new value: an object of fields, or one expression; a null value stays null.</summary>
public sealed record ValueDescription(Expression? Whole, IReadOnlyList<NamedExpression> Fields);

/// <summary>map-values: a new value under the same key.</summary>
public sealed record MapValuesStage(ValueDescription Value) : Stage
{
    public override string Name => "map-values";
}

/// <summary>map: a new key, a new value, or both; what is left out stays.</summary>
public sealed record MapStage(Expression? Key, ValueDescription? Value) : Stage
{
    public override string Name => "map";
}

/// <summary>flat-map: one record for each element of an array; <paramref name="As"/> names the element in the expressions.</summary>
public sealed record FlatMapStage(Expression Each, string As, Expression? Key, ValueDescription? Value) : Stage
{
    public override string Name => "flat-map";
}

/// <summary>select-key: a new key.</summary>
public sealed record SelectKeyStage(Expression Key) : Stage
{
    public override string Name => "select-key";
}

/// <summary>group-by: the fields that make a group. Of one the key is its text, of several a JSON object of them in order.</summary>
public sealed record GroupByStage(IReadOnlyList<NamedExpression> Fields) : Stage
{
    public override string Name => "group-by";
}

/// <summary>window: tumbling (advance = size) or hopping windows, start inclusive, end exclusive, aligned to the epoch. Milliseconds.</summary>
public sealed record WindowStage(long Size, long Advance, long Grace) : Stage
{
    public override string Name => "window";
}

/// <summary>aggregate: named expressions over aggregate functions.</summary>
public sealed record AggregateStage(IReadOnlyList<NamedExpression> Aggregates) : Stage
{
    public override string Name => "aggregate";
}

/// <summary>having: which of an aggregation's rows are results. A row that stops being one becomes a tombstone.</summary>
public sealed record HavingStage(Expression Condition) : Stage
{
    public override string Name => "having";
}

/// <summary>to: writes the records to a topic; the flow goes on behind it.</summary>
public sealed record ToStage(string Topic, Format Key, Format Value, bool WindowedKey) : Stage
{
    public override string Name => "to";
}

/// <summary>A stage that could not be read whole; what stands around it is checked all the same.</summary>
internal sealed record BrokenStage(Stage? Part) : Stage
{
    public override string Name => Part?.Name ?? "";
}
