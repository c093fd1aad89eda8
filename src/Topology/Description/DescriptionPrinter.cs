using System.Globalization;
using System.Text;
using System.Text.Json;
using Actors.Expressions;

namespace Actors.Topology;

/// <summary>Prints a description as a topology file.</summary>
internal static class DescriptionPrinter
{
    public static string Print(TopologyDescription topology)
    {
        var text = new StringBuilder();
        text.Append("topology {\n");
        text.Append($"  name = {Quote(topology.Name)}\n");
        text.Append($"  guarantee = {(topology.Guarantee == Guarantee.AtLeastOnce ? "at-least-once" : "exactly-once")}\n");
        text.Append($"  commit-interval = {Milliseconds((long)topology.CommitInterval.TotalMilliseconds)}\n");
        AppendHandler("deserialization", topology.Handlers.Deserialization);
        AppendHandler("processing", topology.Handlers.Processing);
        AppendHandler("production", topology.Handlers.Production);
        text.Append("  sources {\n");
        foreach (var source in topology.Sources)
        {
            var timestamp = source.Timestamp is null ? "" : $", timestamp = {Quote(source.Timestamp)}";
            var extractor = source.TimestampExtractor is null ? "" : $", timestamp-extractor = {KebabCase(source.TimestampExtractor.Value.ToString())}";
            var handler = source.DeserializationExceptionHandler is null ? "" : $", deserialization-exception-handler = {source.DeserializationExceptionHandler}";
            text.Append($"    {Quote(source.Name)} {{ topic = {Quote(source.Topic)}, key = {Name(source.Key)}, value = {Name(source.Value)}{timestamp}{extractor}{handler} }}\n");
        }
        text.Append("  }\n  flows {\n");
        foreach (var flow in topology.Flows)
        {
            text.Append($"    {Quote(flow.Name)} {{ from = {Quote(flow.From)}, stages = [\n");
            foreach (var stage in flow.Stages) text.Append($"      {{ {Print(stage)} }}\n");
            text.Append("    ] }\n");
        }
        return text.Append("  }\n}\n").ToString();

        void AppendHandler(string of, ExceptionHandler handler)
        {
            if (handler != ExceptionHandler.Fail) text.Append($"  {of}-exception-handler = {handler}\n");
        }
    }

    private static string KebabCase(string name) => string.Concat(name.Select((c, i) => char.IsUpper(c) ? (i == 0 ? "" : "-") + char.ToLowerInvariant(c) : c.ToString()));

    private static string Print(Stage stage) => stage switch
    {
        FilterStage filter => $"{filter.Name} = {Quote(filter.Condition)}",
        MapValuesStage map => $"map-values {ValueOf(map.Value)}",
        MapStage map => $"map {{ {Join(Key(map.Key), Value(map.Value))} }}",
        FlatMapStage map => $"flat-map {{ {Join($"each = {Quote(map.Each)}", $"as = {Quote(map.As)}", Key(map.Key), Value(map.Value))} }}",
        SelectKeyStage select => $"select-key = {Quote(select.Key)}",
        GroupByStage group => $"group-by {{ {Fields(group.Fields)} }}",
        WindowStage window when window.Size == window.Advance => $"window {{ tumbling = {Milliseconds(window.Size)}, grace = {Milliseconds(window.Grace)} }}",
        WindowStage window => $"window {{ hopping = {Milliseconds(window.Size)}, advance = {Milliseconds(window.Advance)}, grace = {Milliseconds(window.Grace)} }}",
        AggregateStage aggregate => $"aggregate {{ {Fields(aggregate.Aggregates)} }}",
        HavingStage having => $"having = {Quote(having.Condition)}",
        ToStage to => $"to {{ topic = {Quote(to.Topic)}, key = {Name(to.Key)}, value = {Name(to.Value)}{(to.WindowedKey ? "" : ", windowed-key = false")} }}",
        _ => throw new InvalidOperationException($"no printed form of {stage.GetType().Name}"),
    };

    private static string Join(params string?[] parts) => string.Join(", ", parts.Where(p => p is not null));

    private static string? Key(Expression? key) => key is null ? null : $"key = {Quote(key)}";

    private static string? Value(ValueDescription? value) => value is null ? null : $"value {ValueOf(value)}";

    private static string ValueOf(ValueDescription value) => value.Whole is null ? $"{{ {Fields(value.Fields)} }}" : $"= {Quote(value.Whole)}";

    private static string Fields(IEnumerable<NamedExpression> fields) => string.Join(", ", fields.Select(f => $"{Quote(f.Name)} = {Quote(f.Expression)}"));

    private static string Milliseconds(long duration) => duration.ToString(CultureInfo.InvariantCulture) + "ms";

    private static string Name(Format format) => format.ToString().ToLowerInvariant();

    private static string Quote(Expression expression) => Quote(expression.ToString());

    private static string Quote(string text) => JsonSerializer.Serialize(text);
}
