using System.Reflection;

namespace Actors.WebConsole;

/// <summary>A file of the web page.</summary>
/// <param name="ContentType">For the HTTP header of that name.</param>
/// <param name="Bytes">The whole file.</param>
public sealed record PageFile(string ContentType, ReadOnlyMemory<byte> Bytes);

/// <summary>The web page: static files inside this assembly, by their path below the page's root.</summary>
public static class Page
{
    /// <summary>What the page may do: nothing but its own files and its own node's events.</summary>
    public const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private const string Prefix = "page/";

    /// <summary>All files by path; <c>index.html</c> is the page itself.</summary>
    public static IReadOnlyDictionary<string, PageFile> Files { get; } = Read();

    private static Dictionary<string, PageFile> Read()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var files = new Dictionary<string, PageFile>();
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using var resource = assembly.GetManifestResourceStream(name)!;
            var bytes = new byte[resource.Length];
            resource.ReadExactly(bytes);
            files.Add(name[Prefix.Length..], new PageFile(ContentType(name), bytes));
        }
        return files;
    }

    private static string ContentType(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        var other => throw new InvalidOperationException($"the page has no files of type {other}: {name}"),
    };
}
