using System.Collections.Concurrent;
using System.Xml.Linq;

namespace Actors.Architecture.Tests;

/// <summary>The files of this repository, as the rules read them.</summary>
internal static class Repository
{
    private static readonly string[] NotOurs = ["bin", "obj", ".git", "node_modules", "data", "TestResults", ".vs", ".vscode", ".idea"];
    private static readonly ConcurrentDictionary<string, SyntaxNode> Parsed = new();

    public static string Root { get; } = FindRoot();

    /// <summary>Paths from the root, with slashes, of everything that is not built.</summary>
    public static IReadOnlyList<string> Files { get; } = [.. Walk(Root).Select(file => Path.GetRelativePath(Root, file).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    public static IReadOnlyList<string> CSharpFiles { get; } = [.. Files.Where(file => file.EndsWith(".cs", StringComparison.Ordinal))];

    /// <summary>C# of the product, the stand-ins left out.</summary>
    public static IReadOnlyList<string> ProductFiles { get; } = [.. CSharpFiles.Where(file => file.StartsWith("src/", StringComparison.Ordinal) && !IsStandIn(file))];

    public static IReadOnlyList<Project> Projects { get; } = [.. Files.Where(file => file.EndsWith(".csproj", StringComparison.Ordinal)).Select(Project.Load)];

    public static bool IsStandIn(string file) => file.StartsWith("src/Akka/", StringComparison.Ordinal);
    public static string FullPath(string file) => Path.Combine(Root, file);
    public static string Text(string file) => File.ReadAllText(FullPath(file));

    public static SyntaxNode Syntax(string file) => Parsed.GetOrAdd(file, static name => Parse(Text(name)));

    public static SyntaxNode Parse(string text) =>
        CSharpSyntaxTree.ParseText(text, new CSharpParseOptions(LanguageVersion.Preview, DocumentationMode.Parse)).GetRoot();

    /// <summary>A node's file and line, for messages.</summary>
    public static string At(string file, SyntaxNodeOrToken node) => $"{file}:{node.GetLocation()!.GetLineSpan().StartLinePosition.Line + 1}";

    private static IEnumerable<string> Walk(string directory) => Directory.EnumerateFiles(directory).Where(file => Path.GetFileName(file) != ".git")
        .Concat(Directory.EnumerateDirectories(directory).Where(sub => !NotOurs.Contains(Path.GetFileName(sub))).SelectMany(Walk));

    private static string FindRoot()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "Actors.sln")))
            directory = Path.GetDirectoryName(directory) ?? throw new InvalidOperationException($"no Actors.sln above {AppContext.BaseDirectory}");
        return directory;
    }
}

/// <summary>What a project file says that the rules ask about.</summary>
internal sealed record Project(string File, string Name, IReadOnlyList<string> References, IReadOnlyList<string> AkkaReferences, IReadOnlyList<string> Friends)
{
    public static Project Load(string file)
    {
        var xml = XDocument.Parse(Repository.Text(file));
        var folder = Path.GetDirectoryName(file)!.Replace('\\', '/');
        return new Project(file, NameOf(folder), [.. Targets(xml, folder)], Includes(xml, "AkkaReference"), Includes(xml, "InternalsVisibleTo"));
    }

    /// <summary>The name in the table: the folder below src, <c>Akka/NAME</c> for a stand-in, <c>tests/NAME</c> for tests.</summary>
    private static string NameOf(string folder) => folder.StartsWith("src/", StringComparison.Ordinal) ? folder["src/".Length..] : folder;

    private static IEnumerable<string> Targets(XDocument xml, string folder)
    {
        foreach (var reference in xml.Descendants("ProjectReference"))
        {
            // An analyzer runs in the compiler; nothing of it is referenced.
            if ((string?)reference.Attribute("ReferenceOutputAssembly") == "false") continue;
            var target = Path.GetFullPath(Path.Combine(Repository.Root, folder, (string)reference.Attribute("Include")!));
            yield return NameOf(Path.GetRelativePath(Repository.Root, Path.GetDirectoryName(target)!).Replace('\\', '/'));
        }
    }

    private static IReadOnlyList<string> Includes(XDocument xml, string element) => [.. xml.Descendants(element).Select(each => (string)each.Attribute("Include")!)];
}
