using System.Globalization;
using System.Reflection;
using Actors.Ownership;

namespace Actors.Node.Testing;

/// <summary>What the nodes of one test cluster share: a directory of SQLite files, in which each has its data directory too.</summary>
internal sealed class ClusterDirectory(string name)
{
    private readonly string _path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"actors-test-cluster-{name}");

    /// <summary><c>hocon/cluster.conf</c>.</summary>
    public static string Configuration()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("hocon/cluster.conf")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    public string DataOf(int node) => Directory.CreateDirectory(Path.Combine(_path, $"node-{node.ToString(CultureInfo.InvariantCulture)}")).FullName;

    public IReadOnlyDictionary<string, string> Environment(int node) => new Dictionary<string, string>
    {
        ["ACTORS_NODE_ID"] = node.ToString(CultureInfo.InvariantCulture),
        ["ACTORS_REMOTE"] = "127.0.0.1:0",
        ["ACTORS_PROVIDER"] = "SQLite.MS",
        ["ACTORS_JOURNAL"] = $"Data Source={Path.Combine(_path, "actors.db")}",
    };

    /// <summary>Deletes all of it unless another node, of this process or another, still has its data directory; one that was killed has not.</summary>
    public void DeleteIfUnused()
    {
        try
        {
            foreach (var data in Directory.EnumerateDirectories(_path, "node-*"))
                DataDirectoryLock.Acquire(data).Dispose();
            Directory.Delete(_path, recursive: true);
        }
        catch (DataDirectoryInUseException)
        {
            // The last one deletes it.
        }
        catch (DirectoryNotFoundException)
        {
            // Another did.
        }
    }
}
