using System.Text.Json;
using Xunit.Abstractions;

namespace Actors.Hocon.Tests;

/// <summary>The cases of lightbend/config (Data/NOTICE.md): what parses, what it resolves to, what fails and when.</summary>
public sealed class SpecificationCases(ITestOutputHelper output)
{
    /// <summary>Cases this reader answers differently, by id, with the reason. None.</summary>
    private static readonly Dictionary<string, string> Different = [];

    private static readonly JsonElement[] ParseCases = Load("parse-cases.json");
    private static readonly JsonElement[] AssertCases = Load("assert-cases.json");

    public static TheoryData<string> ParseIds => [.. ParseCases.Select(Id)];
    public static TheoryData<string> AssertIds => [.. AssertCases.Select(Id)];

    [Theory]
    [MemberData(nameof(ParseIds))]
    public void Every_text_gives_the_value_or_fails_in_the_phase_the_specification_says(string id)
    {
        if (Different.ContainsKey(id)) return;
        var one = ParseCases.Single(each => Id(each) == id);
        output.WriteLine(one.ToString());
        var input = one.GetProperty("input").GetString()!;
        if (!one.TryGetProperty("error", out _))
        {
            var value = HoconDocument.Parse(input, id).ResolveRoot();
            Assert.True(Same(one.GetProperty("expect"), value), $"{id} resolved to {HoconPrinter.ToPlain(value)}");
            return;
        }
        if (one.GetProperty("phase").GetString() == "parse")
        {
            output.WriteLine(Assert.Throws<HoconException>(() => HoconDocument.Parse(input, id)).Explain());
            return;
        }
        var document = HoconDocument.Parse(input, id);
        output.WriteLine(Assert.Throws<HoconException>(() => document.ResolveRoot()).Explain());
    }

    [Theory]
    [MemberData(nameof(AssertIds))]
    public void Every_path_has_the_value_asserted(string id)
    {
        if (Different.ContainsKey(id)) return;
        var one = AssertCases.Single(each => Id(each) == id);
        output.WriteLine(one.ToString());
        var root = HoconDocument.Parse(one.GetProperty("input").GetString()!, id).Resolve();
        foreach (var assert in one.GetProperty("asserts").EnumerateArray()) Check(root, assert);
    }

    [Fact]
    public void Whether_a_text_parses_does_not_change_with_the_kind_and_number_of_its_blanks()
    {
        Func<string, string>[] variations =
            [text => text.Replace(" ", ""), text => text.Replace(' ', '\u2003'), text => text.Replace(":", " : "), text => text.Replace(",", " , ")];
        var wrong = new List<string>();
        foreach (var one in ParseCases.Where(one => !one.TryGetProperty("whitespaceMatters", out _)))
        {
            var input = one.GetProperty("input").GetString()!;
            var parses = !one.TryGetProperty("phase", out var phase) || phase.GetString() != "parse";
            foreach (var variation in variations)
            {
                if (Parses(variation(input)) != parses) wrong.Add($"{Id(one)}: {variation(input)}");
            }
        }
        Assert.Empty(wrong);
    }

    [Fact]
    public void Every_value_printed_plainly_reads_back_as_the_same_tree()
    {
        foreach (var one in ParseCases.Where(one => one.TryGetProperty("expect", out _)))
        {
            var value = HoconDocument.Parse(one.GetProperty("input").GetString()!, Id(one)).ResolveRoot();
            var again = HoconDocument.Parse(HoconPrinter.ToPlain(value), "plain").ResolveRoot();
            Assert.Equal(HoconPrinter.ToPlain(value), HoconPrinter.ToPlain(again));
            Assert.True(Same(one.GetProperty("expect"), again), Id(one));
        }
    }

    [Fact]
    public void All_cases_are_there_and_at_most_a_twentieth_is_excepted()
    {
        Assert.Equal(189, ParseCases.Length);
        Assert.Equal(40, AssertCases.Length);
        Assert.True(Different.Count * 20 <= ParseCases.Length + AssertCases.Length);
    }

    private static void Check(HoconObject root, JsonElement assert)
    {
        var path = assert.GetProperty("path").GetString()!;
        var kind = assert.GetProperty("as").GetString();
        if (kind == "missing")
        {
            Assert.Null(root.Find(path));
            return;
        }
        var expected = assert.GetProperty("value");
        var actual = root.Get(path);
        switch (kind)
        {
            case "int": Assert.Equal(expected.GetInt32(), actual.GetInt()); break;
            case "string": Assert.Equal(expected.GetString(), actual.GetString()); break;
            case "list":
                Assert.Equal(expected.EnumerateArray().Select(item => item.ToString()), actual.GetList().Select(item => item.GetString()));
                if (assert.GetProperty("of").GetString() == "int") Assert.Equal(expected.EnumerateArray().Select(item => item.GetInt32()), actual.GetList().Select(item => item.GetInt()));
                break;
            case "object": Assert.True(Same(expected, actual), actual.ToString()); break;
            default: Assert.Fail($"unknown kind of assert {kind}"); break;
        }
    }

    private static bool Parses(string text)
    {
        try
        {
            HoconDocument.Parse(text, "variation");
            return true;
        }
        catch (HoconException)
        {
            return false;
        }
    }

    private static bool Same(JsonElement expected, HoconValue actual) => expected.ValueKind switch
    {
        JsonValueKind.Object => actual is HoconObject fields && fields.Fields.Count == expected.EnumerateObject().Count()
            && expected.EnumerateObject().All(field => fields.TryGet(field.Name, out var value) && Same(field.Value, value)),
        JsonValueKind.Array => actual is HoconArray items && items.Count == expected.GetArrayLength() && expected.EnumerateArray().Zip(items).All(pair => Same(pair.First, pair.Second)),
        JsonValueKind.String => actual is HoconScalar { Kind: HoconKind.String } text && text.Text == expected.GetString(),
        JsonValueKind.Number => actual is HoconScalar { Kind: HoconKind.Number } number && number.GetDouble() == expected.GetDouble(),
        JsonValueKind.True => actual is HoconScalar { Kind: HoconKind.Boolean, Text: "true" },
        JsonValueKind.False => actual is HoconScalar { Kind: HoconKind.Boolean, Text: "false" },
        _ => actual is HoconScalar { Kind: HoconKind.Null },
    };

    private static string Id(JsonElement one) => one.GetProperty("id").GetString()!;

    private static JsonElement[] Load(string file) =>
        [.. JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Data", file))).RootElement.GetProperty("cases").EnumerateArray()];
}
