using Actors.Broker.Groups;
using Actors.Broker.Network;
using Actors.Machines;
using Actors.Protocol;
using Akka.Actor;

namespace Actors.Broker.Apis;

/// <summary>An API that one group's coordinator answers.</summary>
internal abstract class GroupApi<TRequest>(ApiKey key, short minVersion, short maxVersion, bool emptyGroup = false) : Api<TRequest>(key, minVersion, maxVersion)
    where TRequest : IRequest
{
    protected abstract string GroupOf(TRequest request);

    /// <summary>The response that says only what went wrong.</summary>
    protected abstract IMessage Refuse(TRequest request, ErrorCode error, short version);

    /// <summary>How long an answer may take: a join is parked for a rebalance.</summary>
    protected virtual TimeSpan Timeout(TRequest request, Exchange exchange) => exchange.Broker.Settings.RequestTimeout;

    protected override void Dispatch(TRequest request, Exchange exchange) =>
        Coordinators.Ask(exchange, GroupOf(request), emptyGroup, request, Timeout(request, exchange),
            response => exchange.Complete((IMessage)response), error => exchange.Complete(Refuse(request, error, exchange.ApiVersion)));
}

/// <summary>Finds a group's coordinator and asks it, starting it first where it does not run.</summary>
internal static class Coordinators
{
    /// <summary>The journal's key has 255 characters.</summary>
    private const int MaxGroupLength = 249;

    public static void Ask(
        Exchange exchange, string group, bool emptyGroup, IRequest request, TimeSpan timeout, Action<object> answered, Action<ErrorCode> refused, bool mayWait = false)
    {
        if (group.Length > MaxGroupLength || (group.Length == 0 && !emptyGroup))
        {
            refused(ErrorCode.InvalidGroupId);
            return;
        }
        if (!exchange.AwaitedGroups.Has(group) && exchange.Broker.Groups.Find(group) is { } coordinator)
        {
            exchange.Ask(
                coordinator, token => new GroupRequest(token, request, exchange.ApiVersion, exchange.ClientId, exchange.Connection.ClientHost, mayWait),
                answer => answered(((GroupAnswer)answer).Response), why => refused(Why(why)), timeout);
            return;
        }
        if (Region(exchange.Broker, group) is not { } region)
        {
            refused(ErrorCode.NotCoordinator);
            return;
        }
        var isFirst = exchange.AwaitedGroups.Add(group, () => Ask(exchange, group, emptyGroup, request, timeout, answered, refused, mayWait), refused);
        if (isFirst)
            exchange.Ask(region, token => new StartGroup(token, group), _ => exchange.AwaitedGroups.Started(group), why => exchange.AwaitedGroups.Refuse(group, Why(why)));
    }

    /// <summary>Who starts the group's actor; null when another node leads its partition of <c>__consumer_offsets</c>, or none does.</summary>
    public static IActorRef? Region(BrokerContext broker, string group) =>
        broker.Metadata.Current.Find(InternalTopics.ConsumerOffsets) is { } offsets ? broker.Groups.FindRegion(InternalTopics.PartitionFor(group, offsets.Partitions)) : null;

    /// <summary>Whether all groups serve whose partition of <c>__consumer_offsets</c> is led here: who asks for those of the node would get a part before.</summary>
    public static bool AreLoaded(BrokerContext broker)
    {
        if (broker.Metadata.Current.Find(InternalTopics.ConsumerOffsets) is { } offsets)
            for (var partition = 0; partition < offsets.Partitions; partition++)
                if (!broker.Groups.HasRegion(partition) && broker.Partitions.FindActor(new PartitionId(offsets.Id, partition)) is not null)
                    return false;
        return broker.Groups.IsLoaded;
    }

    public static ErrorCode Why(Unanswered why) => why == Unanswered.TimedOut ? ErrorCode.CoordinatorNotAvailable : ErrorCode.NotCoordinator;
}
