using Actors.Broker.Network;
using Actors.Protocol;
using Akka.Actor;

namespace Actors.Broker.Groups;

/// <summary>A client's request to the group's coordinator. It may stay parked as long as a rebalance takes.</summary>
/// <param name="Token">The asker's.</param>
/// <param name="Request">One of the group APIs' requests.</param>
/// <param name="ApiVersion">The version it came in, which some rules depend on.</param>
/// <param name="ClientId">What the client calls itself.</param>
/// <param name="ClientHost">Its address, <c>/127.0.0.1</c>.</param>
/// <param name="MayWait">A heartbeat whose answer may be kept until there is news.</param>
internal sealed record GroupRequest(long Token, IRequest Request, short ApiVersion, string ClientId, string ClientHost, bool MayWait = false);

internal sealed record GroupAnswer(long Token, object Response) : IAnswer;

/// <summary>See to it that the group's actor runs; answered when it has recovered.</summary>
internal sealed record StartGroup(long Token, string Group);

internal sealed record GroupStarted(long Token) : IAnswer;

/// <summary>Told by a group's actor to the region.</summary>
internal sealed record GroupServing(string Group);

/// <summary>The group is dead and has nothing in the journal any more: its actor is not needed.</summary>
internal sealed record GroupEnded(string Group, IActorRef Actor);

/// <summary>The region's answer to <see cref="GroupEnded"/> when somebody asked for the group meanwhile.</summary>
internal sealed class StillWanted
{
    public static readonly StillWanted Instance = new();
}

/// <summary>Asked of the group's coordinator, through the announcer of its node; answered by <see cref="GroupGeneration"/>: DescribeGroups does not tell it.</summary>
internal sealed record AskGroupGeneration(string Group) : INodeMessage;

/// <summary>Null: the node that was asked does not coordinate the group.</summary>
internal sealed record GroupGeneration(int? GenerationId) : INodeMessage;

/// <summary>Which groups the journal has; answered by <see cref="StoredGroups"/>.</summary>
internal sealed class FindStoredGroups
{
    public static readonly FindStoredGroups Instance = new();
}

internal sealed record StoredGroups(IReadOnlyCollection<string> Groups);
