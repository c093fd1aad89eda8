using Actors.Expressions.Compilation;

namespace Actors.Expressions.Tests;

/// <summary>The functions that users are promised are there, and the README's table has them all. With ACTORS_GOLDEN=write it is written anew.</summary>
public class FunctionTableSpecs
{
    private const string Begin = "<!-- functions, written by tests/Expressions.Tests with ACTORS_GOLDEN=write -->\n";
    private const string End = "<!-- end of functions -->\n";

    [Theory]
    [InlineData("UCASE LCASE SUBSTRING SPLIT TRIM LEN CONCAT REPLACE REGEXP_EXTRACT EXTRACTJSONFIELD ABS ROUND FLOOR CEIL COALESCE IFNULL STRINGTOTIMESTAMP TIMESTAMPTOSTRING UNIX_TIMESTAMP", false)]
    [InlineData("COUNT SUM AVG MIN MAX LATEST_BY_OFFSET EARLIEST_BY_OFFSET COLLECT_LIST COLLECT_SET TOPK COUNT_DISTINCT", true)]
    public void What_is_promised_is_there(string names, bool aggregates) =>
        Assert.Empty(names.Split(' ').Except(aggregates ? AggregateCatalog.Names : FunctionCatalog.Names));

    [Fact]
    public void The_READMEs_table_is_what_can_be_called()
    {
        var readme = Path.Combine(Root(), "README.md");
        var text = File.ReadAllText(readme);
        var from = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var to = text.IndexOf(End, StringComparison.Ordinal);
        Assert.True(from >= Begin.Length && to >= from, $"README.md has no lines {Begin.Trim()} and {End.Trim()}");
        var table = string.Concat(Table().Select(line => line + "\n"));
        if (Environment.GetEnvironmentVariable("ACTORS_GOLDEN") == "write")
            File.WriteAllText(readme, text[..from] + table + text[to..]);
        else
            Assert.True(text[from..to] == table, $"README.md should have between {Begin.Trim()} and {End.Trim()}:\n{table}");
    }

    private static IEnumerable<string> Table()
    {
        yield return "| functions | with what they take |";
        yield return "|---|---|";
        yield return $"| of text | {Calls(TextFunctions.All)} |";
        yield return $"| of numbers | {Calls(NumberFunctions.All)} |";
        yield return $"| of time | {Calls(TimeFunctions.All)} |";
        yield return $"| of nulls | {Calls(FunctionCatalog.NullFunctions)} |";
        yield return $"| aggregates | {string.Join(", ", AggregateCatalog.Names.Select(name => AggregateCatalog.Find(name)).Select(f => Call(f.Name, f.Parameters, f.Required, f.TakesStar ? " or *" : "")))} |";
    }

    private static string Calls(IEnumerable<ScalarFunction> functions) => string.Join(", ", functions.Select(f => Call(f.Name, f.Parameters, f.Required, f.Variadic ? ", …" : "")));

    /// <summary>What may be left out stands in brackets.</summary>
    private static string Call(string name, ExpressionType[] parameters, int required, string further)
    {
        var types = parameters.Select(type => type == ExpressionType.Unknown ? "any" : type.SqlName()).ToArray();
        var (needed, optional) = (string.Join(", ", types[..required]), string.Join(", ", types[required..]));
        return $"`{name}({needed}{(optional.Length == 0 ? "" : required == 0 ? $"[{optional}]" : $"[, {optional}]")}{further})`";
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Actors.sln"))) folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The solution's folder is not above the tests.");
        return folder;
    }
}
