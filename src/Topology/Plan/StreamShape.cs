using Actors.Expressions;

namespace Actors.Topology;

/// <summary>What is known of the records at a place in a flow.</summary>
internal sealed record StreamShape
{
    /// <summary>Records of which nothing is known, as behind a stage that could not be read.</summary>
    public static StreamShape Unknown { get; } = new() { IsKnown = false };

    public bool IsKnown { get; init; } = true;

    public ExpressionType KeyType { get; init; }
    public ExpressionType ValueType { get; init; }

    /// <summary>The value's fields, where they are known.</summary>
    public IReadOnlyList<string>? Fields { get; init; }

    /// <summary>The format in which the value crosses an internal topic and comes out as it was.</summary>
    public Format ValueFormat { get; init; } = Format.Json;

    /// <summary>Whether records of one key come in one partition by that key's text.</summary>
    public bool PartitionedByKey { get; init; }

    /// <summary>Windowed keys' windows, in milliseconds; 0 where the key is none.</summary>
    public long WindowSize { get; init; }

    public ExpressionScope Scope => new() { Fields = Fields, KeyType = KeyType, ValueType = ValueType };

    public static StreamShape Of(SourceDescription source) => new()
    {
        KeyType = TypeOf(source.Key),
        ValueType = TypeOf(source.Value),
        ValueFormat = source.Value,
        PartitionedByKey = source.Key == Format.String,
    };

    public static ExpressionType TypeOf(Format format) => format switch
    {
        Format.String => ExpressionType.String,
        Format.Long => ExpressionType.Long,
        Format.Double => ExpressionType.Double,
        Format.Bytes => ExpressionType.Bytes,
        _ => ExpressionType.Unknown,
    };

    /// <summary>Whether a value of the type can be written in the format, so far as is known.</summary>
    public static bool CanWrite(ExpressionType type, Format format) => type is ExpressionType.Unknown or ExpressionType.Null || format switch
    {
        Format.Long => type is ExpressionType.Long or ExpressionType.Number,
        Format.Double => type is ExpressionType.Long or ExpressionType.Double or ExpressionType.Number,
        Format.Bytes => type is ExpressionType.String or ExpressionType.Bytes,
        _ => true,
    };
}
