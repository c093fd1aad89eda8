using Actors.Machines;

namespace Actors.Broker.Placement;

/// <summary>Goes between the image exchanges of two nodes.</summary>
internal interface IImageMessage : INodeMessage;

/// <summary>The sender's own part changed.</summary>
internal sealed record NodeChanged(NodeChange Change) : IImageMessage;

/// <summary>The topics changed: the event after which they have this version. From the controller alone.</summary>
internal sealed record TopicsChangedBy(long Version, IMachineEvent Event) : IImageMessage;

/// <summary>How new the sender's own part is, and its copy of the topics: whoever is behind asks.</summary>
internal sealed record CompareImages(int NodeId, long Incarnation, long Version, int TopicsEpoch, long TopicsVersion) : IImageMessage;

/// <summary>Send your own part.</summary>
internal sealed class AskNode : IImageMessage
{
    public static readonly AskNode Instance = new();
}

/// <summary>Send the topics.</summary>
internal sealed class AskTopics : IImageMessage
{
    public static readonly AskTopics Instance = new();
}

/// <summary>A piece of the sender's own part.</summary>
internal sealed record NodeCopy(NodeImagePart Part) : IImageMessage;

/// <summary>A piece of the topics.</summary>
internal sealed record TopicsCopy(TopicsImagePart Part) : IImageMessage;
