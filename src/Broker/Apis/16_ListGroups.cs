using Actors.Broker.Groups;
using Actors.Broker.Network;
using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Broker.Apis;

/// <summary>The groups of this coordinator. v3: flexible; v4: filter by state; v5: by type.</summary>
internal sealed class ListGroups() : Api<ListGroupsRequest>(ApiKey.ListGroups, 0, 5)
{
    protected override void Dispatch(ListGroupsRequest request, Exchange exchange)
    {
        var response = new ListGroupsResponse();
        if (!Coordinators.AreLoaded(exchange.Broker))
        {
            response.ErrorCode = (short)ErrorCode.CoordinatorLoadInProgress;
            exchange.Complete(response);
            return;
        }
        var groups = exchange.Broker.Groups.All;
        var open = groups.Count + 1;
        foreach (var (_, coordinator) in groups)
            exchange.Ask(
                coordinator, token => new GroupRequest(token, request, exchange.ApiVersion, exchange.ClientId, exchange.Connection.ClientHost),
                answer =>
                {
                    if (((GroupAnswer)answer).Response is ListGroupsResponse.ListedGroup listed)
                        response.Groups.Add(listed);
                    Close();
                },
                _ => Close());
        Close();

        void Close()
        {
            if (--open > 0)
                return;
            response.Groups.RemoveAll(group =>
                (request.StatesFilter is { Count: > 0 } states && !states.Contains(group.GroupState, StringComparer.OrdinalIgnoreCase))
                || (request.TypesFilter is { Count: > 0 } types && !types.Contains(group.GroupType, StringComparer.OrdinalIgnoreCase)));
            response.Groups.Sort((a, b) => string.CompareOrdinal(a.GroupId, b.GroupId));
            exchange.Complete(response);
        }
    }
}
