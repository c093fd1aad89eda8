using System.Diagnostics;

namespace Actors.Benchmarks;

/// <summary>The built node in a process of its own, with a fresh data directory.</summary>
internal sealed class BenchmarkNode : IDisposable
{
    private readonly string[] _arguments;
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("actors-benchmark-");
    private Process _process = null!;
    private string _http = "";

    public BenchmarkNode(params string[] arguments)
    {
        _arguments = arguments;
        Start();
    }

    /// <summary>The embedded database.</summary>
    public string Database => Path.Combine(_data.FullName, "actors.db");

    /// <summary>Starts it above the data that it has, once it is stopped; its addresses are new ones.</summary>
    public void Start()
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        foreach (var argument in (string[])[NodeDll(), "--data", _data.FullName, "--kafka", "127.0.0.1:0", "--http", "127.0.0.1:0", .. _arguments])
            start.ArgumentList.Add(argument);
        var watch = Stopwatch.StartNew();
        _process = Process.Start(start)!;
        while (_process.StandardOutput.ReadLine() is { } line)
        {
            if (!line.StartsWith("ready: kafka ", StringComparison.Ordinal))
                continue;
            ReadyAfter = watch.Elapsed;
            var words = line.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
            (Kafka, _http) = (words[2], words[4]);
            return;
        }
        throw new InvalidOperationException("the node did not start; is it built in this configuration?");
    }

    public string Kafka { get; private set; } = "";

    public TimeSpan ReadyAfter { get; private set; }

    /// <summary>One of the node's own figures, see /metrics.</summary>
    public double Metric(string name)
    {
        using var http = new HttpClient();
        var line = http.GetStringAsync(_http + "/metrics").Result.Split('\n').First(line => line.StartsWith(name + " ", StringComparison.Ordinal));
        return double.Parse(line[(name.Length + 1)..], System.Globalization.CultureInfo.InvariantCulture);
    }

    public double CpuSeconds => ProcessCpu.Seconds(_process.Id);

    public double ResidentMegabytes => ProcessCpu.ResidentMegabytes(_process.Id);

    public double AnonymousMegabytes => ProcessCpu.AnonymousMegabytes(_process.Id);

    /// <summary>Kills it.</summary>
    public void Stop()
    {
        if (_process.HasExited)
            return;
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        Stop();
        _process.Dispose();
        _data.Delete(true);
    }

    private static string NodeDll()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        var configuration = folder.Parent!.Name;
        while (!File.Exists(Path.Combine(folder!.FullName, "Actors.sln")))
            folder = folder.Parent;
        return Path.Combine(folder.FullName, "src/Node/bin", configuration, "net10.0/Actors.Node.dll");
    }
}
