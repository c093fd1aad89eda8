namespace Actors.Hocon.Tests;

/// <summary>The specification's own examples of substitution, and what follows from them.</summary>
public sealed class Substitutions
{
    [Theory]
    [InlineData("a = 1, b = ${a}", """{"a":1,"b":1}""")]
    [InlineData("b = ${a}, a = 1", """{"b":1,"a":1}""")]
    [InlineData("a = ${?none}", "{}")]
    [InlineData("a = 1, a = ${?none}", """{"a":1}""")]
    [InlineData("a = ${?none}5", """{"a":5}""")]
    [InlineData("a = null, b = ${a}", """{"a":null,"b":null}""")]
    [InlineData("a = null, b = x${a}", """{"a":null,"b":"xnull"}""")]
    [InlineData("path = \"a:b\", path = ${path}\":c\"", """{"path":"a:b:c"}""")]
    [InlineData("path = [a], path = ${path} [b]", """{"path":["a","b"]}""")]
    [InlineData("path = [a], path = ${path} [${path}]", """{"path":["a",["a"]]}""")]
    [InlineData("bar : { foo : 42, baz : ${bar.foo} }", """{"bar":{"foo":42,"baz":42}}""")]
    [InlineData("bar : { foo : 42, baz : ${bar.foo} }, bar : { foo : 43 }", """{"bar":{"foo":43,"baz":43}}""")]
    [InlineData("bar : { a : ${foo.d}, b : 1 }, bar.b = 3, foo : { c : ${bar.b}, d : 2 }, foo.d = 4", """{"bar":{"a":4,"b":3},"foo":{"c":3,"d":4}}""")]
    [InlineData("foo : { a : { c : 1 } }, foo : ${foo.a}, foo : { a : 2 }", """{"foo":{"a":2,"c":1}}""")]
    [InlineData("a = 1, b = 2, a = ${b}, b = ${a}", """{"a":1,"b":2}""")]
    [InlineData("data-center-generic = { cluster-size = 6 }, data-center-east = ${data-center-generic}, data-center-east = { name = \"east\" }",
        """{"data-center-generic":{"cluster-size":6},"data-center-east":{"cluster-size":6,"name":"east"}}""")]
    [InlineData("base = { x = 1, y = 1 }, a = ${base} { y = 2, z = 3 }", """{"base":{"x":1,"y":1},"a":{"x":1,"y":2,"z":3}}""")]
    [InlineData("a : { c : ${b.x.d}, d : 2 }, b.x = ${a}", """{"a":{"c":2,"d":2},"b":{"x":{"c":2,"d":2}}}""")]
    [InlineData("a : { b : ${c} }, c : ${a}, c : { b : 5 }", """{"a":{"b":{"b":5}},"c":{"b":5}}""")]
    [InlineData("c = { x = [0] }, c = ${d}, c = { x = ${c.x}[1] }, d = { y = 1 }", """{"c":{"x":[0,1],"y":1},"d":{"y":1}}""")]
    [InlineData("l = [ { a = [1], a += 2 }, { b += 3 } ]", """{"l":[{"a":[1,2]},{"b":[3]}]}""")]
    [InlineData("a = ${?a}, b = [1, ${?b}]", """{"b":[1]}""")]
    [InlineData("a : { b : ${?a}, c = 1 }", """{"a":{"c":1}}""")]
    public void Resolves_to(string text, string expected) => Assert.Equal(expected, Includes.Compact(HoconDocument.Parse(text, "t").Resolve()));

    [Theory]
    [InlineData("a = ${a}", "t:1:5: a: ${a} refers to itself")]
    [InlineData("a = ${b}, b = ${c}, c = ${a}", "refers to itself")]
    [InlineData("a : { b : ${a} }", "contains itself")]
    [InlineData("a : [ ${a} ]", "contains itself")]
    [InlineData("a = 1\nb.c = [ 1, x${d.\"e f\"} ]", "t:2:13: b.c[1]: ${d.\"e f\"} is not defined")]
    [InlineData("a = [1], b = x${a}", "t:1:14: b: a list cannot be joined with text")]
    [InlineData("a = [1], b = {x = 1} ${a}", "cannot be joined")]
    [InlineData("a = 5, b = ${a} [1]", "cannot be joined with text")]
    [InlineData("a = [1] 5", "stand side by side")]
    public void Fails_with(string text, string message) =>
        Assert.Contains(message, Assert.Throws<HoconException>(() => HoconDocument.Parse(text, "t").Resolve()).Message);

    [Fact]
    public void The_environment_is_asked_for_what_the_configuration_lacks()
    {
        var environment = new Dictionary<string, string> { ["HOME"] = "/var/x", ["PORT"] = "9092", ["a"] = "no", ["EMPTY"] = "", ["L_0"] = "x", ["L_1"] = "y", ["L_3"] = "z", ["a.b"] = "dotted" };
        var root = HoconDocument.Parse("a = 1, b = ${a}, home = ${HOME}/data, port = 1, port = ${?PORT}, e = ${EMPTY}, none = ${?NONE}, l = ${L[]}, m = ${?M[]}, d = ${a.b}", "t").Resolve(environment);
        Assert.Equal("""{"a":1,"b":1,"home":"/var/x/data","port":"9092","e":"","l":["x","y"],"d":"dotted"}""", Includes.Compact(root));
        Assert.Equal(9092, root.Get("port").GetInt(1, 65535));
        Assert.Contains("not defined", Assert.Throws<HoconException>(() => HoconDocument.Parse("x = ${HOME}", "t").Resolve()).Message);
    }

    [Fact]
    public void A_value_in_the_configuration_that_looks_back_to_nothing_is_asked_of_the_environment() =>
        Assert.Equal("/bin:/opt", HoconDocument.Parse("PATH = ${PATH}\":/opt\"", "t").Resolve(name => name == "PATH" ? "/bin" : null).Get("PATH").GetString());

    [Fact]
    public void A_bad_environment_value_is_reported_at_the_substitution()
    {
        var root = HoconDocument.Parse("actors {\n  node-id = ${?ACTORS_NODE_ID}\n}", "cluster.conf").Resolve(_ => "one");
        Assert.Equal("cluster.conf:2:13: actors.node-id: \"one\" is not a whole number", Assert.Throws<HoconException>(() => root.Get("actors.node-id").GetInt()).Message);
    }

    [Fact]
    public void Documents_merge_with_fallbacks_and_substitutions_see_the_whole()
    {
        var defaults = HoconDocument.Parse("a { x = 1, y = ${a.x}, l = [1] }, plain = 1, o { k = 1 }", "reference.conf");
        var file = HoconDocument.Parse("a { x = 2, l += 2 }, plain { k = 2 }, o = 5, o { j = 6 }", "file.conf");
        var flags = HoconDocument.Parse("a.x = 3", "flags");
        Assert.Equal("""{"a":{"x":3,"y":3,"l":[1,2]},"plain":{"k":2},"o":{"j":6}}""", Includes.Compact(flags.WithFallback(file).WithFallback(defaults).Resolve()));
    }

    [Fact]
    public void A_merged_object_keeps_the_order_in_which_keys_first_appeared()
    {
        var root = HoconDocument.Parse("z = 1, y = 2, x = 3, y = 4, list = [ {b = 1, a = 2} ]", "t").Resolve();
        Assert.Equal(["z", "y", "x", "list"], root.Fields.Select(field => field.Key));
        Assert.Equal(["b", "a"], root.Get("list").GetList()[0].GetObject().Fields.Select(field => field.Key));
    }

    [Fact]
    public void A_long_list_built_by_appending_resolves()
    {
        var text = string.Join('\n', Enumerable.Range(0, 20_000).Select(i => $"a += {i}"));
        Assert.Equal(20_000, HoconDocument.Parse(text, "t").Resolve().Get("a").GetList().Count);
    }

    [Fact]
    public void Objects_with_numbers_for_keys_are_lists_where_a_list_is_wanted()
    {
        var root = HoconDocument.Parse("a { 10 : c, 2 : b, 0 : a, x : y }, b = [z] ${a}, e {}", "t").Resolve();
        Assert.Equal(["a", "b", "c"], root.Get("a").GetList().Select(item => item.GetString()));
        Assert.Equal("""["z","a","b","c"]""", Includes.Compact(root.Get("b")));
        Assert.Equal(["b[0]", "b[1]", "b[2]", "b[3]"], HoconDocument.Parse("a = [2, 3], b = [0, 1] ${a}", "t").Resolve().Get("b").GetList().Select(item => item.Path));
        Assert.Equal("t:1:52: e: an object is not a list", Assert.Throws<HoconException>(() => root.Get("e").GetList()).Message);
    }
}
