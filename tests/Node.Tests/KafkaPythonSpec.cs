using Xunit;

namespace Actors.Node.Tests;

/// <summary>kafka-python: records under each codec (snappy in xerial's frames), offsets, groups, admin calls.</summary>
public sealed class KafkaPythonSpec(NodeOfClass fixture) : IClassFixture<NodeOfClass>
{
    private static readonly string Script = Path.Combine(AppContext.BaseDirectory, "Python", "kafka_python.py");

    [KafkaPythonFact]
    public void Topics_records_offsets_and_groups() => RoundTrip("none");

    [KafkaPythonFact]
    public void What_went_in_comes_back_through_gzip() => RoundTrip("gzip");

    [KafkaPythonFact("snappy")]
    public void What_went_in_comes_back_through_snappy() => RoundTrip("snappy");

    [KafkaPythonFact("lz4")]
    public void What_went_in_comes_back_through_lz4() => RoundTrip("lz4");

    [KafkaPythonFact("zstandard")]
    public void What_went_in_comes_back_through_zstd() => RoundTrip("zstd");

    private void RoundTrip(string codec) => Assert.Equal("ok\n", Tool.Run("/usr/bin/python3", [Script, fixture.Node.Kafka, codec]).Succeeded().Text);
}

/// <summary>A test that needs kafka-python, and Python's module of a codec.</summary>
public sealed class KafkaPythonFactAttribute : FactAttribute
{
    public KafkaPythonFactAttribute(params string[] modules)
    {
        if (Environment.GetEnvironmentVariable("CI") != "true" && modules.Prepend("kafka").FirstOrDefault(module => !Tool.PythonHas(module)) is { } missing)
            Skip = $"Python's {missing} is not installed (Debian: apt-get install python3-{missing})";
    }
}
