using FsCheck;
using FsCheck.Fluent;

namespace Actors.Hocon.Tests;

public sealed class Values
{
    private static readonly TimeSpan Microsecond = TimeSpan.FromTicks(10);

    public static TheoryData<string, TimeSpan> DurationCases => new()
    {
        { "10", TimeSpan.FromMilliseconds(10) }, { "10s", TimeSpan.FromSeconds(10) }, { "10 s", TimeSpan.FromSeconds(10) }, { "\" 10 seconds \"", TimeSpan.FromSeconds(10) },
        { "1second", TimeSpan.FromSeconds(1) }, { "5 minutes", TimeSpan.FromMinutes(5) }, { "5m", TimeSpan.FromMinutes(5) }, { "1.5 h", TimeSpan.FromMinutes(90) }, { "2 days", TimeSpan.FromDays(2) },
        { "24h", TimeSpan.FromDays(1) }, { "100ms", TimeSpan.FromMilliseconds(100) }, { "3 millis", TimeSpan.FromMilliseconds(3) }, { "7us", 7 * Microsecond }, { "7 micros", 7 * Microsecond },
        { "500 ns", TimeSpan.FromTicks(5) }, { "2 nanoseconds", TimeSpan.Zero }, { "0s", TimeSpan.Zero }, { "0.25s", TimeSpan.FromMilliseconds(250) },
    };

    [Theory]
    [MemberData(nameof(DurationCases))]
    public void Durations(string text, TimeSpan expected) => Assert.Equal(expected, One(text).GetDuration());

    [Theory]
    [InlineData("abc", "\"abc\" is not a duration such as 10s")]
    [InlineData("10 parsecs", "\"10 parsecs\" has an unknown unit; known are ns, us, ms, s, m, h or d")]
    [InlineData("10S", "\"10S\" has an unknown unit")]
    [InlineData("1e3s", "is not a duration")]
    [InlineData("200000000000 d", "is too large")]
    [InlineData("-1s", "\"-1s\" is less than 0s, or too large")]
    [InlineData("[1s]", "a list is not a duration such as 10s")]
    [InlineData("null", "null is not a duration such as 10s")]
    public void Bad_durations(string text, string reason) => Fails(reason, () => One(text).GetDuration());

    [Fact]
    public void Bounds_are_named_in_the_units_a_person_would_use()
    {
        Fails("\"2h\" is not between 100ms and 1h", () => One("2h").GetDuration(TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1)));
        Fails("\"2g\" is not between 1 KiB and 1 GiB", () => One("2g").GetBytes(1024, 1024 * 1024 * 1024));
        Fails("0 is not between 1 and 65535", () => One("0").GetInt(1, 65535));
        Fails("0.5 is not between 0 and 0.25", () => One("0.5").GetDouble(0, 0.25));
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("1234", 1234)]
    [InlineData("128k", 128 * 1024)]
    [InlineData("128K", 128 * 1024)]
    [InlineData("1 MiB", 1024 * 1024)]
    [InlineData("1MB", 1_000_000)]
    [InlineData("1kB", 1000)]
    [InlineData("2 kilobytes", 2000)]
    [InlineData("2 kibibytes", 2048)]
    [InlineData("0.5 m", 512 * 1024)]
    [InlineData("4Gi", 4L * 1024 * 1024 * 1024)]
    [InlineData("1 terabyte", 1_000_000_000_000)]
    [InlineData("1t", 1L << 40)]
    [InlineData("1 PiB", 1L << 50)]
    [InlineData("7E", 7L << 60)]
    [InlineData("10 bytes", 10)]
    [InlineData("10B", 10)]
    public void Sizes(string text, long expected) => Assert.Equal(expected, One(text).GetBytes());

    [Theory]
    [InlineData("1 KB", "unknown unit")]
    [InlineData("1 furlong", "unknown unit")]
    [InlineData("9E", "is too large")]
    [InlineData("1Y", "is too large")]
    [InlineData("big", "is not a size such as 64 KiB")]
    [InlineData("-1", "less than 0 B")]
    public void Bad_sizes(string text, string reason) => Fails(reason, () => One(text).GetBytes());

    [Fact]
    public void Sizes_and_durations_printed_read_back() => Prop.ForAll<long>(value =>
    {
        var size = Math.Abs(value % (1L << 53));
        return HoconUnits.ReadBytes(HoconUnits.Print(size)) == (size, null) && HoconUnits.ReadDuration(HoconUnits.Print(TimeSpan.FromTicks(size))) == (TimeSpan.FromTicks(size), null);
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("42", 42)]
    [InlineData("\"42\"", 42)]
    [InlineData("-7", -7)]
    [InlineData("10e+3", 10000)]
    [InlineData("2.0", 2)]
    [InlineData("007", 7)]
    [InlineData("9223372036854775807", long.MaxValue)]
    public void Whole_numbers(string text, long expected) => Assert.Equal(expected, One(text).GetLong());

    [Theory]
    [InlineData("1.5", "1.5 is not a whole number")]
    [InlineData("x", "\"x\" is not a whole number")]
    [InlineData("\"\"", "\"\" is not a whole number")]
    [InlineData("true", "true is not a whole number")]
    [InlineData("NaN", "\"NaN\" is not a whole number")]
    [InlineData("9223372036854775808", "9223372036854775808 is too large")]
    [InlineData("1e400", "1e400 is too large")]
    [InlineData("{}", "an object is not a whole number")]
    public void Bad_whole_numbers(string text, string reason) => Fails(reason, () => One(text).GetLong());

    [Fact]
    public void Other_scalars()
    {
        Assert.Equal(1.25, One("1.25").GetDouble());
        Assert.Equal(["yes", "on", "true"], new[] { "yes", "on", "true" }.Where(text => One(text).GetBoolean()));
        Assert.DoesNotContain(new[] { "no", "off", "false" }, text => One(text).GetBoolean());
        Fails("\"perhaps\" is not true or false", () => One("perhaps").GetBoolean());
        Fails("1 is not true or false", () => One("1").GetBoolean());
        Assert.Equal("1.50", One("1.50").GetString());
        Fails("null is not text", () => One("null").GetString());
        Assert.Equal(StringComparison.OrdinalIgnoreCase, One("ordinal-ignore-case").GetEnum<StringComparison>());
        Fails("\"Ordinal\" is not one of current-culture, current-culture-ignore-case", () => One("Ordinal").GetEnum<StringComparison>());
        Fails("is too large", () => One("1e999").GetDouble());
    }

    [Fact]
    public void Strings_in_quotes_and_triple_quotes()
    {
        Assert.Equal("a\"\\/\b\f\n\r\té", One("""   "a\"\\\/\b\f\n\r\t\u00e9"   """).GetString());
        Assert.Equal("raw \\n ${x} \"quoted\"\n  second line\"", One("\"\"\"raw \\n ${x} \"quoted\"\n  second line\"\"\"\"").GetString());
        Assert.Equal("", One("\"\"\"\"\"\"").GetString());
        Assert.Equal("http://x", One("\"http://x\"").GetString());
        Assert.Equal("http:", One("\"http:\" //x").GetString());
    }

    [Fact]
    public void Any_text_quoted_reads_back() => Prop.ForAll<string>(text => text is null || One(HoconPrinter.Quote(text)).GetString() == text).QuickCheckThrowOnFailure();

    [Fact]
    public void Plain_text_has_quoted_keys_and_keeps_kinds()
    {
        var root = HoconDocument.Parse("a.\"b.c\" = ${x}, x = hello, n = 1.50, b = true, z = null, l = [1, {}, [a]], e = {}", "t").Resolve();
        Assert.Equal("""
            "a" : {
              "b.c" : "hello"
            }
            "x" : "hello"
            "n" : 1.50
            "b" : true
            "z" : null
            "l" : [1, {}, ["a"]]
            "e" : {}

            """.ReplaceLineEndings("\n"), HoconPrinter.ToPlain(root));
        Assert.Equal("{\n  \"b.c\" : \"hello\"\n}", HoconPrinter.ToPlain(root.Get("a")));
    }

    private static HoconValue One(string text) => HoconDocument.Parse("value = " + text, "t").Resolve().Get("value");
    private static void Fails(string reason, Func<object> read) => Assert.Contains(reason, Assert.Throws<HoconException>(read).Message);
}
