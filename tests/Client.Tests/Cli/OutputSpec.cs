using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Actors.Cli;
using Actors.Client.Tests.Fakes;

namespace Actors.Client.Tests.Cli;

/// <summary>What <c>actors</c> prints for programs and people beside Kafka's lines: JSON, progress, completion, help that teaches.</summary>
public sealed class OutputSpec : IAsyncDisposable
{
    private readonly FakeCluster _cluster = new();
    private readonly Shell _shell;

    public OutputSpec() => _shell = new Shell(_cluster);

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    private async Task<string> Done(string commandLine, string input = "")
    {
        var result = await _shell.RunAsync(commandLine, input);
        Assert.True(result.ExitCode == 0, $"{commandLine}: {result}");
        return result.Output;
    }

    [Fact]
    public async Task Lists_are_JSON_when_asked()
    {
        _cluster.AddTopic("t", 2).Configs["retention.ms"] = "1000";
        _cluster.Groups["g"].Offsets[new("t", 0)] = new(0);
        var topics = JsonDocument.Parse(await Done("topics list --output json")).RootElement;
        Assert.Equal(("t", 2), (topics[0].GetProperty("name").GetString(), topics[0].GetProperty("partitions").GetInt32()));
        var topic = JsonDocument.Parse(await Done("topics describe t --output json")).RootElement[0];
        Assert.Equal("1000", topic.GetProperty("configs").GetProperty("retention.ms").GetString());
        Assert.Equal(1, topic.GetProperty("partitions")[1].GetProperty("isr")[0].GetInt32());
        Assert.Equal("Empty", JsonDocument.Parse(await Done("groups list --output json")).RootElement[0].GetProperty("state").GetString());
        var offset = JsonDocument.Parse(await Done("groups describe --group g --output json")).RootElement[0].GetProperty("offsets")[0];
        Assert.Equal(("t", 0, 0, 0), (offset.GetProperty("topic").GetString(), offset.GetProperty("partition").GetInt32(), offset.GetProperty("current_offset").GetInt32(), offset.GetProperty("lag").GetInt32()));
        Assert.Equal("1000", JsonDocument.Parse(await Done("configs describe --topic t --output json")).RootElement[0].GetProperty("configs")[0].GetProperty("value").GetString());
        Assert.Contains("--output xml: table or json is meant", (await _shell.RunAsync("topics list --output xml")).Error);
    }

    [Theory]
    [InlineData("groups reset-offsets --group g --topic t", "one of --to-offset, --shift-by, ")]
    [InlineData("groups reset-offsets --group g --topic t:x --to-latest", "--topic t:x: partitions' numbers are meant after the colon, as in t:0,1")]
    [InlineData("groups reset-offsets --group g --topic t --to-datetime noon", "--to-datetime noon: YYYY-MM-DDThh:mm:ss.sss is meant")]
    [InlineData("groups reset-offsets --group g --topic t --by-duration 1h", "--by-duration 1h: PnDTnHnMnS is meant, as in PT1H30M")]
    [InlineData("groups describe", "--group is missing; or --all-groups")]
    [InlineData("configs alter --topic t", "At least one of --add-config")]
    [InlineData("configs describe", "At least one entity type must be specified")]
    [InlineData("topics alter t", "'--partitions' is required")]
    [InlineData("completion zsh", "bash is meant")]
    public async Task A_wrong_flag_is_named_with_what_is_meant(string commandLine, string message)
    {
        _cluster.AddTopic("t");
        var result = await _shell.RunAsync(commandLine);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_reset_without_execute_says_that_nothing_was_changed()
    {
        _cluster.AddTopic("t");
        var result = await _shell.RunAsync("groups reset-offsets --group g --topic t --to-latest");
        Assert.Equal((0, "Nothing was changed: --execute does it.\n"), (result.ExitCode, result.Error));
    }

    [Theory]
    [InlineData("topics create")]
    [InlineData("topics list")]
    [InlineData("topics describe")]
    [InlineData("topics alter")]
    [InlineData("topics delete")]
    [InlineData("produce")]
    [InlineData("consume")]
    [InlineData("groups list")]
    [InlineData("groups describe")]
    [InlineData("groups reset-offsets")]
    [InlineData("groups delete")]
    [InlineData("groups watch")]
    [InlineData("configs describe")]
    [InlineData("configs alter")]
    [InlineData("topologies list")]
    [InlineData("topologies deploy")]
    [InlineData("topologies delete")]
    [InlineData("topologies test")]
    [InlineData("cluster")]
    [InlineData("completion")]
    public async Task Help_ends_with_a_line_to_type(string command) => Assert.Contains($"Example:\n  ", (await Done($"{command} --help")).Replace("actors " + command, "actors"));

    [Fact]
    public void A_command_says_in_the_help_of_actors_what_its_own_help_says()
    {
        var terminal = new Terminal(Stream.Null, Stream.Null, TextWriter.Null, isInteractive: false);
        Assert.All(CommandEntry.All, entry => Assert.Equal((entry.Name, entry.Meaning), entry.Build(terminal) is var built ? (built.Name, built.Description) : default));
    }

    [Fact]
    public async Task A_command_is_found_behind_a_flag_and_in_a_file_of_words()
    {
        Assert.Contains("actors topics create [<name>] [options]", await Done("--help topics create"));
        var words = Path.GetTempFileName();
        try
        {
            File.WriteAllText(words, "topics\ncreate\n--help\n");
            Assert.Contains("actors topics create [<name>] [options]", await Done($"@{words}"));
        }
        finally
        {
            File.Delete(words);
        }
    }

    [Fact]
    public async Task Progress_is_told_on_a_terminals_standard_error_and_taken_away()
    {
        using var error = new StringWriter();
        var terminal = new Terminal(Stream.Null, Stream.Null, error, isInteractive: false, showsProgress: true);
        using (var progress = new Progress(terminal, "records written"))
        {
            var since = Stopwatch.StartNew();
            while (error.ToString().Length == 0 && since.Elapsed < TimeSpan.FromSeconds(20))
            {
                progress.At(1234567);
                await Task.Delay(20);
            }
        }
        Assert.Equal($"\r1,234,567 records written\r{new string(' ', 25)}\r", error.ToString());
    }

    [Theory]
    [InlineData("actors to", "topics topologies")]
    [InlineData("actors topics create --part", "--partitions")]
    [InlineData("actors produce --compression-codec ", "gzip lz4 none snappy zstd")]
    [InlineData("kafka-topics --re", "--replication-factor")]
    [InlineData("kafka-configs.sh --entity-type ", "brokers topics")]
    public async Task Bash_completes_commands_flags_and_values(string line, string words)
    {
        var folder = Directory.CreateTempSubdirectory("actors-completion-").FullName;
        try
        {
            foreach (var name in (string[])["actors", "kafka-topics", "kafka-configs.sh"]) File.CreateSymbolicLink(Path.Combine(folder, name), Path.Combine(AppContext.BaseDirectory, "Actors.Cli"));
            const string script = """
                PATH=$1:$PATH; source <(actors completion bash)
                COMP_LINE=$2 COMP_POINT=${#2} COMP_WORDS=($2); [[ $2 == *' ' ]] && COMP_WORDS+=(""); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
                _actors_complete; echo "${COMPREPLY[@]}"
                """;
            var start = new ProcessStartInfo("bash", ["-c", script, "bash", folder, line]) { RedirectStandardOutput = true, RedirectStandardError = true, StandardOutputEncoding = Encoding.UTF8 };
            using var bash = Process.Start(start)!;
            var (output, error) = (bash.StandardOutput.ReadToEndAsync(), bash.StandardError.ReadToEndAsync());
            await bash.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
            Assert.True(await output == $"{words}\n", $"{await output}{await error}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
