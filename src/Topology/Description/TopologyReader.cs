using System.Text.RegularExpressions;
using Actors.Expressions;
using Actors.Hocon;

namespace Actors.Topology;

/// <summary>Reads a description out of a topology file. Errors are collected; what has one is left out of the result.</summary>
internal sealed partial class TopologyReader(HoconErrors errors, Origins origins)
{
    private const string DeserializationHandler = "deserialization-exception-handler";

    private static readonly TimeSpan LongestInterval = TimeSpan.FromHours(1);

    /// <summary>Errors inside of expressions, which have places of their own.</summary>
    public List<TopologyError> ExpressionErrors { get; } = [];

    public TopologyDescription Read(HoconSection root)
    {
        var topology = root.Section("topology");
        var name = Name(topology, "name");
        var guarantee = topology.Has("guarantee") ? topology.Enum<Guarantee>("guarantee") : Guarantee.AtLeastOnce;
        if (guarantee == Guarantee.ExactlyOnce) topology.Error("guarantee", "exactly-once is not supported yet");
        var interval = topology.Has("commit-interval") ? topology.Duration("commit-interval", TimeSpan.FromMilliseconds(1), LongestInterval) : DefaultInterval(guarantee);
        if (topology.Has("tables")) topology.Error("tables", "tables are not supported yet");
        var sources = topology.Section("sources").Entries().Select(e => Source(e.Key, e.Value)).ToList();
        if (sources.Count == 0 && topology.Has("sources")) topology.Error("sources", "a topology reads at least one source");
        var flows = topology.Section("flows").Entries().Select(e => Flow(e.Key, e.Value)).ToList();
        if (flows.Count == 0 && topology.Has("flows")) topology.Error("flows", "a topology has at least one flow");
        var handlers = new ExceptionHandlers
        {
            Deserialization = Handler(topology, DeserializationHandler) ?? ExceptionHandler.Fail,
            Processing = Handler(topology, "processing-exception-handler") ?? ExceptionHandler.Fail,
            Production = Handler(topology, "production-exception-handler") ?? ExceptionHandler.Fail,
        };
        root.Done();
        return new TopologyDescription(name, guarantee, interval, sources, flows) { Handlers = handlers };
    }

    private static TimeSpan DefaultInterval(Guarantee guarantee) => TimeSpan.FromMilliseconds(guarantee == Guarantee.ExactlyOnce ? 100 : 1000);

    private SourceDescription Source(string name, HoconSection section)
    {
        CheckName(section.Value, name);
        var source = new SourceDescription(name, Name(section, "topic"), FormatOf(section, "key", Format.String), FormatOf(section, "value", Format.Json), OptionalText(section, "timestamp"))
        {
            DeserializationExceptionHandler = Handler(section, DeserializationHandler),
            TimestampExtractor = section.Has("timestamp-extractor") ? section.Enum<TimestampExtractor>("timestamp-extractor") : null,
        };
        return origins.Note(source, section.Value);
    }

    /// <summary><c>fail</c>, <c>continue</c> or <c>{ dead-letter = TOPIC }</c>.</summary>
    private ExceptionHandler? Handler(HoconSection section, string key)
    {
        if (section.Optional(key) is not { } value) return null;
        if (value is HoconObject) return origins.Note(ExceptionHandler.To(Name(section.Section(key), "dead-letter")), value);
        if (value is HoconScalar { Text: "fail" or "continue" } word) return word.Text == "fail" ? ExceptionHandler.Fail : ExceptionHandler.Continue;
        errors.Add(value, "expected fail, continue or { dead-letter = TOPIC }");
        return null;
    }

    private FlowDescription Flow(string name, HoconSection section)
    {
        CheckName(section.Value, name);
        var from = section.Text("from");
        var reader = new StageReader(this, errors);
        var stages = section.Items("stages").Select(reader.Read).ToList();
        var flow = origins.Note(new FlowDescription(name, from, stages), section.Value);
        if (section.Value.TryGet("from", out var fromValue)) origins.NoteFrom(flow, fromValue);
        return flow;
    }

    /// <summary>A name that can be part of a topic's name, or is one.</summary>
    private string Name(HoconSection section, string key)
    {
        if (section.Required(key) is not { } value) return "";
        var name = section.Text(key);
        CheckName(value, name);
        return name;
    }

    internal void CheckName(HoconValue place, string name)
    {
        if (name.Length > 0 && (!LegalName().IsMatch(name) || name is "." or ".."))
            errors.Add(place, $"\"{name}\" is no legal name: letters, digits, '.', '_' and '-', at most 249");
    }

    internal static Format FormatOf(HoconSection section, string key, Format otherwise) => section.Has(key) ? section.Enum<Format>(key) : otherwise;

    internal T Noted<T>(T part, HoconValue place) where T : class => origins.Note(part, place);

    internal Expression? OptionalText(HoconSection section, string key) => section.Optional(key) is { } value ? Text(value) : null;

    internal Expression? RequiredText(HoconSection section, string key) => section.Required(key) is { } value ? Text(value) : null;

    /// <summary>An expression; null, and an error, if the value holds none.</summary>
    internal Expression? Text(HoconValue value)
    {
        if (value is not HoconScalar { Kind: not HoconKind.Null } scalar)
        {
            errors.Add(value, "expected an expression");
            return null;
        }
        if (Expression.TryParse(scalar.Text, out var expression, out var error)) return origins.Note(expression!, value);
        ExpressionErrors.Add(Origins.Inside(value.Position, value.Path, error));
        return null;
    }

    /// <summary>Fields of expressions, in order.</summary>
    internal IReadOnlyList<NamedExpression> Fields(HoconValue value)
    {
        if (value is not HoconObject fields)
        {
            errors.Add(value, "expected an object of fields and expressions");
            return [];
        }
        if (fields.Fields.Count == 0) errors.Add(value, "has no fields");
        var named = new List<NamedExpression>();
        foreach (var field in fields.Fields)
            if (Text(field.Value) is { } expression)
                named.Add(new NamedExpression(field.Key, expression));
        return named;
    }

    /// <summary>A new value: an object's fields or one expression.</summary>
    internal ValueDescription? Value(HoconValue value)
    {
        if (value is HoconObject) return new ValueDescription(null, Fields(value));
        return Text(value) is { } whole ? new ValueDescription(whole, []) : null;
    }

    [GeneratedRegex(@"^[a-zA-Z0-9._-]{1,249}\z")]
    private static partial Regex LegalName();
}
