namespace Actors.MultiNode.Tests;

/// <summary>A directory that the nodes of one run share, and no other run has: named by the conductor's port.</summary>
internal static class RunDirectory
{
    private const string Port = "multinode.server-port=";

    internal static string Path { get; } = Find();

    internal static string Sqlite(string file) => $"Data Source={System.IO.Path.Combine(Path, file)}";

    /// <summary>Called by the first node when the others are done with it.</summary>
    internal static void Remove()
    {
        for (var left = 20; Directory.Exists(Path); left--)
        {
            try { Directory.Delete(Path, recursive: true); }
            // Another node's database may just be closing.
            catch (IOException) when (left > 0) { Thread.Sleep(100); }
        }
    }

    // The test run itself makes the configuration too, only for its roles; it uses no directory.
    private static string Find()
    {
        var argument = Environment.GetCommandLineArgs().FirstOrDefault(a => a.Contains(Port, StringComparison.Ordinal));
        var run = argument is null ? "none" : argument[(argument.IndexOf(Port, StringComparison.Ordinal) + Port.Length)..];
        var path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"actors-multinode-{run}");
        if (argument is not null) Directory.CreateDirectory(path);
        return path;
    }
}
