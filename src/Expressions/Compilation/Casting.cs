using System.Buffers.Text;
using System.Globalization;

namespace Actors.Expressions.Compilation;

/// <summary>CAST: what cannot be converted is null.</summary>
internal static class Casting
{
    public static Value To(ExpressionType target, in Value value) => target switch
    {
        _ when value.IsNull => default,
        ExpressionType.Long => ToLong(value),
        ExpressionType.Double => ToDouble(value),
        ExpressionType.Boolean => ToBoolean(value),
        ExpressionType.Bytes => value.Kind is ValueKind.Bytes ? value : value.Kind == ValueKind.String ? Value.Bytes(value.AsBytes.ToArray()) : default,
        _ => ToText(value),
    };

    public static Value ToText(in Value value) => value.Kind switch
    {
        ValueKind.Null or ValueKind.String => value,
        ValueKind.Bytes => Value.LenientText(value.AsBytes.ToArray(), 0, value.AsBytes.Length),
        ValueKind.Long => LongText(value.AsLong),
        ValueKind.Double => DoubleText(value.AsDouble),
        _ => Value.Of(JsonText.ToJson(value)),
    };

    private static Value LongText(long number)
    {
        Span<byte> text = stackalloc byte[24];
        Utf8Formatter.TryFormat(number, text, out var length);
        return Value.Text(text[..length].ToArray());
    }

    private static Value DoubleText(double number)
    {
        Span<byte> text = stackalloc byte[40];
        return Value.Text(text[..JsonText.FormatDouble(number, text)].ToArray());
    }

    private static Value ToLong(in Value value) => value.Kind switch
    {
        ValueKind.Long => value,
        ValueKind.Double => Truncated(value.AsDouble),
        ValueKind.String when long.TryParse(value.AsBytes, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) => Value.Of(number),
        _ => default,
    };

    internal static Value Truncated(double number) =>
        number is >= -9223372036854775808.0 and < 9223372036854775808.0 ? Value.Of((long)number) : default;

    private static Value ToDouble(in Value value) => value.Kind switch
    {
        ValueKind.Double => value,
        ValueKind.Long => Value.Of((double)value.AsLong),
        ValueKind.String when double.TryParse(value.AsBytes, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => Value.Of(number),
        _ => default,
    };

    private static Value ToBoolean(in Value value) => value.Kind switch
    {
        ValueKind.Boolean => value,
        ValueKind.String when value.AsString.Trim() is var text && text.Equals("true", StringComparison.OrdinalIgnoreCase) => Value.True,
        ValueKind.String when value.AsString.Trim() is var text && text.Equals("false", StringComparison.OrdinalIgnoreCase) => Value.False,
        _ => default,
    };
}
