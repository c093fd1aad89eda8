using FsCheck;
using FsCheck.Fluent;

namespace Actors.Hocon.Tests;

/// <summary>Whatever the text, reading it either gives a value or throws a HoconException, soon.</summary>
public sealed class HostileInput
{
    private static readonly string[] Fragments =
    [
        "a", "b", "c", ".", "..", "a.b", " ", "\n", "\t", "\u2003", ":", "=", "+=", "+", ",", "{", "}", "[", "]", "${a}", "${?b}", "${a.b}", "${?a.b.c}", "${", "$", "}",
        "\"", "\"\"", "\"\"\"", "\"q\"", "\\", "\\u", "\"\\u00", "#c\n", "//", "include", "include \"x\"", "include required(file(\"x\"))", "true", "null", "1", "-", "1e+", "1e+3", "0.5", "é", "\ud800", "\0",
    ];

    private static readonly HoconIncludes Looping = new(request => HoconIncludeResult.Found(new HoconText(request.Name + "'", "a = ${?a} [1], include \"y\", b = ${?c}")));

    [Fact]
    public void Random_fragments() => Check(Gen.Elements(Fragments).ListOf().Select(string.Concat), 3000);

    [Fact]
    public void Random_text() => Check(ArbMap.Default.GeneratorFor<string>().Where(text => text is not null), 1000);

    [Fact]
    public void Random_fields_that_refer_to_each_other()
    {
        var name = Gen.Elements("a", "b", "c", "a.b", "b.c", "c.a.b");
        var part = Gen.OneOf(name.Select(n => $"${{{n}}}"), name.Select(n => $"${{?{n}}}"), Gen.Elements("[1]", "{ b : 2 }", "{ a : ${b} }", "[${?a}]", "x", "{ c += 3 }", " "));
        var value = part.NonEmptyListOf().Select(parts => string.Concat(parts.Take(4)));
        var field = name.SelectMany(_ => Gen.Elements(" = ", " += ", " : "), (n, separator) => n + separator).SelectMany(_ => value, (start, v) => start + v);
        Check(field.ListOf().Select(fields => string.Join('\n', fields.Take(12))), 3000);
    }

    [Theory]
    [InlineData("[", "")]
    [InlineData("{a:", "")]
    [InlineData("a.", "b = 1")]
    [InlineData("a=${", "")]
    [InlineData("a{b", "")]
    [InlineData("a : ${a} [", "")]
    public void Deep_nesting(string start, string end) => Read(string.Concat(Enumerable.Repeat(start, 100_000)) + end);

    [Fact]
    public void A_long_chain_of_substitutions_is_refused_rather_than_overflowing_the_stack()
    {
        var text = string.Join('\n', Enumerable.Range(0, 50_000).Select(i => $"a{i} = ${{a{i + 1}}}")) + "\na50000 = 1";
        Assert.Contains("too deeply", Assert.Throws<HoconException>(() => HoconDocument.Parse(text, "chain").Resolve()).Message);
    }

    [Theory]
    [InlineData("${a#}${a#}", "x")]
    [InlineData("${a#} ${a#}", "[1]")]
    [InlineData("{ l : ${a#}, r : ${a#} }", "{}")]
    [InlineData("[ ${a#}, ${a#} ]", "{}")]
    public void Doubling_is_refused_rather_than_filling_the_memory(string twice, string first)
    {
        var text = $"a0 = {first}\n" + string.Join('\n', Enumerable.Range(0, 60).Select(i => $"a{i + 1} = {twice.Replace("#", i.ToString())}"));
        var started = Environment.TickCount64;
        Assert.Throws<HoconException>(() => HoconDocument.Parse(text, "doubling").Resolve());
        Assert.InRange(Environment.TickCount64 - started, 0, 60_000);
    }

    [Fact]
    public void Including_without_end_is_refused()
    {
        var includes = new HoconIncludes(request => HoconIncludeResult.Found(new HoconText(request.IncludingFile + "x", "include \"y\"")));
        Assert.Contains("deeper", Assert.Throws<HoconException>(() => HoconDocument.Parse("include \"y\"", "a", new HoconOptions { Includes = includes })).Message);
        var wide = new HoconIncludes(request => HoconIncludeResult.Found(new HoconText(request.IncludingFile + "x", "include \"y\", include \"z\"")));
        Assert.Contains("includes", Assert.Throws<HoconException>(() => HoconDocument.Parse("include \"y\"", "a", new HoconOptions { Includes = wide })).Message);
    }

    private static void Check(Gen<string> texts, int count) =>
        Prop.ForAll(texts.ToArbitrary(), text => { Read(text); return true; }).Check(Config.QuickThrowOnFailure.WithMaxTest(count));

    private static void Read(string text)
    {
        try
        {
            var value = HoconDocument.Parse(text, "random", new HoconOptions { Includes = Looping, MaxSteps = 100_000 }).ResolveRoot(name => name == "c" ? "environment" : null);
            var plain = HoconPrinter.ToPlain(value);
            Assert.Equal(plain, HoconPrinter.ToPlain(HoconDocument.Parse(plain, "plain").ResolveRoot()));
        }
        catch (HoconException e)
        {
            Assert.NotEmpty(e.Message);
            Assert.NotEmpty(e.Explain());
            Assert.All(e.Errors, error => Assert.True(error.Position.Line >= 1 && error.Position.Column >= 1, error.ToString()));
        }
    }
}
