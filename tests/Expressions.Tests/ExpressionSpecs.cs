namespace Actors.Expressions.Tests;

public class ExpressionSpecs
{
    private const string Commercial =
        """{"brand":"Acme","duration":45,"rating":4.5,"none":null,"yes":true,"no":false,"tags":["a","b",{"x":7}],"nested":{"a":{"b":[10,20]}},"text":"a \"q\" \u00e9\n"}""";

    [Theory]
    [InlineData("brand", "\"Acme\"")]
    [InlineData("`brand`", "\"Acme\"")]
    [InlineData("\"brand\"", "\"Acme\"")]
    [InlineData("absent", "null")]
    [InlineData("nested.a.b[0]", "10")]
    [InlineData("nested.a.b[-1]", "20")]
    [InlineData("nested->a->b[1]", "20")]
    [InlineData("nested.a.b[2]", "null")]
    [InlineData("nested['a'].b", "[10,20]")]
    [InlineData("tags[2].x", "7")]
    [InlineData("value.brand", "\"Acme\"")]
    [InlineData("text", "\"a \\\"q\\\" é\\n\"")]
    [InlineData("key", "\"k1\"")]
    [InlineData("ROWTIME", "1700000000123")]
    [InlineData("ROWPARTITION", "3")]
    [InlineData("ROWOFFSET", "42")]
    [InlineData("headers", "{}")]
    public void Names_reach_into_the_record(string expression, string expected) => Assert.Equal(expected, Evaluating.Json(expression, Commercial));

    [Theory]
    [InlineData("1 + 2 * 3", "7")]
    [InlineData("(1 + 2) * 3", "9")]
    [InlineData("7 / 2", "3")]
    [InlineData("-7 / 2", "-3")]
    [InlineData("-7 % 3", "-1")]
    [InlineData("7 % -3", "1")]
    [InlineData("7 / 2.0", "3.5")]
    [InlineData("4 / 2.0", "2.0")]
    [InlineData("1e3", "1000.0")]
    [InlineData("7 / 0", "null")]
    [InlineData("7 % 0", "null")]
    [InlineData("7.5 / 0", "null")]
    [InlineData("-duration", "-45")]
    [InlineData("duration + none", "null")]
    [InlineData("duration * 2 - 1", "89")]
    [InlineData("-9223372036854775808 / -1", "-9223372036854775808")]
    [InlineData("9223372036854775807 + 1", "-9223372036854775808")]
    [InlineData("brand + '!'", "\"Acme!\"")]
    [InlineData("brand + duration", "null")]
    public void Arithmetic_keeps_integers_and_gives_null_for_what_has_no_result(string expression, string expected) =>
        Assert.Equal(expected, Evaluating.Json(expression, Commercial));

    [Theory]
    [InlineData("duration = 45", "true")]
    [InlineData("duration = 45.0", "true")]
    [InlineData("duration <> 45", "false")]
    [InlineData("duration != 44", "true")]
    [InlineData("none = none", "false")]
    [InlineData("none <> 1", "false")]
    [InlineData("none > 1", "false")]
    [InlineData("NOT none > 1", "true")]
    [InlineData("brand > 'Abc'", "true")]
    [InlineData("brand > 5", "false")]
    [InlineData("rating BETWEEN 4 AND 5", "true")]
    [InlineData("rating NOT BETWEEN 4 AND 5", "false")]
    [InlineData("none BETWEEN 4 AND 5", "false")]
    [InlineData("none NOT BETWEEN 4 AND 5", "false")]
    [InlineData("brand IN ('Globex', 'Acme')", "true")]
    [InlineData("brand NOT IN ('Globex', 'Acme')", "false")]
    [InlineData("none IN (1, NULL)", "false")]
    [InlineData("none IS NULL", "true")]
    [InlineData("brand IS NOT NULL", "true")]
    [InlineData("none IS DISTINCT FROM 1", "true")]
    [InlineData("none IS NOT DISTINCT FROM absent", "true")]
    [InlineData("brand LIKE 'A%e'", "true")]
    [InlineData("brand LIKE 'A_e'", "false")]
    [InlineData("brand LIKE 'A__e'", "true")]
    [InlineData("'50%' LIKE '50!%' ESCAPE '!'", "true")]
    [InlineData("'50x' LIKE '50!%' ESCAPE '!'", "false")]
    [InlineData("'éa' LIKE '_a'", "true")]
    [InlineData("none LIKE '%'", "false")]
    [InlineData("tags = tags", "true")]
    public void Comparisons_with_null_are_false(string expression, string expected) => Assert.Equal(expected, Evaluating.Json(expression, Commercial));

    [Theory]
    [InlineData("yes AND no", "false")]
    [InlineData("yes OR no", "true")]
    [InlineData("none AND no", "false")]
    [InlineData("none AND yes", "null")]
    [InlineData("none OR yes", "true")]
    [InlineData("none OR no", "null")]
    [InlineData("NOT none", "null")]
    [InlineData("no OR yes AND no", "false")]
    [InlineData("NOT no AND yes", "true")]
    [InlineData("CASE WHEN rating > 4 THEN 'good' WHEN rating > 2 THEN 'fair' ELSE 'poor' END", "\"good\"")]
    [InlineData("CASE brand WHEN 'Globex' THEN 1 WHEN 'Acme' THEN 2 END", "2")]
    [InlineData("CASE WHEN no THEN 1 END", "null")]
    public void Logic_and_cases(string expression, string expected) => Assert.Equal(expected, Evaluating.Json(expression, Commercial));

    [Theory]
    [InlineData("CAST('12' AS BIGINT)", "12")]
    [InlineData("CAST('x' AS INT)", "null")]
    [InlineData("CAST(3.9 AS INTEGER)", "3")]
    [InlineData("CAST(-3.9 AS BIGINT)", "-3")]
    [InlineData("CAST(duration AS DOUBLE)", "45.0")]
    [InlineData("CAST(duration AS STRING)", "\"45\"")]
    [InlineData("CAST(2.0 AS VARCHAR)", "\"2.0\"")]
    [InlineData("CAST('TRUE' AS BOOLEAN)", "true")]
    [InlineData("CAST(none AS STRING)", "null")]
    [InlineData("CAST(1e300 AS BIGINT)", "null")]
    public void Casts_that_fail_are_null(string expression, string expected) => Assert.Equal(expected, Evaluating.Json(expression, Commercial));

    [Theory]
    [InlineData("1 +", 4, "expected a value, a field or a function, found the end of the expression")]
    [InlineData("rating >= >", 11, "expected a value, a field or a function, found \">\"")]
    [InlineData("rating == 1", 8, "equality is written = in SQL, not ==")]
    [InlineData("a && b", 3, "unexpected '&'; write AND")]
    [InlineData("'abc", 1, "the text that opens here with ' is not closed")]
    [InlineData("(a", 3, "expected \")\", found the end of the expression")]
    [InlineData("a b", 3, "expected an operator or the end, found \"b\"")]
    [InlineData("1 < 2 < 3", 7, "comparisons do not chain; join two with AND")]
    [InlineData("CAST(a AS FISH)", 11, "unknown type FISH; known are BOOLEAN, INTEGER, BIGINT, DOUBLE, STRING, BYTES")]
    [InlineData("99999999999999999999", 1, "99999999999999999999 is beyond a 64-bit integer")]
    [InlineData("x IN ()", 7, "expected a value, a field or a function, found \")\"")]
    [InlineData("", 1, "the expression is empty")]
    public void Bad_grammar_is_refused_with_its_place(string text, int column, string reason)
    {
        Assert.False(Expression.TryParse(text, out _, out var error));
        Assert.Equal(new ExpressionError(column, reason), error);
    }

    [Theory]
    [InlineData("UCAS(brand)", 1, "unknown function UCAS; did you mean UCASE?")]
    [InlineData("1 + LEN(UCASE(5))", 15, "argument 1 of UCASE is a string, found an integer")]
    [InlineData("SUBSTRING(brand)", 1, "SUBSTRING takes 2 to 3 arguments, found 1")]
    [InlineData("LEN()", 1, "LEN takes 1 argument, found 0")]
    [InlineData("'a' > 5", 5, "cannot compare a string with an integer")]
    [InlineData("'a' * 5", 5, "* takes numbers, found a string and an integer")]
    [InlineData("NOT 5", 5, "expected a boolean, found an integer")]
    [InlineData("COUNT(*) > 1", 1, "the aggregate function COUNT may stand only in an aggregate stage, and not inside another")]
    [InlineData("REGEXP_EXTRACT('(', brand)", 16, "not a regular expression: Invalid pattern '(' at offset 1. Not enough )'s.")]
    [InlineData("REGEXP_EXTRACT('(a)\\1', brand)", 16, "look-around, back references and atomic groups are not supported in a regular expression")]
    [InlineData("REGEXP_EXTRACT('a', brand, 2)", 28, "the pattern has no group 2")]
    [InlineData("STRINGTOTIMESTAMP(brand, 'yyyy-QQ')", 26, "the time pattern's QQ is not supported")]
    [InlineData("TIMESTAMPTOSTRING(1, 'yyyy', 'Mars/Phobos')", 30, "unknown time zone Mars/Phobos")]
    [InlineData("EXTRACTJSONFIELD(brand, 'a.b')", 25, "a.b is no JSON path: it begins with $")]
    public void Wrong_names_counts_and_types_are_refused_with_their_place(string text, int column, string reason) =>
        Assert.Equal([new ExpressionError(column, reason)], Expression.Parse(text).Check(ExpressionScope.Open));

    [Fact]
    public void All_errors_are_told()
    {
        var errors = Expression.Parse("FOO(1) + UCASE(2) > 'a' * 3").Check(ExpressionScope.Open);
        Assert.Equal([1, 16, 25], errors.Select(e => e.Column).Order());
    }

    [Fact]
    public void Known_fields_are_checked_and_a_near_one_is_named()
    {
        var scope = new ExpressionScope { Fields = ["brand", "rating"] };
        Assert.Equal([new ExpressionError(1, "unknown field ratng; did you mean rating?")], Expression.Parse("ratng > 1").Check(scope));
        Assert.Empty(Expression.Parse("rating > 1 AND brand = 'x'").Check(scope));
    }

    [Fact]
    public void A_text_has_no_fields()
    {
        var scope = new ExpressionScope { ValueType = ExpressionType.String };
        Assert.Equal([new ExpressionError(1, "the value is a string and has no field x; it is called value")], Expression.Parse("x = 1").Check(scope));
        Assert.Empty(Expression.Parse("value LIKE 'a%'").Check(scope));
    }

    [Fact]
    public void A_long_expression_is_refused_rather_than_overflowing_the_stack()
    {
        Assert.False(Expression.TryParse(string.Join(" + ", Enumerable.Repeat("1", 100_000)), out _, out var tooLong));
        Assert.Contains("longer than", tooLong.Reason);
        Assert.False(Expression.TryParse(new string('(', 1000) + "1" + new string(')', 1000), out _, out var tooDeep));
        Assert.Contains("nested deeper", tooDeep.Reason);
        Assert.Equal("1999", Evaluating.Json(string.Join(" + ", Enumerable.Repeat("1", 1999)), "{}"));
    }
}
