using System.Collections.Immutable;
using Xunit;

namespace Actors.Machines.Tests;

public class ImageFormatSpec
{
    private static readonly NodeDescription Described = new()
    {
        Listeners = [new ListenerAddress("INTERNAL", "node1", 29092), new ListenerAddress("EXTERNAL", "localhost", 9092)],
        System = "akka.tcp://actors@node1:4053",
        Http = "http://node1:8080",
        Roles = ["broker", "streams"],
        Status = "up",
        Groups = 3,
        Tasks = 2,
        ControllerEpoch = 7,
    };

    [Fact]
    public void A_change_is_read_as_it_was_written()
    {
        var change = new NodeChange(3, 1_700_000_000_000, 12, Described, [new PartitionLed(Id(1), 4)], [Id(2), Id(3)]);
        var read = ImageFormat.ReadNodeChange(ImageFormat.Write(change));
        Assert.Equal((change.Id, change.Incarnation, change.Version, change.Description), (read.Id, read.Incarnation, read.Version, read.Description));
        Assert.Equal(change.Leads.ToArray(), read.Leads.ToArray());
        Assert.Equal(change.Leaves.ToArray(), read.Leaves.ToArray());
    }

    [Fact]
    public void A_node_with_thousands_of_leaders_comes_in_pieces_of_at_most_64_KiB()
    {
        var node = new NodeImage(1, 5, 9, Described, Enumerable.Range(0, 7_001).ToImmutableDictionary(Id, index => index));
        var parts = ImageFormat.Parts(node).Select(ImageFormat.Write).ToList();
        Assert.True(parts.Count > 1);
        Assert.All(parts, part => Assert.InRange(part.Length, 1, ImageFormat.MaxBytes));
        var together = new ImageParts();
        var images = parts.Select(part => together.Add(ImageFormat.ReadNodeImagePart(part))).ToList();
        Assert.All(images[..^1], Assert.Null);
        Assert.Equal(node.Led.OrderBy(led => led.Value), images[^1]!.Led.OrderBy(led => led.Value));
        Assert.Equal((1, 5L, 9L, Described), (images[^1]!.Id, images[^1]!.Incarnation, images[^1]!.Version, images[^1]!.Description));
    }

    [Fact]
    public void A_lost_piece_gives_no_image_and_a_new_copy_does()
    {
        var node = new NodeImage(1, 5, 9, Described, Enumerable.Range(0, 7_001).ToImmutableDictionary(Id, index => index));
        var parts = ImageFormat.Parts(node).ToList();
        var together = new ImageParts();
        Assert.All(parts.Where(part => part.Part != 1), part => Assert.Null(together.Add(part)));
        Assert.NotNull(parts.ConvertAll(together.Add)[^1]);
    }

    [Fact]
    public void Many_topics_come_in_pieces_too()
    {
        var image = TopicsImage.Empty.After(new TopicsEpochStarted(2));
        for (var i = 0; i < 3_000; i++)
            image = image.After(new TopicCreated($"topic-with-a-long-name-{i:00000}", Guid.NewGuid(), 3, ImmutableSortedDictionary<string, string>.Empty.Add("retention.ms", $"{i}")));
        var parts = ImageFormat.Parts(image).Select(ImageFormat.Write).ToList();
        Assert.True(parts.Count > 1);
        Assert.All(parts, part => Assert.InRange(part.Length, 1, ImageFormat.MaxBytes));
        var together = new ImageParts();
        Assert.Equal(image.Write(), parts.ConvertAll(part => together.Add(ImageFormat.ReadTopicsImagePart(part)))[^1]!.Write());
    }

    private static PartitionId Id(int index) => new(new Guid(index, 0, 0, new byte[8]), index);
}
