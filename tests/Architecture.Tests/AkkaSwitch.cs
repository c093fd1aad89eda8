using System.Diagnostics;
using System.Text.Json;

namespace Actors.Architecture.Tests;

/// <summary>With <c>-p:AkkaSource=packages</c> every project names Akka.NET's packages, each with a version, and no stand-in. Evaluated, not restored: no network is needed.</summary>
public sealed class AkkaSwitch
{
    [Fact]
    public async Task Packages_take_the_place_of_every_stand_in()
    {
        var projects = Repository.Projects.Where(project => project.AkkaReferences.Count > 0).ToArray();
        Assert.NotEmpty(projects);
        var found = new List<string>();
        await Parallel.ForEachAsync(projects, new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (project, cancel) =>
        {
            var breaches = Breaches(project, await Evaluate(project, "packages", cancel));
            lock (found) found.AddRange(breaches);
        });
        Rule.Holds(found);
    }

    [Fact]
    public async Task Without_the_switch_the_same_project_references_stand_ins()
    {
        var project = Repository.Projects.First(project => project.AkkaReferences.Count > 0);
        Assert.NotEmpty(Breaches(project, await Evaluate(project, "standins", CancellationToken.None)));
    }

    private static IEnumerable<string> Breaches(Project project, Items items)
    {
        foreach (var package in project.AkkaReferences)
        {
            if (!items.Packages.Contains(package)) yield return $"{project.File}: no package {package}";
            if (!items.Versions.ContainsKey(package)) yield return $"{project.File}: no version of {package} in Directory.Packages.props";
        }
        foreach (var reference in items.Projects.Where(reference => reference.Contains("src/Akka/", StringComparison.Ordinal))) yield return $"{project.File}: still references {reference}";
    }

    private static async Task<Items> Evaluate(Project project, string source, CancellationToken cancel)
    {
        var start = new ProcessStartInfo("dotnet", ["msbuild", Repository.FullPath(project.File), "-nologo", $"-p:AkkaSource={source}", "-getItem:PackageReference,ProjectReference,PackageVersion"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // What the test host's own build set must not reach another build.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray()) start.Environment.Remove(name);
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(cancel);
        var output = await process.StandardOutput.ReadToEndAsync(cancel);
        await process.WaitForExitAsync(cancel);
        Assert.True(process.ExitCode == 0, $"dotnet msbuild {project.File}: {output}{await errors}");
        var items = JsonDocument.Parse(output).RootElement.GetProperty("Items");
        return new Items(
            [.. Identities(items, "PackageReference")],
            [.. Identities(items, "ProjectReference").Select(path => path.Replace('\\', '/'))],
            items.GetProperty("PackageVersion").EnumerateArray().Where(item => item.GetProperty("Version").GetString() is { Length: > 0 })
                .ToDictionary(item => item.GetProperty("Identity").GetString()!, item => item.GetProperty("Version").GetString()!));
    }

    private static IEnumerable<string> Identities(JsonElement items, string kind) => items.GetProperty(kind).EnumerateArray().Select(item => item.GetProperty("Identity").GetString()!);

    private sealed record Items(HashSet<string> Packages, List<string> Projects, Dictionary<string, string> Versions);
}
