using Actors.Broker.Apis;
using Actors.Machines;
using Xunit;

namespace Actors.Broker.Tests.Admin;

/// <summary>The README's tables of APIs and of configurations are those of the code. With ACTORS_GOLDEN=write they are written anew.</summary>
public class ReadmeSpec
{
    private const int Columns = 4;

    private static readonly string Readme = Path.Combine(Root(), "README.md");

    [Fact]
    public void The_table_of_APIs_is_what_is_advertised() => Check("apis", Apis());

    [Fact]
    public void The_table_of_configurations_says_which_have_an_effect() => Check("configurations", Configurations());

    private static void Check(string name, IEnumerable<string> lines)
    {
        var (begin, end) = ($"<!-- {name}, written by tests/Broker.Tests with ACTORS_GOLDEN=write -->\n", $"<!-- end of {name} -->\n");
        var text = File.ReadAllText(Readme);
        var from = text.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        var to = text.IndexOf(end, StringComparison.Ordinal);
        Assert.True(from >= begin.Length && to >= from, $"README.md has no lines {begin.Trim()} and {end.Trim()}");
        var table = string.Concat(lines.Select(line => line + "\n"));
        if (Environment.GetEnvironmentVariable("ACTORS_GOLDEN") == "write")
            File.WriteAllText(Readme, text[..from] + table + text[to..]);
        else
            Assert.True(text[from..to] == table, $"README.md should have between {begin.Trim()} and {end.Trim()}:\n{table}");
    }

    private static IEnumerable<string> Apis()
    {
        yield return string.Concat(Enumerable.Repeat("| API | versions ", Columns)) + "|";
        yield return string.Concat(Enumerable.Repeat("|---|---", Columns)) + "|";
        foreach (var row in new ApiTable().All.Select(api => $"{(short)api.Key} {api.Key} | {api.MinVersion}{(api.MaxVersion > api.MinVersion ? $"–{api.MaxVersion}" : "")}").Chunk(Columns))
            yield return $"| {string.Join(" | ", row.Concat(Enumerable.Repeat(" | ", Columns - row.Length)))} |";
    }

    private static IEnumerable<string> Configurations()
    {
        var (topics, brokers) = (ConfigurationTable.Topic.Entries, ConfigurationTable.Broker.Entries);
        yield return "| configurations | names |";
        yield return "|---|---|";
        yield return $"| of topics, in effect as soon as they change | {Names(topics, ConfigurationEffect.Now)} |";
        yield return $"| of topics, in effect once logs are compacted (see Not yet) | {Names(topics, ConfigurationEffect.Compaction)} |";
        yield return $"| of topics, kept and shown without effect | {Names(topics, ConfigurationEffect.None)} |";
        yield return $"| of brokers, defaults of topics, in effect as soon as they change | {Names(brokers, ConfigurationEffect.Now)} |";
        yield return $"| of brokers, told as the node was started | {Names(brokers, ConfigurationEffect.Start)} |";
        yield return $"| of brokers, kept where Kafka lets them change, and shown, without effect | the other {brokers.Count(entry => entry.Effect is ConfigurationEffect.None or ConfigurationEffect.Compaction)} of Kafka 3.9 |";
        yield return $"| of groups, kept and shown without effect | {Names(ConfigurationTable.Group.Entries, ConfigurationEffect.None)} |";
    }

    private static string Names(IEnumerable<ConfigurationDefinition> entries, ConfigurationEffect effect) =>
        string.Join(", ", entries.Where(entry => entry.Effect == effect).Select(entry => $"`{entry.Name}`"));

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Actors.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The solution's folder is not above the tests.");
        return folder;
    }
}
