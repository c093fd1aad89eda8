using Actors.Broker.Network;
using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Broker.Apis;

/// <summary>Deletes groups without members, with their offsets. v2: flexible.</summary>
internal sealed class DeleteGroups() : Api<DeleteGroupsRequest>(ApiKey.DeleteGroups, 0, 2)
{
    protected override void Dispatch(DeleteGroupsRequest request, Exchange exchange)
    {
        var response = new DeleteGroupsResponse();
        var groups = request.GroupsNames.Distinct().ToList();
        var open = groups.Count;
        if (open == 0)
            exchange.Complete(response);
        foreach (var group in groups)
        {
            // For a group that is not there no actor is started.
            if (Coordinators.Region(exchange.Broker, group) is not null && exchange.Broker.Groups.IsLoaded && exchange.Broker.Groups.Find(group) is null)
                Deleted(group, ErrorCode.GroupIdNotFound);
            else
                Coordinators.Ask(exchange, group, true, new DeleteGroupsRequest { GroupsNames = [group] }, exchange.Broker.Settings.RequestTimeout,
                    answer => Deleted(group, (ErrorCode)((DeleteGroupsResponse)answer).Results[0].ErrorCode), error => Deleted(group, error));
        }

        void Deleted(string group, ErrorCode error)
        {
            response.Results.Add(new DeleteGroupsResponse.DeletableGroupResult { GroupId = group, ErrorCode = (short)error });
            if (--open == 0)
                exchange.Complete(response);
        }
    }
}
