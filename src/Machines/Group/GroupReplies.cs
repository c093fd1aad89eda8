using Actors.Protocol;

namespace Actors.Machines;

/// <summary>An answer that is only an error code.</summary>
public record GroupReply(ErrorCode Error);

/// <summary>What the leader learns about a member.</summary>
public sealed record JoinedMember(string MemberId, string? InstanceId, byte[] Metadata);

/// <summary>The answer to <see cref="JoinGroup"/>.</summary>
public sealed record JoinReply(ErrorCode Error, string MemberId, int GenerationId = -1, string? ProtocolType = null, string? ProtocolName = null, string Leader = "",
    bool SkipAssignment = false) : GroupReply(Error)
{
    /// <summary>For the leader alone; otherwise empty.</summary>
    public IReadOnlyList<JoinedMember> Members { get; init; } = [];
}

/// <summary>The answer to <see cref="SyncGroup"/>.</summary>
public sealed record SyncReply(ErrorCode Error, string? ProtocolType, string? ProtocolName, byte[] Assignment) : GroupReply(Error)
{
    internal static SyncReply Of(ErrorCode error) => new(error, null, null, []);
}

/// <summary>What became of one leaving member.</summary>
public sealed record LeftMember(string MemberId, string? InstanceId, ErrorCode Error);

/// <summary>The answer to <see cref="LeaveGroup"/>.</summary>
public sealed record LeaveReply(ErrorCode Error, IReadOnlyList<LeftMember> Members) : GroupReply(Error);

/// <summary>The answer to <see cref="CommitOffsets"/> and <see cref="DeleteOffsets"/>: <paramref name="Error"/> concerns the whole, and then stands for every partition too.</summary>
public sealed record OffsetsReply(ErrorCode Error, IReadOnlyList<(TopicPartition Partition, ErrorCode Error)> Partitions) : GroupReply(Error);

/// <summary>A member as DescribeGroups shows it.</summary>
public sealed record DescribedMember(string MemberId, string? InstanceId, string ClientId, string ClientHost, byte[] Metadata, byte[] Assignment);

/// <summary>A group as DescribeGroups and ListGroups show it.</summary>
/// <param name="ProtocolType">Empty for a group that only keeps offsets.</param>
/// <param name="Protocol">The chosen assignment protocol; empty unless stable.</param>
public sealed record GroupDescription(GroupPhase State, string ProtocolType, string Protocol, IReadOnlyList<DescribedMember> Members);
