using Actors.Broker.Network;
using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Broker.Apis;

/// <summary>Committed offsets. v2: null topics mean all; v5: leader epoch; v6: flexible; v7: require stable; v8: several groups; v9: member and epoch of the new protocol.</summary>
internal sealed class OffsetFetch() : Api<OffsetFetchRequest>(ApiKey.OffsetFetch, 1, 9)
{
    protected override void Dispatch(OffsetFetchRequest request, Exchange exchange)
    {
        if (exchange.ApiVersion < 8)
        {
            Coordinators.Ask(exchange, request.GroupId, true, request, exchange.Broker.Settings.RequestTimeout,
                response => exchange.Complete((OffsetFetchResponse)response), error => exchange.Complete(Refuse(request, error, exchange.ApiVersion)));
            return;
        }
        var response = new OffsetFetchResponse();
        var open = request.Groups.Count;
        if (open == 0)
            exchange.Complete(response);
        foreach (var group in request.Groups)
        {
            var one = new OffsetFetchRequest { Groups = [group], RequireStable = request.RequireStable };
            Coordinators.Ask(exchange, group.GroupId, true, one, exchange.Broker.Settings.RequestTimeout,
                answer => Found(((OffsetFetchResponse)answer).Groups[0]),
                error => Found(new OffsetFetchResponse.OffsetFetchResponseGroup { GroupId = group.GroupId, ErrorCode = (short)error }));
        }

        void Found(OffsetFetchResponse.OffsetFetchResponseGroup found)
        {
            response.Groups.Add(found);
            if (--open == 0)
                exchange.Complete(response);
        }
    }

    private static OffsetFetchResponse Refuse(OffsetFetchRequest request, ErrorCode error, short version)
    {
        var response = new OffsetFetchResponse { ErrorCode = (short)error };
        if (version >= 2)
            return response;
        foreach (var topic in request.Topics ?? [])
        {
            var refused = new OffsetFetchResponse.OffsetFetchResponseTopic { Name = topic.Name };
            foreach (var index in topic.PartitionIndexes)
                refused.Partitions.Add(new OffsetFetchResponse.OffsetFetchResponsePartition { PartitionIndex = index, CommittedOffset = -1, Metadata = "", ErrorCode = (short)error });
            response.Topics.Add(refused);
        }
        return response;
    }
}
