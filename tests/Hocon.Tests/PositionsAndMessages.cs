namespace Actors.Hocon.Tests;

public sealed class PositionsAndMessages
{
    private const string Text = """
        # a comment
        actors {
          kafka = "127.0.0.1:9092"   // trailing
          broker { max-connections = 100
            "quoted key" : [ 1, two,
              ${x} ] }
          data += one
        }
        x = 5
        """;

    [Theory]
    [InlineData("actors", 2, 8)]
    [InlineData("actors.kafka", 3, 11)]
    [InlineData("actors.broker", 4, 10)]
    [InlineData("actors.broker.max-connections", 4, 30)]
    [InlineData("actors.broker.\"quoted key\"", 5, 20)]
    [InlineData("x", 9, 5)]
    public void Every_value_knows_where_it_stands(string path, int line, int column)
    {
        var value = HoconDocument.Parse(Text, "f.conf").Resolve().Get(path);
        Assert.Equal(new HoconPosition("f.conf", line, column), value.Position);
        Assert.Equal(path, value.Path);
    }

    [Fact]
    public void Every_key_and_every_element_knows_where_it_stands()
    {
        var broker = HoconDocument.Parse(Text, "f.conf").Resolve().Get("actors.broker").GetObject();
        Assert.Equal([(4, 12), (5, 5)], broker.Fields.Select(field => (field.KeyPosition.Line, field.KeyPosition.Column)));
        var items = broker.Get("\"quoted key\"").GetList();
        Assert.Equal([(5, 22), (5, 25), (9, 5)], items.Select(item => (item.Position.Line, item.Position.Column)));
        Assert.Equal("actors.broker.\"quoted key\"[1]", items[1].Path);
    }

    [Fact]
    public void Keys_of_a_path_have_positions_of_their_own()
    {
        var root = HoconDocument.Parse("  a.bb.c = 1\r\n\td = 2", "f").Resolve();
        Assert.Equal(new HoconPosition("f", 1, 3), root.Fields[0].KeyPosition);
        Assert.Equal(new HoconPosition("f", 1, 5), root.Get("a").GetObject().Fields[0].KeyPosition);
        Assert.Equal(new HoconPosition("f", 2, 6), root.Get("d").Position);
    }

    [Theory]
    [InlineData("a = 1\nb = [1, 2", "f:2:5: the list is not closed")]
    [InlineData("a {\n b = 1", "f:1:3: the object is not closed")]
    [InlineData("a = \"x\ny\"", "f:1:7: the string is not closed on its line; a newline is written \\n, or in triple quotes")]
    [InlineData("a = \"\"\"x", "f:1:5: the string in triple quotes is not closed")]
    [InlineData("a = \"\\x\"", "f:1:7: 'x' after a backslash means nothing; a backslash is written \\\\")]
    [InlineData("a : b : c", "f:1:7: a: ':' is not allowed in a value; put the text in quotes")]
    [InlineData("a = }", "f:1:5: a: a value is expected, '}' was found")]
    [InlineData("a b\nc = 1", "f:2:1: \"a b\": ':', '=' or '{' is expected after the key, 'c' was found")]
    [InlineData("a..b = 1", "f:1:3: a path has an empty key between its dots; an empty key is written \"\"")]
    [InlineData("a = [1,,2]", "f:1:8: a comma without an element before it")]
    [InlineData("a = {} }", "f:1:8: a comma, a newline is expected, '}' was found")]
    [InlineData("a = $x", "f:1:5: '$' is reserved for ${...}; put the text in quotes")]
    [InlineData("a = ${x", "f:1:8: '}' is expected at the end of a substitution, the end of the file was found")]
    [InlineData("{ a = 1 } b", "f:1:11: 'b' after the end of the document")]
    [InlineData("= 1", "f:1:1: a key is expected, '=' was found")]
    public void Messages_say_file_line_column_key_and_reason(string text, string message) =>
        Assert.Equal(message, Assert.Throws<HoconException>(() => HoconDocument.Parse(text, "f").Resolve()).Message);

    [Fact]
    public void An_error_can_show_its_line()
    {
        var error = Assert.Throws<HoconException>(() => HoconDocument.Parse("a = 1\n\tport = many\r\n", "f").Resolve().Get("port").GetInt(1, 9));
        Assert.Equal("f:2:9: port: \"many\" is not a whole number", error.Message);
        Assert.Equal("f:2:9: port: \"many\" is not a whole number\n     port = many\n            ^", error.Explain());
        Assert.Equal(("port", "\"many\" is not a whole number", "\tport = many"), (error.Path, error.Reason, error.Position.SourceLine));
    }

    [Fact]
    public void Several_errors_stand_a_line_each_before_the_lines_of_text_they_are_about()
    {
        var section = new HoconSection(HoconDocument.Parse("port = many\nhots = x", "f").Resolve(), new HoconErrors());
        section.Int("port", 1, 9);
        section.Errors.Add(new HoconError(new HoconPosition("command line", 1, 1), "--kafka", "is none"));
        section.Done();
        var error = Assert.Throws<HoconException>(section.Errors.ThrowIfAny);
        Assert.Equal(3, error.Message.Split('\n').Length);
        Assert.Equal($"{error.Message}\n    port = many\n           ^\n    hots = x\n    ^", error.Explain());
    }

    [Fact]
    public void Of_a_long_line_the_part_around_the_place_is_shown_and_a_password_never()
    {
        var far = Parse($"a = \"{new string('x', 500)}\", port = many, b = \"{new string('y', 500)}\"").Explain().Split('\n');
        Assert.Contains("port = many", far[1]);
        Assert.InRange(far[1].Length, 150, 204);
        Assert.Equal('m', far[1][far[2].IndexOf('^')]);
        var secret = Parse("c = \"Host=db;Password=secret\", port = many");
        Assert.Equal(secret.Message, secret.Explain());

        static HoconException Parse(string line) => Assert.Throws<HoconException>(() => HoconDocument.Parse(line, "f").Resolve().Get("port").GetInt(1, 9));
    }

    [Fact]
    public void A_missing_key_is_named_at_the_object_that_lacks_it()
    {
        var root = HoconDocument.Parse("actors {\n}", "f").Resolve();
        Assert.Equal("f:1:8: actors.kafka: is missing", Assert.Throws<HoconException>(() => root.Get("actors").GetObject().Get("kafka")).Message);
    }

    [Fact]
    public void A_message_stays_on_one_line() =>
        Assert.DoesNotContain('\n', Assert.Throws<HoconException>(() => HoconDocument.Parse("\"a\\nb\" 5", "f\nx").Resolve()).Message);

    [Fact]
    public void Paths_print_and_read_back()
    {
        Assert.Equal(["a", "b.c", "", "d e"], HoconPath.Parse("a.\"b.c\".\"\".d e"));
        Assert.Equal("a.\"b.c\".\"\".\"d e\"", HoconPath.Print(["a", "b.c", "", "d e"]));
        Assert.Throws<HoconException>(() => HoconPath.Parse("a:b"));
        Assert.Throws<HoconException>(() => HoconPath.Parse(""));
    }
}
