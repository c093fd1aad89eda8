using Akka.Configuration;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Akka.Tests;

public sealed class ConfigSpecs
{
    private static Akka.Configuration.Config Parse(string text) => ConfigurationFactory.ParseString(text);

    [Fact]
    public void Plain_HOCON_is_read()
    {
        var config = Parse("""
            # comment
            a.b = 1, a.c : "two" // comment
            a { d { e = yes } }
            "quoted.key" = 3
            list = [ 1, 2
                     3 ]
            duration = 10 seconds
            path = "akka.actor"dispatcher
            text = some words here   # not this
            triple = \"\"\"raw "text" \n\"\"\"
            escaped = "a\tb\u0041"
            nothing = null
            """.Replace("\\\"\\\"\\\"", "\"\"\""));
        Assert.Equal(1, config.GetInt("a.b"));
        Assert.Equal("two", config.GetString("a.c"));
        Assert.True(config.GetBoolean("a.d.e"));
        Assert.Equal(3, config.GetLong("\"quoted.key\""));
        Assert.Equal([1, 2, 3], config.GetIntList("list"));
        Assert.Equal(["1", "2", "3"], config.GetStringList("list"));
        Assert.Equal(TimeSpan.FromSeconds(10), config.GetTimeSpan("duration"));
        Assert.Equal("some words here", config.GetString("text"));
        Assert.Equal("raw \"text\" \\n", config.GetString("triple"));
        Assert.Equal("a\tbA", config.GetString("escaped"));
        Assert.False(config.HasPath("nothing"));
        Assert.True(config.HasPath("a.d"));
    }

    [Fact]
    public void What_is_missing_has_the_default_asked_for()
    {
        var config = Parse("a = 1");
        Assert.Null(config.GetString("b"));
        Assert.Equal(7, config.GetInt("b", 7));
        Assert.Equal(TimeSpan.Zero, config.GetTimeSpan("b"));
        Assert.Empty(config.GetStringList("b"));
        Assert.Null(config.GetConfig("b"));
        Assert.True(config.GetConfig("b").IsNullOrEmpty());
        Assert.Null(config.GetByteSize("b", null));
    }

    [Theory]
    [InlineData("100ms", 100)]
    [InlineData("1.5s", 1500)]
    [InlineData("2 minutes", 120_000)]
    [InlineData("1h", 3_600_000)]
    [InlineData("1d", 86_400_000)]
    [InlineData("250", 250)]
    [InlineData("infinite", -1)]
    public void Durations_have_units(string text, double milliseconds) => Assert.Equal(milliseconds, Parse("t = " + text).GetTimeSpan("t").TotalMilliseconds);

    [Theory]
    [InlineData("128000b", 128_000)]
    [InlineData("10KiB", 10_240)]
    [InlineData("10k", 10_240)]
    [InlineData("10kB", 10_000)]
    [InlineData("4 MiB", 4_194_304)]
    [InlineData("5", 5)]
    public void Sizes_have_units(string text, long bytes) => Assert.Equal(bytes, Parse("s = " + text).GetByteSize("s", null));

    [Fact]
    public void Later_keys_win_and_objects_are_merged()
    {
        var config = Parse("a { b = 1, c = 2 }\na { b = 3 }\na.d = 4");
        Assert.Equal((3, 2, 4), (config.GetInt("a.b"), config.GetInt("a.c"), config.GetInt("a.d")));
    }

    [Fact]
    public void A_fallback_shows_where_nothing_stands_above_it()
    {
        var config = Parse("a { b = 1 }, l = [1]").WithFallback(Parse("a { b = 2, c = 3 }, l = [2, 3], d = 4"));
        Assert.Equal((1, 3, 4), (config.GetInt("a.b"), config.GetInt("a.c"), config.GetInt("d")));
        Assert.Equal([1], config.GetIntList("l"));
    }

    [Theory]
    [InlineData("include \"other.conf\"", "include")]
    [InlineData("a = ${b}", "substitutions")]
    [InlineData("a += 1", "+=")]
    [InlineData("a = ", "value is expected")]
    [InlineData("a { b = 1", "inside an object")]
    [InlineData("a = [1, 2", "inside a list")]
    [InlineData("a = \"x", "not closed")]
    [InlineData("a", "'=', ':' or '{' expected")]
    [InlineData("a = 1 }", "unexpected '}'")]
    [InlineData("\n\n  = 1", "line 3, column 3")]
    public void What_cannot_be_read_is_refused_with_a_reason(string text, string reason) =>
        Assert.Contains(reason, Assert.Throws<ConfigurationException>(() => Parse(text)).Message);

    [Fact]
    public void A_value_that_is_not_of_the_type_names_its_key() =>
        Assert.Contains("a.b", Assert.Throws<ConfigurationException>(() => Parse("a.b = nine").GetInt("a.b")).Message);

    private static readonly Gen<string> Keys = Gen.Elements("a", "b-c", "d.e", "with \"quotes\"", "ü", "1", "x y");

    private static readonly Gen<string> Texts = ArbMap.Default.GeneratorFor<NonNull<string>>().Select(s => s.Get);

    private static Gen<object> Value(int depth) => depth == 0
        ? Texts.Select(t => (object)t)
        : Gen.OneOf(
            Texts.Select(t => (object)t),
            Gen.Choose(int.MinValue, int.MaxValue).Select(n => (object)n.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            Value(depth - 1).ListOf(2).Select(l => (object)l.ToList()),
            Tree(depth - 1).Select(t => (object)t));

    private static Gen<Dictionary<string, object>> Tree(int depth) =>
        Keys.Zip(Value(depth)).ListOf(3).Select(l => l.GroupBy(p => p.Item1).ToDictionary(g => g.Key, g => g.First().Item2));

    private static string Quote(string s) => System.Text.Json.JsonSerializer.Serialize(s);

    private static string Write(object value) => value switch
    {
        string s => Quote(s),
        List<object> list => "[" + string.Join(", ", list.Select(Write)) + "]",
        Dictionary<string, object> tree => "{" + string.Join(", ", tree.Select(p => $"{Quote(p.Key)} : {Write(p.Value)}")) + "}",
        _ => throw new InvalidOperationException(),
    };

    private static bool Same(object value, Akka.Configuration.Hocon.HoconValue read) => value switch
    {
        string s => read.GetString() == s,
        List<object> list => read.GetArray().Count == list.Count && list.Zip(read.GetArray()).All(p => Same(p.First, p.Second)),
        Dictionary<string, object> tree => read.GetObject().Items.Count == tree.Count && tree.All(p => Same(p.Value, read.GetObject().GetKey(p.Key))),
        _ => false,
    };

    [Fact]
    public void What_is_written_as_JSON_is_read_and_what_is_printed_is_read_again() =>
        Prop.ForAll(Tree(3).ToArbitrary(), tree =>
        {
            var config = Parse(Write(tree));
            return Same(tree, config.Root) && Same(tree, Parse(config.ToString()).Root);
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(60));

    [Fact]
    public void Any_text_is_read_or_refused() =>
        Prop.ForAll(Gen.Elements("{", "}", "[", "]", "=", ":", ",", "\n", "\"", "\\", "a", "1", " ", "#", "//", "$", "+", "include", "\"\"\"", ".").ListOf(12).ToArbitrary(), parts =>
        {
            try { Parse(string.Concat(parts)); }
            catch (ConfigurationException) { }
            return true;
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(2000));
}
