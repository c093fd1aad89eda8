using Xunit;

namespace Actors.Node.Tests;

/// <summary>KafkaJS: records under each codec that it can have, offsets, groups, admin calls.</summary>
public sealed class KafkaJsSpec(NodeOfClass fixture) : IClassFixture<NodeOfClass>
{
    [KafkaJsFact]
    public void Topics_records_offsets_and_groups() => RoundTrip("none");

    [KafkaJsFact]
    public void What_went_in_comes_back_through_gzip() => RoundTrip("gzip");

    [KafkaJsFact]
    public void What_went_in_comes_back_through_snappy() => RoundTrip("snappy");

    [KafkaJsFact]
    public void What_went_in_comes_back_through_lz4() => RoundTrip("lz4");

    private void RoundTrip(string codec) =>
        Assert.Equal("ok\n", Tool.Run("node", [Path.Combine(KafkaJsFactAttribute.Folder, "kafkajs.js"), fixture.Node.Kafka, codec]).Succeeded().Text);
}

/// <summary>A test that needs KafkaJS.</summary>
public sealed class KafkaJsFactAttribute : FactAttribute
{
    public static readonly string Folder = Path.Combine(NodeUnderTest.Root, "tests/Node.Tests/Clients");

    public KafkaJsFactAttribute()
    {
        if (Environment.GetEnvironmentVariable("CI") == "true") return;
        if (!Tool.Exists("node")) Skip = "node is not installed";
        else if (!Directory.Exists(Path.Combine(Folder, "node_modules"))) Skip = $"npm install in {Folder} was not run: tests/run does it";
    }
}
