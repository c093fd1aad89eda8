using System.Globalization;
using System.Text;
using Xunit;

namespace Actors.Machines.Tests;

/// <summary>One command of a transcript: <c>&gt; verb word word key=value</c>.</summary>
internal sealed class TranscriptCommand
{
    private readonly Dictionary<string, string> _values = [];
    private readonly HashSet<string> _used = [];

    public TranscriptCommand(string line)
    {
        var parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Verb = parts[0];
        foreach (var part in parts.Skip(1))
            if (part.IndexOf('=') is > 0 and var at)
                _values.Add(part[..at], part[(at + 1)..]);
            else
                Words.Add(part);
    }

    public string Verb { get; }

    public List<string> Words { get; } = [];

    public IEnumerable<KeyValuePair<string, string>> Rest => _values.Where(pair => !_used.Contains(pair.Key));

    public string? Text(string key)
    {
        _used.Add(key);
        return _values.GetValueOrDefault(key);
    }

    public string Text(string key, string otherwise) => Text(key) ?? otherwise;

    public long Number(string key, long otherwise) => Text(key) is { } text ? long.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    public long NumberAt(int index) => long.Parse(Words[index], CultureInfo.InvariantCulture);

    public bool Has(string word) => Words.Contains(word);

    public string[] List(string key) => Text(key)?.Split(',', StringSplitOptions.RemoveEmptyEntries) ?? [];
}

/// <summary>
/// Golden transcripts: text files of commands (<c>&gt;</c>), what came of each (two spaces), comments (<c>#</c>) and empty lines.
/// With ACTORS_GOLDEN=write the outcomes are written anew; read the difference before it is committed.
/// </summary>
internal static class Transcript
{
    /// <summary>The test project's folder.</summary>
    public static readonly string Root = FindRoot();

    public static TheoryData<string> Names(string machine) =>
        new(Directory.GetFiles(Path.Combine(Root, machine), "*.txt").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal));

    public static void Check(string machine, string name, Func<TranscriptCommand, IEnumerable<string>> run)
    {
        var path = Path.Combine(Root, machine, name + ".txt");
        var expected = File.ReadAllText(path);
        var actual = new StringBuilder();
        foreach (var line in expected.Split('\n').SkipLast(1))
        {
            if (line.StartsWith("  ", StringComparison.Ordinal))
                continue;
            actual.Append(line).Append('\n');
            if (!line.StartsWith("> ", StringComparison.Ordinal))
                continue;
            foreach (var outcome in run(new TranscriptCommand(line[2..])))
                actual.Append("  ").Append(outcome.TrimEnd()).Append('\n');
        }
        if (Environment.GetEnvironmentVariable("ACTORS_GOLDEN") == "write")
            File.WriteAllText(path, actual.ToString());
        else
            Assert.Equal(expected, actual.ToString());
    }

    private static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
            if (directory.GetFiles("Actors.Machines.Tests.csproj").Length > 0)
                return directory.FullName;
        throw new DirectoryNotFoundException("The transcripts stand beside Actors.Machines.Tests.csproj, above the test's output.");
    }
}
