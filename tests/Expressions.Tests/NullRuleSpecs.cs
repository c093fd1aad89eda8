namespace Actors.Expressions.Tests;

/// <summary>ksqlDB's null rules: a scalar function of a null is null, whichever argument it is; three functions are about nulls; aggregates leave nulls out.</summary>
public class NullRuleSpecs
{
    public static TheoryData<string, string[]> Functions => new()
    {
        { "UCASE", ["'a'"] },
        { "LCASE", ["'A'"] },
        { "TRIM", ["' a '"] },
        { "LEN", ["'a'"] },
        { "SUBSTRING", ["'stream'", "2"] },
        { "SUBSTRING", ["'stream'", "2", "3"] },
        { "SPLIT", ["'a,b'", "','"] },
        { "REPLACE", ["'abc'", "'b'", "'x'"] },
        { "REGEXP_EXTRACT", ["'[a-z]'", "'1a'"] },
        { "REGEXP_EXTRACT", ["'([a-z])'", "'1a'", "1"] },
        { "EXTRACTJSONFIELD", ["'{\"a\":1}'", "'$.a'"] },
        { "ABS", ["-1"] },
        { "ROUND", ["1.5"] },
        { "ROUND", ["1.25", "1"] },
        { "FLOOR", ["1.5"] },
        { "CEIL", ["1.5"] },
        { "STRINGTOTIMESTAMP", ["'2024'", "'yyyy'"] },
        { "STRINGTOTIMESTAMP", ["'2024'", "'yyyy'", "'UTC'"] },
        { "TIMESTAMPTOSTRING", ["0", "'yyyy'"] },
        { "TIMESTAMPTOSTRING", ["0", "'yyyy'", "'UTC'"] },
        { "UNIX_TIMESTAMP", ["0"] },
    };

    [Theory]
    [MemberData(nameof(Functions))]
    public void A_null_argument_gives_null(string function, string[] arguments)
    {
        Assert.NotEqual("null", Evaluating.Json($"{function}({string.Join(", ", arguments)})", "{}"));
        for (var i = 0; i < arguments.Length; i++)
            foreach (var nothing in new[] { "NULL", "missing", "CAST(missing AS STRING)" })
            {
                // A constant type that the parameter cannot have is refused before any record.
                if (nothing.StartsWith("CAST", StringComparison.Ordinal) && !arguments[i].StartsWith('\'')) continue;
                var call = $"{function}({string.Join(", ", arguments.Select((a, at) => at == i ? nothing : a))})";
                Assert.True(Evaluating.Json(call, "{}") == "null", $"{call} is {Evaluating.Json(call, "{}")}");
            }
    }

    [Theory]
    [InlineData("COALESCE(NULL, missing, 'a', 'b')", "\"a\"")]
    [InlineData("COALESCE(missing)", "null")]
    [InlineData("IFNULL(missing, 1)", "1")]
    [InlineData("IFNULL(2, missing)", "2")]
    [InlineData("IFNULL(missing, missing)", "null")]
    [InlineData("CONCAT('a', missing, 'b')", "\"ab\"")]
    [InlineData("CONCAT(missing, NULL)", "\"\"")]
    public void Some_functions_are_about_nulls(string call, string expected) => Assert.Equal(expected, Evaluating.Json(call, "{}"));

    [Theory]
    [InlineData("COUNT(*)", "2")]
    [InlineData("COUNT(x)", "0")]
    [InlineData("SUM(x)", "0")]
    [InlineData("AVG(x)", "0.0")]
    [InlineData("MIN(x)", "null")]
    [InlineData("MAX(x)", "null")]
    [InlineData("LATEST_BY_OFFSET(x)", "null")]
    [InlineData("EARLIEST_BY_OFFSET(x)", "null")]
    [InlineData("LATEST_BY_OFFSET(x, 2)", "[]")]
    [InlineData("EARLIEST_BY_OFFSET(x, false)", "null")]
    [InlineData("EARLIEST_BY_OFFSET(x, 2, false)", "[null,null]")]
    [InlineData("COLLECT_LIST(x)", "[null,null]")]
    [InlineData("COLLECT_SET(x)", "[null]")]
    [InlineData("TOPK(x, 3)", "[]")]
    [InlineData("COUNT_DISTINCT(x)", "0")]
    public void An_aggregate_of_nulls_alone(string call, string expected)
    {
        Assert.True(AggregateSet.TryCompile([Expression.Parse(call)], ExpressionScope.Open, new ExpressionScope { Fields = [] }, out var set, out var errors), string.Join("; ", errors));
        var row = set.NewRow();
        row.Reset();
        row.Add(Evaluating.Record("""{"x":null}"""));
        row.Add(Evaluating.Record("{}"));
        var result = new Value[1];
        row.Results(new RecordContext(), result);
        Assert.Equal(expected, JsonText.ToJson(result[0]));
    }

    [Theory]
    [InlineData("ROUND(9223372036854775807, -1)", "null")]
    [InlineData("ROUND(-9223372036854775807, -1)", "null")]
    [InlineData("ROUND(9223372036854775804, -1)", "9223372036854775800")]
    [InlineData("ROUND(922337203685477580, -18)", "1000000000000000000")]
    public void A_result_that_no_integer_holds_is_null(string call, string expected) => Assert.Equal(expected, Evaluating.Json(call, "{}"));
}
