namespace Actors.Node.Live;

/// <summary>A node as <c>/cluster</c> shows it.</summary>
internal sealed record NodeView(int Id, string Kafka, string Http, IReadOnlyList<string> Roles, string Status, int Leaders, int Groups, int Tasks);

internal sealed record ClusterView(IReadOnlyList<NodeView> Nodes, int Controller);

/// <summary>A partition with its log's end and the records a second it grew by; null while not known.</summary>
internal sealed record PartitionView(int Partition, int Leader, int LeaderEpoch, long? EndOffset, double? Rate);

internal sealed record TopicView(string Topic, bool Internal, IReadOnlyList<PartitionView> Partitions, double? Rate);

internal sealed record AssignedPartition(string Topic, int Partition);

internal sealed record MemberView(
    string MemberId, string? GroupInstanceId, string ClientId, string Host, IReadOnlyList<AssignedPartition> Assignment, long Lag);

/// <summary>A partition that the group has committed or a member owns. Lag is the records from the committed offset to the log's end, control records aside; null while either is not known.</summary>
internal sealed record GroupOffsetView(string Topic, int Partition, long? CommittedOffset, long? EndOffset, long? Lag, string Metadata, string? MemberId);

/// <summary>A group; its generation is null while its coordinator's node does not say.</summary>
internal sealed record GroupView(
    string Group, string State, string ProtocolType, string Assignor, int? Generation, int Coordinator, IReadOnlyList<MemberView> Members, long Lag,
    IReadOnlyList<GroupOffsetView> Offsets);
