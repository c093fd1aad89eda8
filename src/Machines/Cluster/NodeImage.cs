using System.Collections.Immutable;

namespace Actors.Machines;

/// <summary>Where clients of one listener are told to connect to a node.</summary>
/// <param name="Name">The listener's name, <c>PLAINTEXT</c> or what the node's settings call it.</param>
public sealed record ListenerAddress(string Name, string Host, int Port);

/// <summary>What a node says of itself, leaders aside. Small: it goes whole with every change.</summary>
public sealed record NodeDescription
{
    /// <summary>The status of a node that is about to leave.</summary>
    public const string Down = "down";

    /// <summary>A node that has said nothing yet.</summary>
    public static readonly NodeDescription Unknown = new();

    /// <summary>The first one is for the nodes among themselves.</summary>
    public ImmutableArray<ListenerAddress> Listeners { get; init; } = [];

    /// <summary>The address of its actor system, by which its peers know it; empty for a node alone.</summary>
    public string System { get; init; } = "";

    /// <summary>Where its HTTP API is, <c>http://host:port</c>; empty when unknown.</summary>
    public string Http { get; init; } = "";

    /// <summary><c>broker</c>, <c>streams</c>.</summary>
    public ImmutableArray<string> Roles { get; init; } = [];

    /// <summary><c>starting</c>, <c>up</c> or <c>down</c>.</summary>
    public string Status { get; init; } = "starting";

    /// <summary>Consumer groups that it coordinates.</summary>
    public int Groups { get; init; }

    /// <summary>Tasks of topologies that it runs.</summary>
    public int Tasks { get; init; }

    /// <summary>The epoch of the topics actor when it runs here, else 0: of two that say so, the greater one is the controller.</summary>
    public int ControllerEpoch { get; init; }

    /// <summary>The node's address for a client of the listener; a client inside the process gets the first one. Null when the node has no such listener.</summary>
    public ListenerAddress? Address(string? listener)
    {
        foreach (var address in Listeners)
            if (listener is null || address.Name == listener)
                return address;
        return null;
    }

    /// <inheritdoc/>
    public bool Equals(NodeDescription? other) =>
        other is not null && Listeners.SequenceEqual(other.Listeners) && Roles.SequenceEqual(other.Roles)
        && (System, Http, Status, Groups, Tasks, ControllerEpoch) == (other.System, other.Http, other.Status, other.Groups, other.Tasks, other.ControllerEpoch);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Http, Status, Groups, Tasks, ControllerEpoch, Listeners.Length);

    internal void Write(StateWriter writer)
    {
        writer.List(Listeners, static (w, listener) =>
        {
            w.String(listener.Name);
            w.String(listener.Host);
            w.Int(listener.Port);
        });
        writer.String(System);
        writer.String(Http);
        writer.List(Roles, static (w, role) => w.String(role));
        writer.String(Status);
        writer.Int(Groups);
        writer.Int(Tasks);
        writer.Int(ControllerEpoch);
    }

    internal static NodeDescription Read(ref StateReader reader) => new()
    {
        Listeners = [.. reader.List(static (ref StateReader r) => new ListenerAddress(r.String(), r.String(), r.Int()))],
        System = reader.String(),
        Http = reader.String(),
        Roles = [.. reader.List(static (ref StateReader r) => r.String())],
        Status = reader.String(),
        Groups = reader.Int(),
        Tasks = reader.Int(),
        ControllerEpoch = reader.Int(),
    };
}

/// <summary>One node as it describes itself: of one incarnation, at one version.</summary>
/// <param name="Incarnation">Which start of the node; a later one is greater.</param>
/// <param name="Version">Changes since the start.</param>
/// <param name="Led">The partitions that it leads, with their leader epochs.</param>
public sealed record NodeImage(int Id, long Incarnation, long Version, NodeDescription Description, ImmutableDictionary<PartitionId, int> Led)
{
    /// <summary>A node that has just started.</summary>
    public static NodeImage Started(int id, long incarnation) => new(id, incarnation, 0, NodeDescription.Unknown, ImmutableDictionary<PartitionId, int>.Empty);
}

/// <summary>How one version of a node's image follows from the one before.</summary>
/// <param name="Version">The version after it; before it was one less.</param>
public sealed record NodeChange(
    int Id, long Incarnation, long Version, NodeDescription Description, ImmutableArray<PartitionLed> Leads, ImmutableArray<PartitionId> Leaves);

/// <summary>A partition led under a leader epoch.</summary>
public readonly record struct PartitionLed(PartitionId Partition, int Epoch);
