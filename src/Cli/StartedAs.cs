using System.Text;

namespace Actors.Cli;

/// <summary>The name the program was started by: a link's own, not its target's, so that one program can be several tools.</summary>
internal static class StartedAs
{
    public static string Name()
    {
        const string arguments = "/proc/self/cmdline";
        var first = File.Exists(arguments) ? File.ReadAllBytes(arguments).AsSpan() : default;
        var end = first.IndexOf((byte)0);
        return end > 0 ? BaseName(Encoding.UTF8.GetString(first[..end])) : "actors";
    }

    /// <summary>Without folders and without <c>.sh</c>.</summary>
    public static string BaseName(string path)
    {
        var name = Path.GetFileName(path);
        return name.EndsWith(".sh", StringComparison.Ordinal) ? name[..^3] : name;
    }
}
