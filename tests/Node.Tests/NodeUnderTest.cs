using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Actors.Node.Tests;

/// <summary>A node as its user starts it: a process of its own, with its own data directory and free ports.</summary>
public sealed class NodeUnderTest : IDisposable
{
    private static readonly TimeSpan StartWithin = TimeSpan.FromSeconds(30);
    private readonly ConcurrentQueue<string> _output = new();
    private readonly bool _ownsData;
    private string _kafka = "127.0.0.1:0";
    private string _http = "127.0.0.1:0";

    private NodeUnderTest(string data, bool ownsData)
    {
        Data = data;
        _ownsData = ownsData;
    }

    public string Data { get; }

    public Process Process { get; private set; } = null!;

    /// <summary>HOST:PORT for Kafka clients; the same after a restart.</summary>
    public string Kafka => _kafka;

    public Uri Http => new("http://" + _http);

    public TimeSpan StartedIn { get; private set; }

    public string Output => string.Join('\n', _output);

    public static string Dll { get; } = Find("src/Node", "Actors.Node.dll");

    public static NodeUnderTest Start(params string[] arguments) => Start(Directory.CreateTempSubdirectory("actors-node-").FullName, true, arguments);

    public static NodeUnderTest StartOn(string data, params string[] arguments) => Start(data, false, arguments);

    /// <summary>SIGKILL: nothing is flushed, nothing is said.</summary>
    public void Kill()
    {
        Process.Kill();
        Process.WaitForExit();
    }

    /// <summary>The same data directory and the same ports again.</summary>
    public void StartAgain(params string[] arguments) => Launch(arguments);

    /// <summary>A signal, <c>TERM</c> or <c>INT</c>, and the exit code that it ends with.</summary>
    public int Terminate(string signal = "TERM")
    {
        Signal(Process, signal);
        if (!Process.WaitForExit(TimeSpan.FromSeconds(15)))
            throw new TimeoutException($"the node did not end within 15 s of SIG{signal}:\n{Output}");
        return Process.ExitCode;
    }

    public static void Signal(Process process, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", process.Id.ToString()]);
        kill.WaitForExit();
    }

    /// <summary>A metric's value now.</summary>
    /// <param name="name">With its labels, if it has some.</param>
    public double Metric(string name) => MetricOrNull(name) ?? throw new InvalidOperationException($"/metrics has no {name}");

    /// <summary>Waits until a producer is at work: since its start the node has taken more records of the topic than so many.</summary>
    public void AwaitRecordsIn(string topic, double moreThan) =>
        Polling.Until(() => MetricOrNull($"kafka_server_brokertopicmetrics_messagesin_total{{topic=\"{topic}\"}}") ?? 0, records => records > moreThan, 60, $"more than {moreThan} records came in to {topic}");

    public void Dispose()
    {
        if (!Process.HasExited)
            Kill();
        Process.Dispose();
        if (_ownsData)
            Directory.Delete(Data, recursive: true);
    }

    /// <summary>A built assembly of the repository, in the configuration these tests were built in.</summary>
    public static string Find(string project, string assembly)
    {
        var root = Root;
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var path = Path.Combine(root, project, "bin", configuration, "net10.0", assembly);
        return File.Exists(path) ? path : throw new FileNotFoundException($"build the solution first: {path} is missing");
    }

    public static string Root
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Actors.sln")))
                folder = folder.Parent;
            return folder?.FullName ?? throw new DirectoryNotFoundException("Actors.sln is in no folder above the tests");
        }
    }

    /// <summary>A metric's value now; null while there is none of the name.</summary>
    private double? MetricOrNull(string metric)
    {
        using var http = new HttpClient { BaseAddress = Http };
        var line = http.GetStringAsync("metrics").Result.Split('\n').FirstOrDefault(line => line.StartsWith(metric + " ", StringComparison.Ordinal));
        return line is null ? null : double.Parse(line[(metric.Length + 1)..], CultureInfo.InvariantCulture);
    }

    private static NodeUnderTest Start(string data, bool ownsData, string[] arguments)
    {
        var node = new NodeUnderTest(data, ownsData);
        node.Launch(arguments);
        return node;
    }

    private void Launch(string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetTempPath() };
        foreach (var argument in (string[])[Dll, "--data", Data, "--kafka", _kafka, "--http", _http, .. arguments])
            start.ArgumentList.Add(argument);
        var ready = new TaskCompletionSource<Match>(TaskCreationOptions.RunContinuationsAsynchronously);
        var watch = Stopwatch.StartNew();
        Process = new Process { StartInfo = start, EnableRaisingEvents = true };
        Process.OutputDataReceived += (_, line) => Read(line.Data, ready);
        Process.ErrorDataReceived += (_, line) => Read(line.Data, ready);
        Process.Exited += (_, _) => ready.TrySetException(new InvalidOperationException($"the node ended before it was ready:\n{Output}"));
        Process.Start();
        Process.BeginOutputReadLine();
        Process.BeginErrorReadLine();
        if (!ready.Task.Wait(StartWithin))
            throw new TimeoutException($"the node was not ready within {StartWithin}:\n{Output}");
        StartedIn = watch.Elapsed;
        (_kafka, _http) = (ready.Task.Result.Groups[1].Value, ready.Task.Result.Groups[2].Value);
    }

    private void Read(string? line, TaskCompletionSource<Match> ready)
    {
        if (line is null)
            return;
        _output.Enqueue(line);
        if (Regex.Match(line, "^ready: kafka (\\S+), http http://([^,]+), data ") is { Success: true } match)
            ready.TrySetResult(match);
    }
}
