using System.Globalization;
using System.Text;

namespace Actors.Expressions.Compilation;

/// <summary>
/// The part of java.time.format.DateTimeFormatter's patterns that log lines and tables use: y u M d D H h k m s S n A a E X x Z z V, text in
/// quotes, optional sections. English names. Fields a text lacks are those of 1970-01-01T00:00, as in ksqlDB.
/// </summary>
internal sealed class JavaTimePattern
{
    private const string Letters = "yuMLdDHhkmsSnaEXxZzV";

    private readonly List<Part> _parts = [];

    private readonly record struct Part(char Letter, int Count, string Literal);

    private JavaTimePattern()
    {
    }

    public static bool TryParsePattern(string pattern, out JavaTimePattern? result, out string reason)
    {
        (result, reason) = (null, "");
        var read = new JavaTimePattern();
        for (var at = 0; at < pattern.Length;)
        {
            var c = pattern[at];
            if (c == '\'')
            {
                var end = at + 1 < pattern.Length && pattern[at + 1] == '\'' ? at + 1 : ClosingQuote(pattern, at + 1);
                if (end < 0)
                {
                    reason = "a quote in the time pattern is not closed";
                    return false;
                }
                read._parts.Add(new Part('\0', 0, end == at + 1 ? "'" : pattern[(at + 1)..end].Replace("''", "'")));
                at = end + 1;
            }
            else if (char.IsAsciiLetter(c))
            {
                var count = 1;
                while (at + count < pattern.Length && pattern[at + count] == c) count++;
                if (!Letters.Contains(c) || c == 'S' && count > 9)
                {
                    reason = $"the time pattern's {new string(c, count)} is not supported";
                    return false;
                }
                read._parts.Add(new Part(c == 'u' ? 'y' : c == 'L' ? 'M' : c, count, ""));
                at += count;
            }
            else if (c is '[' or ']' or '{' or '}' or '#')
            {
                reason = $"the time pattern's {c} is not supported";
                return false;
            }
            else
            {
                read._parts.Add(new Part('\0', 0, c.ToString()));
                at++;
            }
        }
        result = read;
        return true;
    }

    private static int ClosingQuote(string pattern, int from)
    {
        for (var at = from; at < pattern.Length; at++)
        {
            if (pattern[at] != '\'') continue;
            if (at + 1 == pattern.Length || pattern[at + 1] != '\'') return at;
            at++;
        }
        return -1;
    }

    /// <summary>The time as text; null outside the years 1 to 9999.</summary>
    public string? Format(long epochMilliseconds, TimeZoneInfo zone)
    {
        if (epochMilliseconds is < -62135596800000 or > 253402300799999) return null;
        var utc = DateTimeOffset.FromUnixTimeMilliseconds(epochMilliseconds);
        var offset = zone.GetUtcOffset(utc);
        if (utc.UtcTicks + offset.Ticks is < 0 or > 3155378975999999999) return null;
        var time = utc.ToOffset(offset);
        var text = new StringBuilder();
        foreach (var part in _parts) Append(text, part, time, zone);
        return text.ToString();
    }

    private static void Append(StringBuilder text, in Part part, DateTimeOffset time, TimeZoneInfo zone)
    {
        var names = CultureInfo.InvariantCulture.DateTimeFormat;
        _ = part.Letter switch
        {
            '\0' => text.Append(part.Literal),
            'y' when part.Count == 2 => Digits(text, time.Year % 100, 2),
            'y' => Digits(text, time.Year, part.Count),
            'M' when part.Count >= 4 => text.Append(names.GetMonthName(time.Month)),
            'M' when part.Count == 3 => text.Append(names.GetAbbreviatedMonthName(time.Month)),
            'M' => Digits(text, time.Month, part.Count),
            'd' => Digits(text, time.Day, part.Count),
            'D' => Digits(text, time.DayOfYear, part.Count),
            'H' => Digits(text, time.Hour, part.Count),
            'k' => Digits(text, time.Hour == 0 ? 24 : time.Hour, part.Count),
            'h' => Digits(text, (time.Hour + 11) % 12 + 1, part.Count),
            'm' => Digits(text, time.Minute, part.Count),
            's' => Digits(text, time.Second, part.Count),
            'S' => text.Append((time.Ticks % 10_000_000 * 100).ToString("D9", CultureInfo.InvariantCulture).AsSpan(0, part.Count)),
            'n' => Digits(text, time.Ticks % 10_000_000 * 100, part.Count),
            'a' => text.Append(time.Hour < 12 ? "AM" : "PM"),
            'E' => text.Append(part.Count >= 4 ? names.GetDayName(time.DayOfWeek) : names.GetAbbreviatedDayName(time.DayOfWeek)),
            'V' or 'z' => text.Append(zone.BaseUtcOffset == TimeSpan.Zero && !zone.SupportsDaylightSavingTime && zone.Id is "UTC" ? "UTC" : zone.Id),
            _ => text.Append(OffsetText(part, time.Offset)),
        };
    }

    private static StringBuilder Digits(StringBuilder text, long number, int count) =>
        text.Append(number.ToString(CultureInfo.InvariantCulture).PadLeft(count, '0'));

    private static string OffsetText(in Part part, TimeSpan offset)
    {
        if (part.Letter == 'X' && offset == TimeSpan.Zero) return "Z";
        var sign = offset < TimeSpan.Zero ? '-' : '+';
        var absolute = offset.Duration();
        var colon = part.Letter == 'Z' ? part.Count == 5 : part.Count is 3 or 5;
        if (part.Letter != 'Z' && part.Count == 1 && absolute.Minutes == 0) return $"{sign}{absolute.Hours:D2}";
        return colon ? $"{sign}{absolute.Hours:D2}:{absolute.Minutes:D2}" : $"{sign}{absolute.Hours:D2}{absolute.Minutes:D2}";
    }

    /// <summary>Reads a whole text as epoch milliseconds; false if it does not fit the pattern.</summary>
    public bool TryParse(string text, TimeZoneInfo zone, out long epochMilliseconds)
    {
        epochMilliseconds = 0;
        var fields = new ParsedTime { Zone = zone };
        var at = 0;
        for (var i = 0; i < _parts.Count; i++)
        {
            // Numbers that touch are read by their width alone.
            var tight = i + 1 < _parts.Count && IsNumber(_parts[i + 1]);
            if (!Read(_parts[i], text, ref at, ref fields, tight)) return false;
        }
        return at == text.Length && fields.TryResolve(out epochMilliseconds);
    }

    private static bool IsNumber(in Part part) => part.Letter is 'y' or 'd' or 'D' or 'H' or 'h' or 'k' or 'm' or 's' or 'S' or 'n' || part is { Letter: 'M', Count: < 3 };

    private static bool Read(in Part part, string text, ref int at, ref ParsedTime fields, bool tight)
    {
        if (part.Letter == '\0')
        {
            if (string.CompareOrdinal(text, at, part.Literal, 0, part.Literal.Length) != 0) return false;
            at += part.Literal.Length;
            return true;
        }
        if (IsNumber(part)) return ReadNumber(part, text, ref at, ref fields, tight);
        var names = CultureInfo.InvariantCulture.DateTimeFormat;
        switch (part.Letter)
        {
            case 'M':
                var month = ReadName(part.Count >= 4 ? names.MonthNames : names.AbbreviatedMonthNames, text, ref at);
                fields.Month = month + 1;
                return month >= 0;
            case 'E': return ReadName(part.Count >= 4 ? names.DayNames : names.AbbreviatedDayNames, text, ref at) >= 0;
            case 'a':
                var half = ReadName(["AM", "PM"], text, ref at);
                fields.Afternoon = half == 1;
                return half >= 0;
            default: return ReadZone(part, text, ref at, ref fields);
        }
    }

    private static bool ReadNumber(in Part part, string text, ref int at, ref ParsedTime fields, bool tight)
    {
        var fixedWidth = tight || part.Letter == 'S' || part.Count == 2;
        var most = fixedWidth ? part.Count : 9;
        var start = at;
        while (at < text.Length && at - start < most && char.IsAsciiDigit(text[at])) at++;
        if (at - start < part.Count) return false;
        var number = int.Parse(text.AsSpan(start, at - start), NumberStyles.None, CultureInfo.InvariantCulture);
        switch (part.Letter)
        {
            case 'y': fields.Year = part.Count == 2 ? 2000 + number : number; break;
            case 'M': fields.Month = number; break;
            case 'd': fields.Day = number; break;
            case 'D': fields.DayOfYear = number; break;
            case 'H': fields.Hour = number; break;
            case 'k': fields.Hour = number == 24 ? 0 : number; break;
            case 'h': fields.HalfDayHour = number; break;
            case 'm': fields.Minute = number; break;
            case 's': fields.Second = number; break;
            case 'S': fields.Nanosecond = (int)(number * Math.Pow(10, 9 - part.Count)); break;
            default: fields.Nanosecond = number; break;
        }
        return true;
    }

    private static int ReadName(string[] names, string text, ref int at)
    {
        for (var i = 0; i < names.Length; i++)
        {
            if (names[i].Length == 0 || string.Compare(text, at, names[i], 0, names[i].Length, StringComparison.OrdinalIgnoreCase) != 0) continue;
            at += names[i].Length;
            return i;
        }
        return -1;
    }

    private static bool ReadZone(in Part part, string text, ref int at, ref ParsedTime fields)
    {
        var start = at;
        if (part.Letter is 'X' && at < text.Length && text[at] == 'Z') at++;
        else if (part.Letter is 'X' or 'x' or 'Z')
        {
            if (at == text.Length || text[at] is not ('+' or '-')) return false;
            at++;
            while (at < text.Length && at - start < 6 && (char.IsAsciiDigit(text[at]) || text[at] == ':')) at++;
        }
        else
        {
            while (at < text.Length && (char.IsLetterOrDigit(text[at]) || text[at] is '/' or '_' or '+' or '-' or ':')) at++;
        }
        if (!TimeFunctions.TryFindZone(text[start..at], out var zone, out _)) return false;
        fields.Zone = zone!;
        return true;
    }

    private struct ParsedTime()
    {
        public int Year = 1970, Month = 1, Day = 1, Hour, Minute, Second, Nanosecond;
        public int? HalfDayHour, DayOfYear;
        public bool Afternoon;
        public TimeZoneInfo Zone = TimeZoneInfo.Utc;

        public readonly bool TryResolve(out long epochMilliseconds)
        {
            epochMilliseconds = 0;
            var hour = HalfDayHour is { } half ? half % 12 + (Afternoon ? 12 : 0) : Hour;
            if (Year is < 1 or > 9998 || Month is < 1 or > 12 || Day < 1 || hour > 23 || Minute > 59 || Second > 59 || HalfDayHour is < 1 or > 12) return false;
            if (Day > DateTime.DaysInMonth(Year, Month) || DayOfYear is < 1 || DayOfYear > (DateTime.IsLeapYear(Year) ? 366 : 365)) return false;
            var date = DayOfYear is { } day ? new DateTime(Year, 1, 1).AddDays(day - 1) : new DateTime(Year, Month, Day);
            var local = date.Add(new TimeSpan(hour, Minute, Second)).AddTicks(Nanosecond / 100);
            // Java moves a time inside the gap of a clock change forward by the gap.
            var offset = Zone.IsInvalidTime(local) ? Zone.GetUtcOffset(local.AddDays(-1)) : Zone.IsAmbiguousTime(local) ? Zone.GetAmbiguousTimeOffsets(local).Max() : Zone.GetUtcOffset(local);
            var ticks = local.Ticks - offset.Ticks - DateTime.UnixEpoch.Ticks;
            epochMilliseconds = (ticks - (ticks < 0 ? TimeSpan.TicksPerMillisecond - 1 : 0)) / TimeSpan.TicksPerMillisecond;
            return true;
        }
    }
}
