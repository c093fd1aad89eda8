using System.Diagnostics;
using System.Text;

namespace Akka.MultiNode.TestAdapter;

/// <summary>One node's process. It ends itself when its standard input does, so that none outlives the test run.</summary>
internal sealed class NodeProcess
{
    private const int MaxLines = 400;

    private readonly Lock _gate = new();
    private readonly Queue<string> _lines = new();
    private readonly Process _process;
    private bool _started;
    private bool _killed;

    internal NodeProcess(string role, List<string> arguments)
    {
        Role = role;
        var start = new ProcessStartInfo(DotNet()) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Add(line.Data);
        _process.ErrorDataReceived += (_, line) => Add(line.Data);
    }

    internal string Role { get; }

    internal DateTime? EndedAt { get; private set; }

    internal bool HasFailed => EndedAt is not null && !_killed && _process.ExitCode != 0;

    /// <summary>Whether it only failed because it waited for another.</summary>
    internal bool HasFailedAtBarrier => HasFailed && _process.ExitCode == Program.FailedAtBarrier;

    internal string State => _killed ? "was still running" : EndedAt is null ? "did not start" : _process.ExitCode == 0 ? "passed" : $"failed with exit code {_process.ExitCode}";

    internal string Output
    {
        get
        {
            var text = new StringBuilder();
            lock (_gate)
            {
                foreach (var line in _lines) text.Append("  ").AppendLine(line);
            }
            return text.ToString();
        }
    }

    internal void Start()
    {
        _started = _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    internal async Task Ended(CancellationToken cancel)
    {
        await _process.WaitForExitAsync(cancel).ConfigureAwait(false);
        EndedAt = DateTime.UtcNow;
    }

    internal async Task End()
    {
        if (_started && !_process.HasExited)
        {
            _killed = true;
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync().ConfigureAwait(false);
        }
    }

    private void Add(string? line)
    {
        if (line is null) return;
        lock (_gate)
        {
            if (_lines.Count >= MaxLines) _lines.Dequeue();
            _lines.Enqueue(line);
        }
    }

    // The test host may be run by dotnet or by an executable of its own.
    private static string DotNet()
    {
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet") return Environment.ProcessPath!;
        if (Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host) return host;
        var runtime = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        var beside = Path.GetFullPath(Path.Combine(runtime, "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
        return File.Exists(beside) ? beside : "dotnet";
    }
}
