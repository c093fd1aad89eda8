using System.Collections.Immutable;
using Actors.Protocol;
using Xunit;

namespace Actors.Machines.Tests;

/// <summary>Topics page by page, as DescribeTopicPartitions shows them.</summary>
public class TopicPagesSpec
{
    private static readonly TopicsImage Image = new[] { ("a", 3), ("b", 2), ("c", 4) }.Aggregate(
        TopicsImage.Empty, (image, topic) => image.After(new TopicCreated(topic.Item1, Guid.NewGuid(), topic.Item2, ImmutableSortedDictionary<string, string>.Empty)));

    [Theory]
    [InlineData("", null, 9, "a 0-3, b 0-2, c 0-4", null)]
    [InlineData("", null, 8, "a 0-3, b 0-2, c 0-3", "c 3")]
    [InlineData("", null, 5, "a 0-3, b 0-2", "c 0")]
    [InlineData("", null, 1, "a 0-1", "a 1")]
    [InlineData("", "a 1", 3, "a 1-3, b 0-1", "b 1")]
    [InlineData("", "c 3", 3, "c 3-4", null)]
    [InlineData("", "c 4", 3, "c 4-4", null)]
    [InlineData("", "b 99", 3, "b 2-2, c 0-3", "c 3")]
    [InlineData("", "bb 0", 9, "c 0-4", null)]
    [InlineData("", "a -1", 9, "InvalidRequest", null)]
    [InlineData("c a", null, 9, "a 0-3, c 0-4", null)]
    [InlineData("c a a", null, 3, "a 0-3", "c 0")]
    [InlineData("c a", "c 0", 3, "c 0-3", "c 3")]
    [InlineData("c a", "b 0", 3, "InvalidRequest", null)]
    [InlineData("a x ?", null, 9, "? InvalidTopicException, a 0-3, x UnknownTopicOrPartition", null)]
    [InlineData("x", "x 0", 9, "x UnknownTopicOrPartition", null)]
    public void A_page_ends_at_the_limit_and_says_where_the_next_one_begins(string names, string? cursor, int limit, string shown, string? next)
    {
        var page = TopicPages.Next(Image, names.Split(' ', StringSplitOptions.RemoveEmptyEntries), cursor is null ? null : (cursor.Split(' ')[0], int.Parse(cursor.Split(' ')[1])), limit);
        var parts = page.Topics.Select(part => part.Error == ErrorCode.None ? $"{part.Name} {part.From}-{part.End}" : $"{part.Name} {part.Error}");
        Assert.Equal(shown, page.Error == ErrorCode.None ? string.Join(", ", parts) : $"{page.Error}");
        Assert.Equal(next, page.Next is var (name, partition) ? $"{name} {partition}" : null);
    }
}
