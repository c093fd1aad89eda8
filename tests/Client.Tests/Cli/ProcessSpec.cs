using System.Diagnostics;
using Actors.Client.Tests.Fakes;

namespace Actors.Client.Tests.Cli;

/// <summary>The program as a process: exit codes, streams and signals.</summary>
public sealed class ProcessSpec : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly FakeCluster _cluster = new();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    private static Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Actors.Cli")) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    private static async Task<(int ExitCode, string Output, string Error)> EndAsync(Process process)
    {
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(Patience);
        return (process.ExitCode, await output, await error);
    }

    [Fact]
    public async Task A_wrong_command_line_ends_with_2_and_a_missing_node_with_1()
    {
        using var wrong = Start("topics", "crate");
        var (code, output, error) = await EndAsync(wrong);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains("'crate'", error);
        using var lonely = Start("topics", "list", "--bootstrap-server", "127.0.0.1:1");
        (code, output, error) = await EndAsync(lonely);
        Assert.Equal((1, ""), (code, output));
        Assert.Contains("127.0.0.1:1", error);
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_signal_ends_consume_with_its_count(string signal)
    {
        _cluster.AddTopic("t");
        var servers = $"127.0.0.1:{_cluster.Listen()}";
        using var producing = Start("produce", "--topic", "t", "--bootstrap-server", servers);
        await producing.StandardInput.WriteAsync("one\ntwo\n");
        producing.StandardInput.Close();
        Assert.Equal((0, "", ""), await EndAsync(producing));
        using var consuming = Start("consume", "--topic", "t", "--from-beginning", "--bootstrap-server", servers);
        Assert.Equal("one", await consuming.StandardOutput.ReadLineAsync().WaitAsync(Patience));
        Assert.Equal("two", await consuming.StandardOutput.ReadLineAsync().WaitAsync(Patience));
        using (var kill = Process.Start("kill", [$"-{signal}", $"{consuming.Id}"])) await kill.WaitForExitAsync();
        Assert.Equal((0, "", "Processed a total of 2 messages\n"), await EndAsync(consuming));
    }
}
