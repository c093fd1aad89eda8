using Actors.Machines;

namespace Actors.Broker;

/// <summary>
/// Something happened in a group that this node coordinates, and is durable as far as it is stored at all. Published on the actor system's event stream, for whoever watches;
/// nothing depends on it.
/// </summary>
/// <param name="Group">The group's name.</param>
/// <param name="At">When it was decided, epoch milliseconds.</param>
/// <param name="Change">What happened.</param>
public sealed record GroupEvent(string Group, long At, GroupChange Change);
