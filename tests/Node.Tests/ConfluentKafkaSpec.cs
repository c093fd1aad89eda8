using Xunit;

namespace Actors.Node.Tests;

/// <summary>confluent-kafka (Python, librdkafka): idempotent producing, groups, commits, watermarks, admin calls, with each codec.</summary>
public sealed class ConfluentKafkaSpec(NodeOfClass fixture) : IClassFixture<NodeOfClass>
{
    [ConfluentKafkaFact]
    public void What_went_in_comes_back_uncompressed() => RoundTrip("none");

    [ConfluentKafkaFact]
    public void What_went_in_comes_back_through_gzip() => RoundTrip("gzip");

    [ConfluentKafkaFact]
    public void What_went_in_comes_back_through_snappy() => RoundTrip("snappy");

    [ConfluentKafkaFact]
    public void What_went_in_comes_back_through_lz4() => RoundTrip("lz4");

    [ConfluentKafkaFact]
    public void What_went_in_comes_back_through_zstd() => RoundTrip("zstd");

    private void RoundTrip(string codec)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "Python", "round_trip.py");
        Assert.Equal("ok\n", Tool.Run("/usr/bin/python3", [script, fixture.Node.Kafka, codec]).Succeeded().Text);
    }
}
