using Xunit;

namespace Actors.Protocol.Tests;

public class SharedDataSpec
{
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
