using Actors.Expressions;
using Actors.Hocon;

namespace Actors.Topology;

/// <summary>Reads the stages of a flow, each an object of one key.</summary>
internal sealed class StageReader(TopologyReader reader, HoconErrors errors)
{
    private static readonly TimeSpan DefaultGrace = TimeSpan.FromHours(24);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(36500);

    private static readonly string[] Supported =
        ["filter", "filter-not", "map", "map-values", "flat-map", "select-key", "group-by", "window", "aggregate", "having", "to"];

    /// <summary>Stages of the grammar that are still to be built.</summary>
    private static readonly string[] Later =
        ["join", "left-join", "outer-join", "reduce", "cogroup", "table", "emit", "suppress", "split", "merge", "repartition", "peek", "process"];

    /// <summary>Reads a stage. One with an error is still returned as far as it could be read, marked as broken.</summary>
    public Stage Read(HoconValue value)
    {
        var before = ErrorCount;
        var stage = ReadOne(value);
        return stage is not null && ErrorCount == before ? stage : new BrokenStage(stage);
    }

    private int ErrorCount => errors.All.Count + reader.ExpressionErrors.Count;

    private Stage? ReadOne(HoconValue value)
    {
        if (value is not HoconObject { Fields.Count: 1 } stage)
        {
            errors.Add(value, value is HoconObject { Fields.Count: > 1 } several
                ? $"a stage has one name, found {string.Join(", ", several.Fields.Select(f => f.Key))}; each stands in braces of its own, with a comma or a new line between"
                : "expected a stage such as { filter = \"…\" }");
            return null;
        }
        var field = stage.Fields[0];
        if (Later.Contains(field.Key)) return Refuse(field, "is not supported yet");
        return Supported.Contains(field.Key)
            ? Noted(Read(field.Key, field.Value, stage), stage)
            : Refuse(field, $"unknown stage; known are {string.Join(", ", Supported)}");
    }

    private Stage? Noted(Stage? stage, HoconObject place) => stage is null ? null : reader.Noted(stage, place);

    private Stage? Refuse(HoconField field, string reason)
    {
        errors.Add(new HoconError(field.KeyPosition, field.Value.Path, reason));
        return null;
    }

    private Stage? Read(string name, HoconValue value, HoconObject stage) => name switch
    {
        "filter" or "filter-not" => reader.Text(value) is { } condition ? new FilterStage(condition, name == "filter-not") : null,
        "map-values" => reader.Value(value) is { } mapped ? new MapValuesStage(mapped) : null,
        "select-key" => reader.Text(value) is { } key ? new SelectKeyStage(key) : null,
        "having" => reader.Text(value) is { } condition ? new HavingStage(condition) : null,
        "aggregate" => new AggregateStage(reader.Fields(value)),
        "group-by" => GroupBy(value),
        _ => Section(name, value, stage),
    };

    private Stage? Section(string name, HoconValue value, HoconObject stage)
    {
        var outer = new HoconSection(stage, errors);
        if (value is not HoconObject)
        {
            errors.Add(value, "expected an object");
            return null;
        }
        var section = outer.Section(name);
        Stage? read = name switch
        {
            "map" => Map(section),
            "flat-map" => FlatMap(section),
            "window" => Window(section),
            _ => To(section),
        };
        section.Done();
        return read;
    }

    private GroupByStage GroupBy(HoconValue value)
    {
        if (value is HoconObject) return new GroupByStage(reader.Fields(value));
        var items = value is HoconArray list ? [.. list] : new List<HoconValue> { value };
        if (items.Count == 0) errors.Add(value, "groups by nothing");
        var fields = new List<NamedExpression>();
        for (var i = 0; i < items.Count; i++)
            if (reader.Text(items[i]) is { } expression)
                // A column without a name is called as ksqlDB calls it.
                fields.Add(new NamedExpression(expression.FieldName ?? $"KSQL_COL_{i}", expression));
        return new GroupByStage(fields);
    }

    private Stage? Map(HoconSection section)
    {
        var key = reader.OptionalText(section, "key");
        var value = section.Optional("value") is { } given ? reader.Value(given) : null;
        if (!section.Has("key") && !section.Has("value")) errors.Add(section.Value, "expected key, value or both");
        return key is null && value is null ? null : new MapStage(key, value);
    }

    private Stage? FlatMap(HoconSection section)
    {
        var each = reader.RequiredText(section, "each");
        var name = section.Text("as");
        var key = reader.OptionalText(section, "key");
        var value = section.Optional("value") is { } given ? reader.Value(given) : null;
        return each is null ? null : new FlatMapStage(each, name, key, value);
    }

    private Stage? Window(HoconSection section)
    {
        foreach (var later in new[] { "sliding", "session", "unlimited" })
        {
            if (!section.Has(later)) continue;
            section.Error(later, "is not supported yet");
            if (section.Has("grace")) Milliseconds(section, "grace", TimeSpan.Zero);
            return null;
        }
        var grace = section.Has("grace") ? Milliseconds(section, "grace", TimeSpan.Zero) : (long)DefaultGrace.TotalMilliseconds;
        var hopping = section.Has("hopping");
        if (hopping == section.Has("tumbling"))
        {
            errors.Add(section.Value, "expected one of tumbling and hopping");
            return null;
        }
        if (!hopping)
        {
            var size = Milliseconds(section, "tumbling", TimeSpan.FromMilliseconds(1));
            return new WindowStage(size, size, grace);
        }
        var length = Milliseconds(section, "hopping", TimeSpan.FromMilliseconds(1));
        var advance = Milliseconds(section, "advance", TimeSpan.FromMilliseconds(1));
        if (advance > length) section.Error("advance", "is longer than the window");
        return new WindowStage(length, advance, grace);
    }

    private long Milliseconds(HoconSection section, string key, TimeSpan least)
    {
        var duration = section.Duration(key, least, Longest);
        if (duration.Ticks % TimeSpan.TicksPerMillisecond != 0) section.Error(key, "is no whole number of milliseconds");
        return (long)duration.TotalMilliseconds;
    }

    private ToStage To(HoconSection section)
    {
        var topic = section.Text("topic");
        if (section.Value.TryGet("topic", out var place)) reader.CheckName(place, topic);
        var windowed = !section.Has("windowed-key") || section.Flag("windowed-key");
        return new ToStage(topic, TopologyReader.FormatOf(section, "key", Format.String), TopologyReader.FormatOf(section, "value", Format.Json), windowed);
    }
}
