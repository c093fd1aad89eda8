using System.Text.RegularExpressions;

namespace Actors.Architecture.Tests;

/// <summary>Who may know whom: the design's table, as data.</summary>
public sealed class References
{
    private const string Akka = "Akka.NET";

    /// <summary>A project and what it may reference. Akka.NET stands for any of its packages, by AkkaReference.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Hocon"] = [],
        ["Protocol"] = [],
        ["Protocol.Generator"] = [],
        ["Machines"] = ["Protocol"],
        ["Ownership"] = ["Machines", Akka],
        ["Broker"] = ["Protocol", "Machines", "Ownership", Akka],
        ["Client"] = ["Protocol"],
        ["Expressions"] = [],
        ["Topology"] = ["Client", "Expressions", "Hocon", Akka],
        ["Topology.Testing"] = ["Topology"],
        ["Console"] = [],
        ["Node"] = ["Broker", "Client", "Topology", "Console", "Ownership", "Hocon", Akka, "Protocol", "Machines", "Expressions"],
        ["Node.Testing"] = ["Node", "Client"],
        ["Cli"] = ["Client", "Topology.Testing"],
        ["Akka/Akka"] = [],
        ["Akka/Akka.Streams"] = ["Akka/Akka"],
        ["Akka/Akka.Persistence"] = ["Akka/Akka"],
        ["Akka/Akka.Persistence.Query"] = ["Akka/Akka", "Akka/Akka.Persistence", "Akka/Akka.Streams"],
        ["Akka/Akka.Persistence.Sql"] = ["Akka/Akka", "Akka/Akka.Persistence", "Akka/Akka.Persistence.Query", "Akka/Akka.Streams"],
        ["Akka/Akka.Remote"] = ["Akka/Akka"],
        ["Akka/Akka.Coordination"] = ["Akka/Akka"],
        ["Akka/Akka.Cluster"] = ["Akka/Akka", "Akka/Akka.Remote", "Akka/Akka.Coordination", "Akka/Akka.Persistence.Sql"],
        ["Akka/Akka.Cluster.Tools"] = ["Akka/Akka", "Akka/Akka.Cluster", "Akka/Akka.Coordination"],
        ["Akka/Akka.Cluster.Sharding"] =
            ["Akka/Akka", "Akka/Akka.Cluster", "Akka/Akka.Cluster.Tools", "Akka/Akka.Coordination", "Akka/Akka.Persistence"],
        ["Akka/Akka.TestKit"] = ["Akka/Akka"],
        ["Akka/Akka.TestKit.Xunit2"] = ["Akka/Akka", "Akka/Akka.TestKit"],
        ["Akka/Akka.Remote.TestKit"] = ["Akka/Akka", "Akka/Akka.Remote", "Akka/Akka.TestKit", "Akka/Akka.TestKit.Xunit2"],
        ["Akka/Akka.MultiNode.TestAdapter"] = ["Akka/Akka", "Akka/Akka.Remote", "Akka/Akka.Remote.TestKit", "Akka/Akka.TestKit", "Akka/Akka.TestKit.Xunit2"],
    };

    [Fact]
    public void A_project_references_only_what_stands_on_its_line() =>
        Rule.Holds(Repository.Projects.Where(project => !IsTest(project)).SelectMany(project => Breaches(project, Allowed)));

    [Fact]
    public void Every_project_of_the_product_stands_in_the_table() =>
        Rule.Holds(Repository.Projects.Where(project => !IsTest(project)).Select(project => project.Name).Except(Allowed.Keys));

    [Fact]
    public void Stand_ins_are_referenced_by_AkkaReference_only_except_among_themselves() =>
        Rule.Holds(Repository.Projects.Where(project => !Repository.IsStandIn(project.File))
            .SelectMany(project => project.References.Where(IsStandIn).Select(reference => $"{project.File} references {reference} past the switch")));

    [Fact]
    public void A_stand_in_shows_its_internals_only_to_stand_ins_and_their_own_tests()
    {
        var standIns = Repository.Projects.Where(project => Repository.IsStandIn(project.File)).ToArray();
        Assert.NotEmpty(standIns);
        var friends = Repository.Projects.Where(project => Repository.IsStandIn(project.File) || project.Name.StartsWith("tests/Akka.", StringComparison.Ordinal))
            .Select(project => Path.GetFileNameWithoutExtension(project.File)).ToHashSet();
        var declared = standIns.SelectMany(project => project.Friends.Select(friend => (project.File, Friend: friend)));
        var written = Repository.CSharpFiles.Where(Repository.IsStandIn).SelectMany(file => FriendsIn(Repository.Text(file)).Select(friend => (File: file, Friend: friend)));
        Rule.Holds(declared.Concat(written).Where(each => !friends.Contains(each.Friend)).Select(each => $"{each.File} shows its internals to {each.Friend}"));
    }

    [Fact]
    public void Akka_packages_that_nothing_switches_are_named_nowhere() =>
        Rule.Holds(Repository.Projects.Where(project => Regex.IsMatch(Repository.Text(project.File), """<PackageReference\s+Include="Akka[."]""")).Select(project => project.File));

    [Fact]
    public void The_rules_see_a_breach()
    {
        var project = new Project("src/Broker/X.csproj", "Broker", ["Protocol", "Topology"], ["Akka"], []);
        Assert.Equal(["src/Broker/X.csproj may not reference Topology"], Breaches(project, Allowed));
        Assert.Equal(["src/Client/X.csproj may not reference Akka.NET"], Breaches(project with { File = "src/Client/X.csproj", Name = "Client", References = [] }, Allowed));
        Assert.Equal(["Actors.Broker"], FriendsIn("[assembly: System.Runtime.CompilerServices.InternalsVisibleTo(\"Actors.Broker\")]"));
    }

    private static IEnumerable<string> Breaches(Project project, Dictionary<string, string[]> table)
    {
        var allowed = table.GetValueOrDefault(project.Name, []);
        var akka = project.AkkaReferences.Count > 0 && !allowed.Contains(Akka) ? [Akka] : Array.Empty<string>();
        return project.References.Except(allowed).Concat(akka).Select(reference => $"{project.File} may not reference {reference}");
    }

    private static IEnumerable<string> FriendsIn(string text) => Regex.Matches(text, """InternalsVisibleTo(?:Attribute)?\s*\(\s*"([^",]+)""").Select(match => match.Groups[1].Value);
    private static bool IsTest(Project project) => project.Name.StartsWith("tests/", StringComparison.Ordinal);
    private static bool IsStandIn(string reference) => reference.StartsWith("Akka/", StringComparison.Ordinal);
}
