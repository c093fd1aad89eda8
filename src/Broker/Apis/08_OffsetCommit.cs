using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Broker.Apis;

/// <summary>Commits offsets with their metadata. v1: generation and member; v2: retention (ignored, as in Kafka since 2.1); v6: leader epoch; v7: static members; v8: flexible; v9: new error codes.</summary>
internal sealed class OffsetCommit() : GroupApi<OffsetCommitRequest>(ApiKey.OffsetCommit, 2, 9, emptyGroup: true)
{
    protected override string GroupOf(OffsetCommitRequest request) => request.GroupId;

    protected override IMessage Refuse(OffsetCommitRequest request, ErrorCode error, short version)
    {
        var response = new OffsetCommitResponse();
        foreach (var topic in request.Topics)
        {
            var refused = new OffsetCommitResponse.OffsetCommitResponseTopic { Name = topic.Name };
            foreach (var partition in topic.Partitions)
                refused.Partitions.Add(new OffsetCommitResponse.OffsetCommitResponsePartition { PartitionIndex = partition.PartitionIndex, ErrorCode = (short)error });
            response.Topics.Add(refused);
        }
        return response;
    }
}
