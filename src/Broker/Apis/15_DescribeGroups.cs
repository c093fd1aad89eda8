using Actors.Broker.Network;
using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Broker.Apis;

/// <summary>Groups with their members and assignments. v3: authorised operations; v4: static members; v5: flexible.</summary>
internal sealed class DescribeGroups() : Api<DescribeGroupsRequest>(ApiKey.DescribeGroups, 0, 5)
{
    protected override void Dispatch(DescribeGroupsRequest request, Exchange exchange)
    {
        var response = new DescribeGroupsResponse();
        var open = request.Groups.Count;
        if (open == 0)
            exchange.Complete(response);
        foreach (var group in request.Groups)
        {
            var one = new DescribeGroupsRequest { Groups = [group] };
            // A group that is not there is described as dead, without starting an actor for it.
            if (Coordinators.Region(exchange.Broker, group) is not null && exchange.Broker.Groups.IsLoaded && exchange.Broker.Groups.Find(group) is null)
                Described(new DescribeGroupsResponse.DescribedGroup { GroupId = group, GroupState = "Dead" });
            else
                Coordinators.Ask(exchange, group, true, one, exchange.Broker.Settings.RequestTimeout,
                    answer => Described(((DescribeGroupsResponse)answer).Groups[0]),
                    error => Described(new DescribeGroupsResponse.DescribedGroup { GroupId = group, ErrorCode = (short)error }));
        }

        void Described(DescribeGroupsResponse.DescribedGroup described)
        {
            response.Groups.Add(described);
            if (--open == 0)
                exchange.Complete(response);
        }
    }
}
