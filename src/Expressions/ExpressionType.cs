namespace Actors.Expressions;

/// <summary>What is known of an expression's type before any record is seen. A field of a JSON value is <see cref="Unknown"/>.</summary>
public enum ExpressionType
{
    Unknown,
    Null,
    Boolean,
    Long,
    Double,
    Number,
    String,
    Bytes,
    Array,
    Object,
}

internal static class ExpressionTypes
{
    public static bool IsNumeric(this ExpressionType type) => type is ExpressionType.Long or ExpressionType.Double or ExpressionType.Number;

    /// <summary>Whether a value of the one type may be one of the other.</summary>
    public static bool MayBe(this ExpressionType type, ExpressionType wanted) =>
        type is ExpressionType.Unknown or ExpressionType.Null || wanted is ExpressionType.Unknown or ExpressionType.Null || type == wanted
        || (type.IsNumeric() && wanted.IsNumeric());

    /// <summary>The type of either of two.</summary>
    public static ExpressionType Common(ExpressionType left, ExpressionType right)
    {
        if (left == right || right == ExpressionType.Null) return left;
        if (left == ExpressionType.Null) return right;
        return left.IsNumeric() && right.IsNumeric() ? ExpressionType.Number : ExpressionType.Unknown;
    }

    /// <summary>The name CAST takes.</summary>
    public static string SqlName(this ExpressionType type) => type switch
    {
        ExpressionType.Long => "BIGINT",
        ExpressionType.Double => "DOUBLE",
        ExpressionType.Boolean => "BOOLEAN",
        ExpressionType.Bytes => "BYTES",
        ExpressionType.String => "STRING",
        _ => type.ToString().ToUpperInvariant(),
    };

    public static string Described(this ExpressionType type) => type switch
    {
        ExpressionType.Long => "an integer",
        ExpressionType.Double => "a double",
        ExpressionType.Number => "a number",
        ExpressionType.Boolean => "a boolean",
        ExpressionType.String => "a string",
        ExpressionType.Bytes => "bytes",
        ExpressionType.Array => "an array",
        ExpressionType.Object => "an object",
        ExpressionType.Null => "null",
        _ => "anything",
    };

    public static ExpressionType Of(ValueKind kind) => kind switch
    {
        ValueKind.Null => ExpressionType.Null,
        ValueKind.Boolean => ExpressionType.Boolean,
        ValueKind.Long => ExpressionType.Long,
        ValueKind.Double => ExpressionType.Double,
        ValueKind.String => ExpressionType.String,
        ValueKind.Bytes => ExpressionType.Bytes,
        ValueKind.Array => ExpressionType.Array,
        _ => ExpressionType.Object,
    };
}
