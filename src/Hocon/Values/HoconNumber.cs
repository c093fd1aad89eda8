using System.Globalization;

namespace Actors.Hocon;

internal static class HoconNumber
{
    /// <summary>Whether the text is a number as JSON writes it.</summary>
    public static bool IsJson(string text)
    {
        var at = text.StartsWith('-') ? 1 : 0;
        var whole = Digits(text, ref at);
        if (whole == 0 || (whole > 1 && text[at - whole] == '0')) return false;
        if (at < text.Length && text[at] == '.')
        {
            at++;
            if (Digits(text, ref at) == 0) return false;
        }
        if (at < text.Length && text[at] is 'e' or 'E')
        {
            at++;
            if (at < text.Length && text[at] is '+' or '-') at++;
            if (Digits(text, ref at) == 0) return false;
        }
        return at == text.Length;
    }

    /// <summary>Reads a number; it is null where it is too large or too small for 28 digits.</summary>
    public static bool TryReadDecimal(string text, out decimal? number)
    {
        number = null;
        if (!TryReadDouble(text, out var near)) return false;
        if (decimal.TryParse(text.AsSpan().Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out var exact) && (exact != 0 || near == 0)) number = exact;
        return true;
    }

    public static bool TryReadDouble(string text, out double number)
    {
        number = 0;
        foreach (var c in text)
        {
            // Keeps out the words that double.Parse knows: NaN, Infinity.
            if (char.IsLetter(c) && c is not ('e' or 'E')) return false;
        }
        return double.TryParse(text.AsSpan().Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out number);
    }

    private static int Digits(string text, ref int at)
    {
        var start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
        return at - start;
    }
}
