using System.Collections.Immutable;

namespace Actors.Machines;

/// <summary>One piece of a node's image as another node gets it: all pieces together are the image at its version.</summary>
/// <param name="Part">From 0 to Parts - 1, in order.</param>
public sealed record NodeImagePart(int Id, long Incarnation, long Version, int Part, int Parts, NodeDescription Description, ImmutableArray<PartitionLed> Leads);

/// <summary>One piece of the topics' image, its bytes cut.</summary>
public sealed record TopicsImagePart(int Epoch, long Version, int Part, int Parts, ReadOnlyMemory<byte> Bytes);

/// <summary>How images and their changes are written for other nodes. No message is larger than 64 KiB.</summary>
public static class ImageFormat
{
    /// <summary>The largest message between nodes about images, and so the largest change that is pushed.</summary>
    public const int MaxBytes = 64 * 1024;

    private const int LeadsPerPart = 2_000;
    private const int BytesPerPart = MaxBytes - 64;
    private const byte Version = 1;

    /// <summary>A node's image in pieces.</summary>
    public static IEnumerable<NodeImagePart> Parts(NodeImage node)
    {
        var leads = node.Led.Select(led => new PartitionLed(led.Key, led.Value)).Chunk(LeadsPerPart).ToList();
        var parts = Math.Max(1, leads.Count);
        for (var part = 0; part < parts; part++)
            yield return new NodeImagePart(node.Id, node.Incarnation, node.Version, part, parts, node.Description, part < leads.Count ? [.. leads[part]] : []);
    }

    /// <summary>The topics' image in pieces.</summary>
    public static IEnumerable<TopicsImagePart> Parts(TopicsImage image)
    {
        var bytes = image.Write();
        var parts = (bytes.Length + BytesPerPart - 1) / BytesPerPart;
        for (var part = 0; part < parts; part++)
            yield return new TopicsImagePart(image.Epoch, image.Version, part, parts, bytes.AsMemory(part * BytesPerPart, Math.Min(BytesPerPart, bytes.Length - (part * BytesPerPart))));
    }

    public static byte[] Write(NodeChange change)
    {
        var writer = new StateWriter(Version);
        writer.Int(change.Id);
        writer.Long(change.Incarnation);
        writer.Long(change.Version);
        change.Description.Write(writer);
        Write(writer, change.Leads);
        writer.List(change.Leaves, static (w, id) => Write(w, id));
        return writer.ToArray();
    }

    public static NodeChange ReadNodeChange(byte[] bytes)
    {
        var reader = new StateReader(bytes, "Node change", Version);
        var change = new NodeChange(
            reader.Int(), reader.Long(), reader.Long(), NodeDescription.Read(ref reader), ReadLeads(ref reader), [.. reader.List(static (ref StateReader r) => ReadId(ref r))]);
        reader.End();
        return change;
    }

    public static byte[] Write(NodeImagePart part)
    {
        var writer = new StateWriter(Version);
        writer.Int(part.Id);
        writer.Long(part.Incarnation);
        writer.Long(part.Version);
        writer.Int(part.Part);
        writer.Int(part.Parts);
        part.Description.Write(writer);
        Write(writer, part.Leads);
        return writer.ToArray();
    }

    public static NodeImagePart ReadNodeImagePart(byte[] bytes)
    {
        var reader = new StateReader(bytes, "Node image", Version);
        var part = new NodeImagePart(reader.Int(), reader.Long(), reader.Long(), reader.Int(), reader.Int(), NodeDescription.Read(ref reader), ReadLeads(ref reader));
        reader.End();
        return part;
    }

    public static byte[] Write(TopicsImagePart part)
    {
        var writer = new StateWriter(Version);
        writer.Int(part.Epoch);
        writer.Long(part.Version);
        writer.Int(part.Part);
        writer.Int(part.Parts);
        writer.Bytes(part.Bytes.Span);
        return writer.ToArray();
    }

    public static TopicsImagePart ReadTopicsImagePart(byte[] bytes)
    {
        var reader = new StateReader(bytes, "Topics image", Version);
        var part = new TopicsImagePart(reader.Int(), reader.Long(), reader.Int(), reader.Int(), reader.Bytes());
        reader.End();
        return part;
    }

    private static void Write(StateWriter writer, ImmutableArray<PartitionLed> leads) => writer.List(leads, static (w, led) =>
    {
        Write(w, led.Partition);
        w.Int(led.Epoch);
    });

    private static ImmutableArray<PartitionLed> ReadLeads(ref StateReader reader) => [.. reader.List(static (ref StateReader r) => new PartitionLed(ReadId(ref r), r.Int()))];

    private static void Write(StateWriter writer, PartitionId id)
    {
        writer.Guid(id.TopicId);
        writer.Int(id.Partition);
    }

    private static PartitionId ReadId(ref StateReader reader) => new(reader.Guid(), reader.Int());
}

/// <summary>Puts the pieces of one sender's image together. Pieces come in order, or the image is asked for again.</summary>
public sealed class ImageParts
{
    private readonly List<NodeImagePart> _node = [];
    private readonly List<TopicsImagePart> _topics = [];

    /// <summary>The image, when this was its last piece; else null.</summary>
    public NodeImage? Add(NodeImagePart part)
    {
        if (part.Part == 0 || _node.Count != part.Part || _node[0].Version != part.Version || _node[0].Incarnation != part.Incarnation)
            _node.Clear();
        if (_node.Count != part.Part)
            return null;
        _node.Add(part);
        if (_node.Count < part.Parts)
            return null;
        var led = _node.SelectMany(each => each.Leads).ToImmutableDictionary(each => each.Partition, each => each.Epoch);
        _node.Clear();
        return new NodeImage(part.Id, part.Incarnation, part.Version, part.Description, led);
    }

    /// <inheritdoc cref="Add(NodeImagePart)"/>
    public TopicsImage? Add(TopicsImagePart part)
    {
        if (part.Part == 0 || _topics.Count != part.Part || _topics[0].Version != part.Version)
            _topics.Clear();
        if (_topics.Count != part.Part)
            return null;
        _topics.Add(part);
        if (_topics.Count < part.Parts)
            return null;
        var bytes = _topics.SelectMany(each => each.Bytes.ToArray()).ToArray();
        _topics.Clear();
        return TopicsImage.Read(bytes);
    }
}
