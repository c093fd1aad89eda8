using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Actors.Node.Tests;

namespace Actors.Cluster.Tests;

/// <summary>Services of a compose file as processes, by <c>tests/compose-local</c>: with a network, a state and volumes of their own. They end with this process, however it ends.</summary>
public sealed class LocalCompose : IDisposable
{
    private static int _networks;
    private readonly string _network = $"127.{20 + Environment.ProcessId % 200}.{Interlocked.Increment(ref _networks)}";
    private readonly string _state;
    private readonly string[] _common;

    private LocalCompose(string? file)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        // Not a directory that is this user's alone: PostgreSQL runs as another.
        _state = Path.Combine(Path.GetTempPath(), $"actors-compose-{Environment.ProcessId}-{_network}");
        _common = ["--state", _state, "--configuration", configuration, .. file is null ? Array.Empty<string>() : ["--file", file]];
    }

    /// <summary>The first three parts of all addresses. The fourth of a service is below 100.</summary>
    public string Network => _network;

    /// <summary>What runs or ran, by its name.</summary>
    public IReadOnlyDictionary<string, Container> Containers { get; private set; } = new Dictionary<string, Container>();

    public Container this[string name] => Containers[name];

    /// <param name="services">Which to start, with what they depend on; none: all.</param>
    /// <param name="file">A compose file in the place of docker-compose.yml.</param>
    /// <param name="options">Further options of <c>up</c>.</param>
    public static LocalCompose Up(string[] services, string? file = null, params string[] options)
    {
        var compose = new LocalCompose(file);
        try
        {
            compose.Run("up", ["--network", compose._network, "--owner", $"{Environment.ProcessId}", .. options, .. services]);
            return compose;
        }
        catch
        {
            compose.Dispose();
            throw;
        }
    }

    /// <summary>Starts what was killed or stopped, with its address and its volumes.</summary>
    public Container Start(string service) => Run("up", service)[service];

    public void Start(params string[] services) => Run("up", services);

    public void Kill(string service) => Run("kill", service);

    public void Stop(string service) => Run("stop", service);

    public void Scale(string service, int count) => Run("scale", $"{service}={count}");

    /// <summary>Returns when it goes on again.</summary>
    public void Pause(string service, TimeSpan time) => Run("pause", service, time.TotalSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>One more node.</summary>
    public Container AddNode()
    {
        var before = Containers.Keys.ToHashSet();
        return Run("add").Values.Single(container => !before.Contains(container.Name));
    }

    public string Log(string name) => File.ReadAllText(Containers[name].Log);

    public void Dispose()
    {
        if (Directory.Exists(_state))
            Tool.Run(Script, [.. _common, "down"]).Succeeded();
    }

    private static string Script => Path.Combine(NodeUnderTest.Root, "tests/compose-local");

    private IReadOnlyDictionary<string, Container> Run(string command, params string[] arguments)
    {
        Tool.Run(Script, [.. _common, command, .. arguments], (byte[]?)null, 120).Succeeded();
        var listed = Tool.Run(Script, [.. _common, "ps", "--json"]).Succeeded().Text;
        return Containers = JsonSerializer.Deserialize<Container[]>(listed, JsonSerializerOptions.Web)!.ToDictionary(container => container.Name);
    }
}

/// <summary>One process of a service.</summary>
/// <param name="Status"><c>up</c>, <c>paused</c> or <c>ended</c>.</param>
public sealed record Container(string Name, string Service, string Address, int Pid, string Status, string Log)
{
    /// <summary>HOST:PORT of a node's external listener.</summary>
    public string Kafka => $"{Address}:9092";

    public Uri Http => new($"http://{Address}:8080");

    /// <summary>SIGKILL: it is dead when this returns.</summary>
    public void Kill() => SendAndAwait(9, state => state is null or 'Z' or 'X');

    /// <summary>SIGSTOP: it stands still when this returns.</summary>
    public void Freeze() => SendAndAwait(19, state => state is 'T');

    /// <summary>SIGCONT.</summary>
    public void Thaw() => Send(18);

    /// <summary>A signal is taken by one of the process's threads when it is its turn, which on a busy machine is not at once.</summary>
    private void SendAndAwait(int signal, Func<char?, bool> isTaken)
    {
        Send(signal);
        var watch = Stopwatch.StartNew();
        while (!Threads().All(isTaken))
            if (watch.Elapsed > TimeSpan.FromSeconds(5))
                throw new TimeoutException($"{Name}, process {Pid}: signal {signal} has had no effect");
    }

    /// <summary>The state letter of each thread; null where it has just ended.</summary>
    private List<char?> Threads()
    {
        try
        {
            return [.. Directory.GetDirectories($"/proc/{Pid}/task").Select(thread => (char?)File.ReadAllText(Path.Combine(thread, "stat")).Split(") ")[^1][0])];
        }
        catch (IOException)
        {
            return Directory.Exists($"/proc/{Pid}") ? ['R'] : [null];
        }
    }

    /// <summary>By the system's call: a program started for it would take as long as some of the times that are measured.</summary>
    private void Send(int signal)
    {
        if (kill(Pid, signal) != 0)
            throw new InvalidOperationException($"{Name}, process {Pid}: signal {signal} was not taken, error {Marshal.GetLastPInvokeError()}");
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int kill(int process, int signal);
}
