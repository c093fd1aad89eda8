using Actors.Machines;

namespace Actors.Broker;

/// <summary>
/// Something happened in a group of the cluster, and is durable as far as it is stored at all. Published on every node's actor system's event stream, for whoever watches;
/// at most once, and nothing depends on it.
/// </summary>
/// <param name="Group">The group's name.</param>
/// <param name="At">When it was decided, epoch milliseconds.</param>
/// <param name="Change">What happened.</param>
public sealed record GroupEvent(string Group, long At, GroupChange Change) : INodeMessage;
