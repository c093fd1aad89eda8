using Xunit;

namespace Actors.Protocol.Tests;

public class SharedDataSpec
{
    /// <summary>The specifications beside this one walk all lines of a file: these are as many as Kafka's own classes wrote.</summary>
    [Theory]
    [InlineData("golden.jsonl", 1362)]
    [InlineData("golden-next.jsonl", 16)]
    [InlineData("unknown-tags.jsonl", 126)]
    [InlineData("batches.jsonl", 65)]
    [InlineData("bad-batches.jsonl", 63)]
    public void Copies_are_whole(string name, int lines) => Assert.Equal(lines, WireData.Lines(name).Count());

    /// <summary>Where the repository stands beside the folder of shared facts, the copies here must be those; elsewhere there is nothing to compare.</summary>
    [Theory]
    [InlineData("golden.jsonl")]
    [InlineData("golden-next.jsonl")]
    [InlineData("unknown-tags.jsonl")]
    [InlineData("header-versions.json")]
    [InlineData("batches.jsonl")]
    [InlineData("bad-batches.jsonl")]
    public void Copies_are_the_shared_files(string name)
    {
        var here = WireData.Text(name);
        Assert.NotEmpty(here);
        if (WireData.SharedFolder() is { } shared) Assert.True(File.ReadAllText(Path.Combine(shared, name)) == here, $"{name} is not what is shared.");
    }
}
