using System.Text;
using System.Text.RegularExpressions;
using Xunit;

namespace Actors.Node.Tests.Tools;

/// <summary>
/// A day with a Kafka tutorial: its lines as they stand, by the tools' own names, against a node. <c>tutorial.txt</c> holds what is typed after <c>$</c> (<c>></c> goes on with
/// it) and what Kafka 3.9 prints then, standard error included, to the last blank. The node is at <c>localhost:9092</c> and says 127.0.0.1:19092 of itself, <c>{id}</c> a topic's id, <c>{member}</c> a
/// member's, <c>{time}</c> the time of a line of the log.
/// </summary>
public sealed partial class TutorialSpec : IDisposable
{
    private readonly NodeUnderTest _node = NodeUnderTest.Start();
    private readonly string _folder = Directory.CreateTempSubdirectory("actors-tutorial-").FullName;

    public void Dispose()
    {
        _node.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void The_lines_of_a_tutorial_run_by_the_tools_own_names_and_print_what_Kafka_prints()
    {
        var steps = Steps(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Tools", "tutorial.txt")));
        Assert.True(steps.Count > 15, "the tutorial has lost its steps");
        foreach (var (typed, expected) in steps)
        {
            var printed = Printed(typed);
            Assert.True(Pattern(expected).IsMatch(printed), $"$ {typed}\n--- expected\n{Visible(expected)}\n--- printed\n{Visible(printed)}");
        }
    }

    /// <summary>The port that the node was given has five digits, as the tutorial's has, so that columns stay where they are.</summary>
    private string Printed(string typed)
    {
        var tools = Path.Combine(Path.GetDirectoryName(NodeUnderTest.Find("src/Cli", "Actors.Cli.dll"))!, "tools");
        var result = Tool.Run("bash", ["-c", $"export PATH={tools}:$PATH; export LC_ALL=C; cd {_folder}; exec 2>&1; {typed.Replace("localhost:9092", _node.Kafka)}"], seconds: 60);
        return result.Text.Replace(_node.Kafka, "127.0.0.1:19092");
    }

    private static List<(string Typed, string Expected)> Steps(string text)
    {
        var steps = new List<(string, string)>();
        foreach (var step in Regex.Split(text, @"^\$ ", RegexOptions.Multiline).Skip(1))
        {
            var lines = step.Split('\n').ToList();
            var more = lines.Skip(1).TakeWhile(line => line.StartsWith("> ", StringComparison.Ordinal)).ToList();
            steps.Add((string.Join('\n', [lines[0], .. more.Select(line => line[2..])]), string.Join('\n', lines.Skip(1 + more.Count))));
        }
        return steps;
    }

    private static Regex Pattern(string expected) => new("^" + Regex.Escape(expected)
        .Replace(@"\{id}", "[A-Za-z0-9_-]{22}")
        .Replace(@"\{member}", "console-consumer-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
        .Replace(@"\{time}", @"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2},[0-9]{3}") + @"\z");

    /// <summary>Blanks at ends and tabs are what columns are made of: they show.</summary>
    private static string Visible(string text) => TrailingBlanks().Replace(text.Replace("\t", "→"), blanks => new string('·', blanks.Length));

    [GeneratedRegex(" +$", RegexOptions.Multiline)]
    private static partial Regex TrailingBlanks();
}
