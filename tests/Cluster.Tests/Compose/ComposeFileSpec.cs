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
        var projects = Regex.Matches(Dockerfile, @"dotnet publish (\S+)").Select(match => match.Groups[1].Value).ToArray();
        Assert.Equal(["src/Node/Actors.Node.csproj", "src/Cli/Actors.Cli.csproj"], projects);
        Assert.All(projects, project => Assert.True(File.Exists(Path.Combine(NodeUnderTest.Root, project)), project));
        Assert.Contains("ENTRYPOINT [\"dotnet\", \"/app/node/Actors.Node.dll\"]", Dockerfile);
        Assert.Contains("USER $APP_UID", Dockerfile);
    }

    [Fact]
    public void Kafkas_commands_are_on_the_images_path()
    {
        var tools = Regex.Match(Dockerfile, @"for name in ([\w -]+); do").Groups[1].Value.Split(' ');
        Assert.Equal(["kafka-topics", "kafka-console-producer", "kafka-console-consumer", "kafka-consumer-groups", "kafka-configs"], tools);
        Assert.Equal(["actors", "$name", "$name.sh"], Regex.Matches(Dockerfile, @"ln -s /app/cli/Actors\.Cli /usr/local/bin/(\S+?);?(?=\s)").Select(match => match.Groups[1].Value));
        // The names under which the command line, started so, is that tool.
        var known = Regex.Match(Read("src/Cli/Tools/KafkaTools.cs"), @"string\[\] Names = \[(.*)\];").Groups[1].Value;
        Assert.Equal(tools, Regex.Matches(known, "\"([^\"]+)\"").Select(match => match.Groups[1].Value));
    }

    /// <summary>From the environment through the compose file to every build, Akka.NET's own packages in the place of the stand-ins.</summary>
    [Fact]
    public void The_image_is_built_on_what_AKKA_SOURCE_names()
    {
        Assert.Contains("ARG AKKA_SOURCE=standins\n", Dockerfile);
        var publishes = Regex.Matches(Dockerfile, @"dotnet publish [^\\\n]+").Select(match => match.Value).ToArray();
        Assert.Equal(2, publishes.Length);
        Assert.All(publishes, publish => Assert.Contains("-p:AkkaSource=$AKKA_SOURCE", publish));
        Assert.True(Dockerfile.IndexOf("ARG AKKA_SOURCE", StringComparison.Ordinal) is var given && given > Dockerfile.IndexOf(" AS build", StringComparison.Ordinal)
            && given < Dockerfile.IndexOf("dotnet publish", StringComparison.Ordinal), "the argument is not the build stage's");
        Assert.Contains("AKKA_SOURCE: ${AKKA_SOURCE:-standins}", Read("docker-compose.yml"));
    }

    private static string Dockerfile => Read("src/Node/Dockerfile");

    private static string Read(string file) => File.ReadAllText(Path.Combine(NodeUnderTest.Root, file));
}
