using System.Text.RegularExpressions;
using Actors.Node.Tests;
using Xunit;

namespace Actors.Cluster.Tests;

/// <summary>docker-compose.yml and the image's Dockerfile, as far as they can be checked where no engine runs.</summary>
public sealed class ComposeFileSpec
{
    [ToolFact("docker-compose")]
    public void Debians_docker_compose_accepts_it()
    {
        var services = Tool.Run("docker-compose", ["-f", Path.Combine(NodeUnderTest.Root, "docker-compose.yml"), "config", "--services"]).Succeeded().Lines;
        Assert.Equal(["consumer", "node1", "node2", "node3", "postgres", "producer"], services.Order());
    }

    [Fact]
    public void The_image_is_made_of_what_is_there()
    {
        var dockerfile = File.ReadAllText(Path.Combine(NodeUnderTest.Root, "src/Node/Dockerfile"));
        var projects = Regex.Matches(dockerfile, @"dotnet publish (\S+)").Select(match => match.Groups[1].Value).ToArray();
        Assert.Equal(["src/Node/Actors.Node.csproj", "src/Cli/Actors.Cli.csproj"], projects);
        Assert.All(projects, project => Assert.True(File.Exists(Path.Combine(NodeUnderTest.Root, project)), project));
        Assert.Contains("ENTRYPOINT [\"dotnet\", \"/app/node/Actors.Node.dll\"]", dockerfile);
        Assert.Contains("USER $APP_UID", dockerfile);
    }
}
