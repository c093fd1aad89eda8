namespace Actors.Hocon.Tests;

/// <summary>Every HOCON file of the repository, resolved, is the same tree when it is printed as plain HOCON and read again: what is handed to Akka.NET's own reader means the same there.</summary>
public sealed class OurFiles
{
    private static readonly string Root = RootOfRepository();

    private static readonly string[] All = [.. Directory.EnumerateFiles(Root, "*.conf", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(Root, file).Replace('\\', '/')).Where(IsOurs).Order(StringComparer.Ordinal)];

    public static TheoryData<string> Files() => [.. All];

    [Theory]
    [MemberData(nameof(Files))]
    public void Resolved_and_printed_plainly_it_reads_back_as_the_same_tree(string file)
    {
        var resolved = HoconFile.Load(Path.Combine(Root, file)).ResolveRoot(Environment);
        var plain = HoconPrinter.ToPlain(resolved);
        Assert.DoesNotContain("${", plain, StringComparison.Ordinal);
        var again = HoconDocument.Parse(plain, "plain").ResolveRoot();
        AssertSame(resolved, again, file);
        Assert.Equal(plain, HoconPrinter.ToPlain(again));
    }

    [Fact]
    public void A_node_of_a_cluster_over_the_defaults_reads_back_as_the_same_tree()
    {
        var document = HoconFile.Load(Path.Combine(Root, "hocon/cluster.conf")).WithFallback(HoconFile.Load(Path.Combine(Root, "hocon/reference.conf")));
        var resolved = document.Resolve(Environment);
        Assert.Equal(2, resolved.Get("actors.node-id").GetInt());
        AssertSame(resolved, HoconDocument.Parse(HoconPrinter.ToPlain(resolved), "plain").ResolveRoot(), "cluster.conf over reference.conf");
    }

    [Fact]
    public void The_files_that_configure_nodes_are_among_them() =>
        Assert.Superset(new HashSet<string> { "hocon/cluster.conf", "hocon/reference.conf", "hocon/topologies/commercials.conf" }, All.ToHashSet());

    private static bool IsOurs(string file) => !file.Split('/').Any(folder => folder is "bin" or "obj" or "node_modules" or ".git");

    private static string? Environment(string name) => name switch
    {
        "ACTORS_NODE_ID" => "2",
        "ACTORS_REMOTE" => "127.0.0.1:4054",
        "ACTORS_PROVIDER" => "SQLite.MS",
        "ACTORS_JOURNAL" => "Data Source=\"shared folder\\actors.db\"; Pooling = false",
        _ => null,
    };

    private static void AssertSame(HoconValue expected, HoconValue actual, string at)
    {
        switch (expected)
        {
            case HoconObject fields:
                Assert.Equal(fields.Fields.Select(field => field.Key), Assert.IsType<HoconObject>(actual).Fields.Select(field => field.Key));
                foreach (var (one, other) in fields.Fields.Zip(((HoconObject)actual).Fields)) AssertSame(one.Value, other.Value, $"{at}: {one.Key}");
                break;
            case HoconArray items:
                Assert.True(items.Count == Assert.IsType<HoconArray>(actual).Count, at);
                foreach (var (one, other) in items.Zip((HoconArray)actual)) AssertSame(one, other, at);
                break;
            case HoconScalar scalar:
                Assert.True(actual is HoconScalar read && (read.Kind, read.Text) == (scalar.Kind, scalar.Text), $"{at}: {scalar} became {actual}");
                break;
        }
    }

    private static string RootOfRepository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Actors.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("Actors.sln is in no folder above the tests");
    }
}
