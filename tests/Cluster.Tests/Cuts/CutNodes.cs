using System.Globalization;
using System.Net;
using Actors.Node.Tests;

namespace Actors.Cluster.Tests;

/// <summary>
/// Three nodes that reach each other through wires, one for each of the six directions: node I finds node J under the name <c>remoteJ</c>, which stands for the wire
/// from I to J in I's own <c>/etc/hosts</c>. The database and the clients are reached without.
/// </summary>
public sealed class CutNodes : IDisposable
{
    private const int Port = 4053;
    private const string Command = """command: ["--config", "hocon/cluster.conf", "--data", "/data", "--http", "0.0.0.0:8080"]""";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("actors-cut-");
    private Task? _created;
    private readonly Dictionary<(int From, int To), TcpProxy> _wires = [];

    public CutNodes()
    {
        var file = Path.Combine(_folder.FullName, "docker-compose.yml");
        var text = File.ReadAllText(Path.Combine(NodeUnderTest.Root, "docker-compose.yml"));
        if (!text.Contains(Command))
            throw new InvalidOperationException($"docker-compose.yml has no line {Command}");
        var start = $"mount --bind {_folder.FullName}/$$HOSTNAME /etc/hosts && exec dotnet /app/node/Actors.Node.dll --config hocon/cluster.conf --data /data --http 0.0.0.0:8080";
        var entrypoint = string.Join(", ", ((string[])[.. CutFactAttribute.Unshare, "/bin/sh", "-c"]).Select(word => $"\"{word}\""));
        File.WriteAllText(file, text.Replace(Command, $"entrypoint: [{entrypoint}]\n  command: [\"{start}\"]"));
        Nodes = new ThreeNodes("postgres", [.. from node in All select $"node{node}:ACTORS_REMOTE=remote{node}:{Port}"], Lay, file);
    }

    public ThreeNodes Nodes { get; }

    /// <summary>The topic that is counted, at the first call.</summary>
    public Task CreateTopicOnceAsync() => _created ??= Nodes.CreateTopicAsync();

    private static IEnumerable<int> All => [1, 2, 3];

    /// <summary>Both directions between two nodes, from now on: refused and reset, or silent with open connections.</summary>
    public void Cut(int one, int other, bool refusing)
    {
        foreach (var wire in Between(one, other))
        {
            if (refusing)
                wire.Refuse();
            else
                wire.Silence();
        }
    }

    public void Mend(int one, int other)
    {
        foreach (var wire in Between(one, other)) wire.Mend();
    }

    public void Dispose()
    {
        Nodes.Dispose();
        foreach (var wire in _wires.Values) wire.Dispose();
        _folder.Delete(recursive: true);
    }

    private TcpProxy[] Between(int one, int other) => [_wires[(one, other)], _wires[(other, one)]];

    private void Lay(LocalCompose compose)
    {
        foreach (var from in All)
        {
            foreach (var to in All.Where(to => to != from))
                _wires.Add((from, to), new TcpProxy(new IPEndPoint(IPAddress.Parse(Address(from, to)), Port)) { Target = new IPEndPoint(IPAddress.Parse(Address(to, to)), Port) });
            File.WriteAllLines(Path.Combine(_folder.FullName, $"node{from}"), ["127.0.0.1 localhost", .. from to in All select $"{Address(from, to)} remote{to}"]);
        }

        string Address(int from, int to) => string.Create(CultureInfo.InvariantCulture, $"{compose.Network}.{100 + 10 * from + to}");
    }
}
