using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Broker.Apis;

/// <summary>Deletes committed offsets of partitions that no member of the group subscribes to.</summary>
internal sealed class OffsetDelete() : GroupApi<OffsetDeleteRequest>(ApiKey.OffsetDelete, 0, 0, emptyGroup: true)
{
    protected override string GroupOf(OffsetDeleteRequest request) => request.GroupId;

    protected override IMessage Refuse(OffsetDeleteRequest request, ErrorCode error, short version) => new OffsetDeleteResponse { ErrorCode = (short)error };
}
