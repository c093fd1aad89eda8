using System.Text;
using System.Text.Json;
using Actors.Expressions.Syntax;
using FsCheck;
using FsCheck.Fluent;

namespace Actors.Expressions.Tests;

public class RoundTripProperties
{
    private static readonly string[] FieldNames = ["a", "rating", "odd name", "case", "key", "x`y", "Größe"];

    private static Gen<Node> Leaf => Gen.OneOf(
        Gen.Elements(FieldNames).Select(n => (Node)new FieldNode(0, n)),
        Gen.Elements(Enum.GetValues<RecordPart>()).Select(p => (Node)new PartNode(0, p)),
        Gen.Choose(-1000, 1000).Select(n => (Node)new LiteralNode(0, Value.Of((long)n))),
        Gen.Choose(-1000, 1000).Select(n => (Node)new LiteralNode(0, Value.Of(n / 7.0))),
        Gen.Elements("", "it's", "a\"b", "é").Select(t => (Node)new LiteralNode(0, Value.Of(t))),
        Gen.Elements(Value.Null, Value.True, Value.False).Select(v => (Node)new LiteralNode(0, v)));

    private static Gen<Node> Tree(int depth)
    {
        if (depth == 0) return Leaf;
        var sub = Tree(depth - 1);
        var bools = Gen.Elements(true, false);
        return Gen.OneOf(
            Leaf,
            from op in Gen.Elements(Enum.GetValues<BinaryOperator>()) from l in sub from r in sub select (Node)new BinaryNode(0, op, l, r),
            from x in sub select (Node)new NotNode(0, x),
            from x in sub select (Node)new NegateNode(0, x),
            from x in sub from n in Gen.Elements(FieldNames) select (Node)new MemberNode(0, x, n),
            from x in sub from i in sub select (Node)new IndexNode(0, x, i),
            from x in sub from l in sub from h in sub from n in bools select (Node)new BetweenNode(0, x, l, h, n),
            from x in sub from l in sub from h in sub from n in bools select (Node)new InNode(0, x, [l, h], n),
            from x in sub from p in sub from e in Gen.Elements<char?>(null, '!', '\'') from n in bools select (Node)new LikeNode(0, x, p, e, n),
            from x in sub from n in bools select (Node)new IsNullNode(0, x, n),
            from l in sub from r in sub from n in bools select (Node)new IsDistinctNode(0, l, r, n),
            from x in sub from w in sub from t in sub from withOperand in bools select (Node)new CaseNode(0, withOperand ? x : null, [(w, t)], withOperand ? null : x),
            from x in sub from t in Gen.Elements(ExpressionType.Long, ExpressionType.Double, ExpressionType.String, ExpressionType.Boolean) select (Node)new CastNode(0, x, t),
            from x in sub from y in sub select (Node)new CallNode(0, "COALESCE", [x, y], false),
            Gen.Constant((Node)new CallNode(0, "COUNT", [], true)));
    }

    [Fact]
    public void What_is_printed_reads_back_as_the_same_tree() =>
        Prop.ForAll(Tree(3).ToArbitrary(), tree =>
        {
            var printed = tree.Print();
            var read = Parser.Parse(printed);
            return (Shape(read) == Shape(tree)).Label($"printed {printed}; read back {Shape(read)}; was {Shape(tree)}");
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void Any_text_is_compiled_or_refused_and_what_is_compiled_runs_without_throwing()
    {
        string[] words =
        [
            "a", "x.y", "5", "2.5", "'t'", "NULL", "TRUE", "+", "-", "*", "/", "%", "(", ")", "[", "]", ",", "=", "<", "AND", "OR", "NOT", "LIKE", "IN", "BETWEEN", "CASE", "WHEN", "THEN", "END",
            "IS", "COUNT(*)", "SUBSTRING(", "SPLIT(", "ROUND(", "CONCAT(", "REGEXP_EXTRACT(", "STRINGTOTIMESTAMP(", "TIMESTAMPTOSTRING(", "EXTRACTJSONFIELD(", "value", "headers", "ROWTIME", "LEN(", "ABS(",
        ];
        var record = Evaluating.Record("""{"a":"text","x":{"y":[1,"b"]}}""");
        Prop.ForAll(Gen.Choose(1, 9).SelectMany(n => Gen.Elements(words).ArrayOf(n)).ToArbitrary(), chosen =>
        {
            var text = string.Join(" ", chosen);
            if (!Expression.TryParse(text, out var expression, out var error)) return error.Column >= 1 && error.Column <= text.Length + 1;
            if (!expression!.TryCompile(ExpressionScope.Open, out var evaluator, out var errors)) return errors.All(e => e.Column >= 1 && e.Column <= text.Length);
            JsonText.ToJson(evaluator(record));
            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));
    }

    [Fact]
    public void Functions_take_any_arguments_without_throwing()
    {
        var values = Json(1).ArrayOf(3);
        string[] calls =
        [
            "UCASE(a)", "LCASE(a)", "TRIM(a)", "LEN(a)", "SUBSTRING(a, b)", "SUBSTRING(a, b, c)", "SPLIT(a, b)", "CONCAT(a, b, c)", "REPLACE(a, b, c)", "REGEXP_EXTRACT(a, b, c)",
            "EXTRACTJSONFIELD(a, b)", "ABS(a)", "ROUND(a)", "ROUND(a, b)", "FLOOR(a)", "CEIL(a)", "STRINGTOTIMESTAMP(a, b, c)", "TIMESTAMPTOSTRING(a, b, c)", "TIMESTAMPTOSTRING(a, 'yyyy-MM-dd')",
            "CAST(a AS BIGINT)", "CAST(a AS DOUBLE)", "CAST(a AS BYTES)", "a + b", "a - b", "a * b", "a / b", "a % b", "a < b", "a = b", "a LIKE b", "a[b]", "a BETWEEN b AND c", "a IN (b, c)", "-a",
        ];
        var compiled = calls.Select(c => (Text: c, Run: Expression.Parse(c).Compile())).ToArray();
        Prop.ForAll(values.ToArbitrary(), arguments =>
        {
            var record = new RecordContext { Value = Value.Object(ValueObject.Of(("a", arguments[0]), ("b", arguments[1]), ("c", arguments[2]))) };
            foreach (var (_, run) in compiled) JsonText.ToJson(run(record));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    // A tree's shape with every nesting shown, independent of the printer's rules for parentheses.
    private static string Shape(Node node)
    {
        var own = node switch
        {
            LiteralNode l => JsonText.ToJson(l.Value) + l.Value.Kind,
            PartNode p => p.Part.ToString(),
            FieldNode f => $"field:{f.Name}",
            MemberNode m => $"member:{m.Name}",
            BinaryNode b => b.Operator.ToString(),
            BetweenNode b => $"between{b.Negated}",
            InNode i => $"in{i.Negated}",
            LikeNode l => $"like{l.Negated}{l.Escape}",
            IsNullNode i => $"isnull{i.Negated}",
            IsDistinctNode i => $"distinct{i.Negated}",
            CaseNode c => $"case{c.Operand is not null}{c.Else is not null}",
            CastNode c => $"cast{c.Target}",
            CallNode c => c.Name + c.Star,
            _ => node.GetType().Name,
        };
        return $"{own}({string.Join(",", node.Children.Select(Shape))})";
    }

    private static Gen<Value> Json(int depth)
    {
        var texts = Gen.Elements("", "x", "a\"\\\n\t\u0001", "é😀", "\u2028</script>");
        var leaf = Gen.OneOf(
            Gen.Elements(Value.Null, Value.True, Value.False),
            Gen.Elements(0L, -1L, long.MaxValue, long.MinValue, 42L).Select(Value.Of),
            Gen.Elements(0.5, 1.0, -1e-7, 1e300, 123456789.125, 1e16).Select(Value.Of),
            texts.Select(Value.Of));
        if (depth == 0) return leaf;
        return Gen.OneOf(
            leaf,
            Json(depth - 1).ArrayOf(3).Select(Value.Array),
            Json(depth - 1).ArrayOf(3).Select(v => Value.Object(ValueObject.Of([.. v.Select((x, i) => ($"f{i}\"é", x))]))));
    }

    [Fact]
    public void Json_written_reads_back_with_kinds_and_order_kept() =>
        Prop.ForAll(Json(3).ToArbitrary(), value =>
        {
            var text = JsonText.ToJson(value);
            using (JsonDocument.Parse(text)) { }
            Assert.True(JsonText.TryRead(text, out var read), text);
            return (read.Equals(value) && JsonText.ToJson(read) == text && Kinds(read) == Kinds(value)).Label(text);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    private static string Kinds(Value value) =>
        value.Kind + string.Concat(value.Elements().Select(Kinds)) + string.Concat(value.ObjectFields().Values.Select(Kinds));

    [Fact]
    public void State_written_reads_back() =>
        Prop.ForAll(Json(2).ToArbitrary(), value =>
        {
            var writer = new StateWriter();
            writer.Value(value);
            var reader = new StateReader(writer.Written);
            return reader.Value().Equals(value) && reader.AtEnd;
        }).Check(Config.QuickThrowOnFailure);

    [Theory]
    [InlineData("{")]
    [InlineData("{\"a\":1}x")]
    [InlineData("{\"a\":}")]
    [InlineData("")]
    [InlineData("nul")]
    [InlineData("[1,]")]
    public void What_is_no_json_is_refused(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Assert.False(new RecordContext().TrySetJson(bytes, 0, bytes.Length));
        Assert.False(JsonText.TryRead(text, out _));
    }

    [Fact]
    public void Text_may_hold_arbitrary_bytes_and_lone_surrogates_without_harm()
    {
        Assert.Equal("\uFFFDa", Value.LenientText([0xFF, (byte)'a'], 0, 2).AsString);
        Assert.Equal("\"\uFFFD\"", Evaluating.Json("a", """{"a":"\ud800"}"""));
        Assert.Equal("1", Evaluating.Json("a", """{"\u0061":1}"""));
        Assert.Equal("2", Evaluating.Json("a", """{"a":1,"a":2}"""));
        Assert.Equal("""{"b":[1,2.50,"x"]}""", Evaluating.Json("a", """{"a": { "b" : [1, 2.50, "x"] } }"""));
    }
}
