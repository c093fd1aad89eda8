namespace Actors.Hocon.Tests;

public sealed class Includes : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("hocon").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_file_is_found_beside_the_file_that_includes_it()
    {
        Write("sub/b.conf", "include \"c.conf\", b = 1");
        Write("sub/c.conf", "c = 2");
        var root = Load("a.conf", "include \"sub/b.conf\"\na = 0");
        Assert.Equal((0, 1, 2), (root.Get("a").GetInt(), root.Get("b").GetInt(), root.Get("c").GetInt()));
        Assert.Equal(new HoconPosition(Path.Combine(_directory, "sub", "c.conf"), 1, 5), root.Get("c").Position);
    }

    [Theory]
    [InlineData("include file(\"b.conf\")")]
    [InlineData("include required(\"b.conf\")")]
    [InlineData("include required( file( \"b.conf\" ) )")]
    [InlineData("include \"b\"")]
    [InlineData("include\n\"b.conf\"")]
    public void Every_form_of_include_finds_the_file(string statement)
    {
        Write("b.conf", "b = 1");
        Assert.Equal(1, Load("a.conf", statement).Get("b").GetInt());
    }

    [Fact]
    public void A_name_without_ending_is_json_and_conf_together_and_conf_wins()
    {
        Write("b.json", "{\"x\": 1, \"y\": 1}");
        Write("b.conf", "y = 2");
        var root = Load("a.conf", "include \"b\"");
        Assert.Equal((1, 2), (root.Get("x").GetInt(), root.Get("y").GetInt()));
    }

    [Fact]
    public void What_is_missing_is_empty_unless_required()
    {
        Assert.Empty(Load("a.conf", "include \"none.conf\", include file(\"none\"), include classpath(\"none\")").Fields);
        var error = Assert.Throws<HoconException>(() => Load("a.conf", "x = 1\n  include required(file(\"none.conf\"))"));
        Assert.Equal($"{Path.Combine(_directory, "a.conf")}:2:3: \"none.conf\" is required and was not found", error.Message);
    }

    [Fact]
    public void Fields_before_an_include_are_overridden_by_it_and_those_after_override_it()
    {
        Write("b.conf", "x = 2, y = 2, o { k = 2 }");
        var root = Load("a.conf", "x = 1, o { j = 1 }\ninclude \"b.conf\"\ny = 3");
        Assert.Equal("""{"x":2,"o":{"j":1,"k":2},"y":3}""", Compact(root));
    }

    [Fact]
    public void Paths_of_an_included_file_are_first_taken_below_the_include_then_from_the_root()
    {
        Write("b.conf", "own = 1, x = ${own}, y = ${outer}, z = ${shared}, list = [1], list += 2");
        var root = Load("a.conf", "outer = 5, shared = 6, p.q { shared = 7, include \"b.conf\" }");
        Assert.Equal((1, 5, 7), (root.Get("p.q.x").GetInt(), root.Get("p.q.y").GetInt(), root.Get("p.q.z").GetInt()));
        Assert.Equal("[1,2]", Compact(root.Get("p.q.list")));
    }

    [Fact]
    public void An_include_within_a_list_sees_its_own_fields()
    {
        Write("b.conf", "own = 1, x = ${own}");
        Assert.Equal("""[{"a":0,"own":1,"x":1}]""", Compact(Load("a.conf", "l = [ { a = 0, include \"b.conf\" } ]").Get("l")));
    }

    [Fact]
    public void A_file_that_includes_itself_is_refused()
    {
        Write("b.conf", "include \"a.conf\"");
        Assert.Contains("includes itself", Assert.Throws<HoconException>(() => Load("a.conf", "include \"b.conf\"")).Reason);
    }

    [Fact]
    public void An_error_in_an_included_file_names_that_file()
    {
        Write("b.conf", "x = 1\ny = = 2");
        Assert.StartsWith($"{Path.Combine(_directory, "b.conf")}:2:5: y: ", Assert.Throws<HoconException>(() => Load("a.conf", "include \"b.conf\"")).Message);
        Write("b.conf", "[1]");
        Assert.Contains("fields, not a list", Assert.Throws<HoconException>(() => Load("a.conf", "include \"b.conf\"")).Message);
    }

    [Fact]
    public void A_resolver_can_serve_texts_of_its_own_and_refuse()
    {
        var embedded = new HoconOptions { Includes = HoconIncludes.FilesAnd(name => name == "base.conf" ? "x = 1" : null) };
        Assert.Equal(1, HoconDocument.Parse("include classpath(\"base.conf\")", "t", embedded).Resolve().Get("x").GetInt());
        Assert.Equal(1, HoconDocument.Parse("include \"base\"", "t", embedded).Resolve().Get("x").GetInt());
        Assert.Contains("url(...) is not supported", Assert.Throws<HoconException>(() => HoconDocument.Parse("include url(\"http://x\")", "t", embedded)).Reason);
        var refused = new HoconOptions { Includes = HoconIncludes.Refused };
        Assert.Equal("t:1:1: \"x\": includes are not allowed here", Assert.Throws<HoconException>(() => HoconDocument.Parse("include \"x\"", "t", refused)).Message);
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_an_error_at_its_name()
    {
        Assert.Equal("nowhere.conf:1:1: there is no such file", Assert.Throws<HoconException>(() => HoconFile.Load("nowhere.conf")).Message);
        File.WriteAllBytes(Path.Combine(_directory, "latin.conf"), [(byte)'a', (byte)'=', 0xE9]);
        Assert.Contains("cannot be read", Assert.Throws<HoconException>(() => HoconFile.Load(Path.Combine(_directory, "latin.conf"))).Message);
    }

    private HoconObject Load(string name, string text)
    {
        Write(name, text);
        return HoconFile.Load(Path.Combine(_directory, name)).Resolve();
    }

    private void Write(string name, string text)
    {
        var path = Path.Combine(_directory, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    internal static string Compact(HoconValue value) => value switch
    {
        HoconObject fields => $"{{{string.Join(',', fields.Fields.Select(field => HoconPrinter.Quote(field.Key) + ":" + Compact(field.Value)))}}}",
        HoconArray items => $"[{string.Join(',', items.Select(Compact))}]",
        _ => HoconPrinter.ToPlain(value),
    };
}
