using System.Text;
using Actors.Cli;
using Actors.Client.Tests.Fakes;

namespace Actors.Client.Tests.Cli;

/// <summary>Runs command lines against a fake cluster and keeps what they print.</summary>
internal sealed class Shell(FakeCluster cluster, Func<HttpMessageHandler>? http = null)
{
    public sealed record Result(int ExitCode, string Output, string Error)
    {
        public override string ToString() => $"exit code {ExitCode}\n--- output\n{Output}--- error\n{Error}";
    }

    public Task<Result> RunAsync(string commandLine, string input = "", CancellationToken cancellation = default) =>
        RunAsync(Split(commandLine), Encoding.UTF8.GetBytes(input), cancellation);

    public async Task<Result> RunAsync(string[] arguments, byte[] input, CancellationToken cancellation = default)
    {
        using var output = new MemoryStream();
        using var error = new StringWriter { NewLine = "\n" };
        var terminal = new Terminal(new MemoryStream(input), output, error, isInteractive: false, cluster.ConnectAsync, http);
        if (arguments[0].StartsWith("kafka-", StringComparison.Ordinal))
        {
            var exit = await CommandLine.RunAsync(StartedAs.BaseName(arguments[0]), [.. arguments[1..]], terminal, cancellation);
            return new Result(exit, Encoding.UTF8.GetString(output.ToArray()), error.ToString());
        }
        string[] servers = arguments is ["groups", "watch", ..] ? [] : arguments[0] is "topics" or "groups" or "configs" or "produce" or "consume" ? ["--bootstrap-server", "fake:9001"] : [];
        var code = await CommandLine.RunAsync("actors", [.. arguments, .. servers], terminal, cancellation);
        return new Result(code, Encoding.UTF8.GetString(output.ToArray()), error.ToString());
    }

    /// <summary>At blanks; single quotes keep them.</summary>
    private static string[] Split(string line) => [.. line.Split('\'').SelectMany((part, i) => i % 2 == 1 ? [part] : part.Split(' ', StringSplitOptions.RemoveEmptyEntries))];
}
