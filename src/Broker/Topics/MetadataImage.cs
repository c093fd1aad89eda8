using Actors.Machines;

namespace Actors.Broker.Topics;

/// <summary>This node's copy of what topics exist. Replaced as a whole, only by what is durable; readers keep the one they took.</summary>
internal sealed class MetadataImage
{
    private volatile TopicsImage _current = TopicsImage.Empty;

    public TopicsImage Current => _current;

    public void Publish(TopicsImage image) => _current = image;
}
