namespace Actors.Expressions.Tests;

public class AggregateSpecs
{
    private static AggregateSet Compile(string expression, params string[] groupFields)
    {
        Assert.True(
            AggregateSet.TryCompile([Expression.Parse(expression)], ExpressionScope.Open, new ExpressionScope { Fields = groupFields }, out var set, out var errors),
            string.Join("; ", errors));
        return set;
    }

    /// <summary>Adds the records one by one, each through stored bytes as a task does it.</summary>
    private static string Aggregate(string expression, params string[] records)
    {
        var row = Compile(expression).NewRow();
        var writer = new StateWriter();
        row.Reset();
        row.Write(writer);
        foreach (var record in records)
        {
            var state = writer.Written.ToArray();
            var reader = new StateReader(state);
            row.Read(ref reader);
            Assert.True(reader.AtEnd);
            row.Add(Evaluating.Record(record));
            writer.Clear();
            row.Write(writer);
        }
        var result = new Value[1];
        row.Results(new RecordContext(), result);
        return JsonText.ToJson(result[0]);
    }

    private static readonly string[] Some = ["""{"x":3}""", """{"x":null}""", """{"x":5}""", """{"x":3}"""];

    [Theory]
    [InlineData("COUNT(*)", "4")]
    [InlineData("COUNT(x)", "3")]
    [InlineData("SUM(x)", "11")]
    [InlineData("SUM(x * 0.5)", "5.5")]
    [InlineData("AVG(x)", "3.6666666666666665")]
    [InlineData("MIN(x)", "3")]
    [InlineData("MAX(x)", "5")]
    [InlineData("SUM(x) / COUNT(*)", "2")]
    [InlineData("CAST(SUM(x) AS DOUBLE) / COUNT(*)", "2.75")]
    [InlineData("SUM(missing)", "0")]
    [InlineData("AVG(missing)", "0.0")]
    [InlineData("MIN(missing)", "null")]
    [InlineData("LATEST_BY_OFFSET(x)", "3")]
    [InlineData("EARLIEST_BY_OFFSET(x, 2)", "[3,5]")]
    [InlineData("LATEST_BY_OFFSET(x, 3, false)", "[null,5,3]")]
    [InlineData("COLLECT_LIST(x)", "[3,null,5,3]")]
    [InlineData("COLLECT_SET(x)", "[3,null,5]")]
    [InlineData("TOPK(x, 2)", "[5,3]")]
    [InlineData("COUNT_DISTINCT(x)", "2")]
    [InlineData("MAX(CASE WHEN x > 3 THEN 'many' ELSE 'few' END)", "\"many\"")]
    public void Functions(string expression, string expected) => Assert.Equal(expected, Aggregate(expression, Some));

    [Fact]
    public void Count_distinct_stays_near_beyond_what_it_counts_exactly()
    {
        var row = Compile("COUNT_DISTINCT(x)").NewRow();
        row.Reset();
        var record = new RecordContext();
        for (var i = 0L; i < 50_000; i++)
        {
            record.Value = Value.Object(ValueObject.Of(("x", Value.Of($"user-{i % 20_000}"))));
            row.Add(record);
        }
        var result = new Value[1];
        row.Results(record, result);
        Assert.InRange(result[0].AsLong, 18_800, 21_200);
    }

    [Fact]
    public void Values_that_can_be_taken_out_are()
    {
        var row = Compile("SUM(x) + COUNT(*)").NewRow();
        row.Reset();
        row.Add(Evaluating.Record("""{"x":3}"""));
        row.Add(Evaluating.Record("""{"x":5}"""));
        row.Remove(Evaluating.Record("""{"x":3}"""));
        var result = new Value[1];
        row.Results(new RecordContext(), result);
        Assert.True(row.CanRemove);
        Assert.Equal(6, result[0].AsLong);
        Assert.False(Compile("MAX(x)").NewRow().CanRemove);
    }

    [Theory]
    [InlineData("COUNT(*) + brnd", 12, "unknown field brnd here: outside of an aggregate function only the grouping fields are known (brand)")]
    [InlineData("SUM(COUNT(*))", 5, "the aggregate function COUNT may stand only in an aggregate stage, and not inside another")]
    [InlineData("SUM(*)", 1, "SUM does not take *")]
    [InlineData("SUM('a')", 5, "argument 1 of SUM is a number, found a string")]
    [InlineData("TOPK(x)", 1, "TOPK takes 2 arguments, found 1")]
    [InlineData("TOPK(x, y)", 9, "argument 2 of TOPK is a constant, an integer")]
    [InlineData("TOPK(x, 0)", 9, "from 1 to 1000, found 0")]
    public void Wrong_aggregates_are_refused_with_their_place(string expression, int column, string reason)
    {
        Assert.False(AggregateSet.TryCompile([Expression.Parse(expression)], ExpressionScope.Open, new ExpressionScope { Fields = ["brand"] }, out _, out var errors));
        Assert.Equal([(0, new ExpressionError(column, reason))], errors);
    }

    [Fact]
    public void State_of_an_unknown_version_or_cut_short_is_refused()
    {
        var row = Compile("AVG(x)").NewRow();
        Assert.Throws<InvalidDataException>(() => { var reader = new StateReader([9, 0, 0]); row.Read(ref reader); });
        Assert.Throws<InvalidDataException>(() => { var reader = new StateReader([1, 0, 0]); row.Read(ref reader); });
    }
}
