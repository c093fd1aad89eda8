using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Client;

/// <summary>A topic to be made.</summary>
/// <param name="Name">1 to 249 letters, digits, '.', '_' and '-'.</param>
/// <param name="Partitions">-1: the broker's default.</param>
/// <param name="ReplicationFactor">-1: the broker's default.</param>
/// <param name="Configs">Topic configurations by name.</param>
public sealed record NewTopic(string Name, int Partitions = -1, short ReplicationFactor = -1, IReadOnlyDictionary<string, string>? Configs = null);

/// <summary>Offsets of a partition: from the first to before the end.</summary>
public readonly record struct OffsetRange(long From, long End);

/// <summary>A group as its coordinator lists it. The state is empty from brokers before 2.6, the type (classic or consumer) from those before 3.8.</summary>
public sealed record ListedGroup(string GroupId, string ProtocolType, string State, string Type = "");

/// <summary>A group as its coordinator describes it.</summary>
public sealed record GroupDescription(
    string GroupId, string State, string ProtocolType, string Assignor, BrokerInfo Coordinator, IReadOnlyList<GroupMemberDescription> Members);

/// <summary>A member of a group, with the partitions it has at the moment; none where the group's protocol is not the consumers'.</summary>
public sealed record GroupMemberDescription(
    string MemberId, string? GroupInstanceId, string ClientId, string Host, IReadOnlyList<TopicPartition> Assignment, byte[] Metadata, byte[] AssignmentBytes);

/// <summary>
/// Topics, groups and offsets, seen and changed from outside. Retriable errors are repeated within <see cref="ClusterOptions.ApiTimeout"/>;
/// what remains is a <see cref="KafkaException"/> naming the topic or group.
/// </summary>
public sealed partial class Admin(ClusterClient cluster) : IAsyncDisposable
{
    private readonly BrokerConnections _connections = cluster.OpenConnections();

    /// <summary>Makes a topic and gives its id (<see cref="Guid.Empty"/> from brokers before 2.8).</summary>
    /// <exception cref="KafkaException">TOPIC_ALREADY_EXISTS, or what is wrong with it.</exception>
    public ValueTask<Guid> CreateTopicAsync(NewTopic topic, bool validateOnly = false, CancellationToken cancellation = default) => RetryAsync(async stop =>
    {
        var request = new CreateTopicsRequest { timeoutMs = TimeoutMs, validateOnly = validateOnly };
        request.Topics.Add(new CreateTopicsRequest.CreatableTopic
        {
            Name = topic.Name,
            NumPartitions = topic.Partitions,
            ReplicationFactor = topic.ReplicationFactor,
            Configs = [.. (topic.Configs ?? new Dictionary<string, string>()).Select(c => new CreateTopicsRequest.CreatableTopicConfig { Name = c.Key, Value = c.Value })],
        });
        var response = await SendAsync(await cluster.ControllerAsync(stop), Apis.CreateTopics, request, stop);
        var result = response.Topics.Find(t => t.Name == topic.Name) ?? throw Unanswered($"topic {topic.Name}");
        Check(result.ErrorCode, $"topic {topic.Name}", result.ErrorMessage);
        return result.TopicId;
    }, cancellation);

    /// <summary>Makes a topic unless there is one of that name. Says whether it made it.</summary>
    public async ValueTask<bool> EnsureTopicAsync(NewTopic topic, CancellationToken cancellation = default)
    {
        try
        {
            await CreateTopicAsync(topic, cancellation: cancellation);
            return true;
        }
        catch (KafkaException error) when (error.Error == ErrorCode.TopicAlreadyExists)
        {
            return false;
        }
    }

    /// <exception cref="KafkaException">UNKNOWN_TOPIC_OR_PARTITION: there is no such topic.</exception>
    public async ValueTask DeleteTopicAsync(string topic, CancellationToken cancellation = default) => await RetryAsync(async stop =>
    {
        var request = new DeleteTopicsRequest { TopicNames = [topic], TimeoutMs = TimeoutMs };
        var response = await SendAsync(await cluster.ControllerAsync(stop), Apis.DeleteTopics, request, stop);
        var result = response.Responses.Find(t => t.Name == topic) ?? throw Unanswered($"topic {topic}");
        Check(result.ErrorCode, $"topic {topic}", result.ErrorMessage, final: ErrorCode.UnknownTopicOrPartition);
        return true;
    }, cancellation);

    /// <summary>Moves the starts of logs to these offsets (-1: the high watermark): what lies before is deleted. Gives the partitions' first offsets.</summary>
    /// <exception cref="KafkaException">The first partition's error, others may be done: OFFSET_OUT_OF_RANGE, POLICY_VIOLATION where the topic is only compacted.</exception>
    public ValueTask<Dictionary<TopicPartition, long>> DeleteRecordsAsync(IReadOnlyDictionary<TopicPartition, long> before, CancellationToken cancellation = default) => RetryAsync(async stop =>
    {
        var starts = new Dictionary<TopicPartition, long>();
        var byLeader = await cluster.ByLeaderAsync(before.Keys, stop);
        foreach (var (leader, partitions) in byLeader)
        {
            var request = new DeleteRecordsRequest
            {
                TimeoutMs = TimeoutMs,
                Topics = [.. partitions.GroupBy(p => p.Topic).Select(topic => new DeleteRecordsRequest.DeleteRecordsTopic
                {
                    Name = topic.Key,
                    Partitions = [.. topic.Select(p => new DeleteRecordsRequest.DeleteRecordsPartition { PartitionIndex = p.Partition, Offset = before[p] })],
                })],
            };
            var response = await SendAsync(leader, Apis.DeleteRecords, request, stop);
            foreach (var topic in response.Topics)
            {
                foreach (var result in topic.Partitions)
                {
                    Check(result.ErrorCode, $"records of partition {topic.Name}-{result.PartitionIndex}", null);
                    starts[new TopicPartition(topic.Name, result.PartitionIndex)] = result.LowWatermark;
                }
            }
        }
        return starts;
    }, cancellation);

    /// <summary>All topics, internal ones included, in the order of their names.</summary>
    public ValueTask<IReadOnlyList<TopicMetadata>> ListTopicsAsync(CancellationToken cancellation = default) => RetryAsync(async stop =>
    {
        var request = new MetadataRequest { Topics = null, AllowAutoTopicCreation = false };
        var response = await cluster.SendToAnyAsync(Apis.Metadata, request, cluster.Options.RequestTimeout, stop);
        return (IReadOnlyList<TopicMetadata>)[.. ClusterMetadata.Of(response).Topics.Values.OrderBy(t => t.Name, StringComparer.Ordinal)];
    }, cancellation);

    /// <exception cref="KafkaException">UNKNOWN_TOPIC_OR_PARTITION: there is no such topic.</exception>
    public ValueTask<TopicMetadata> DescribeTopicAsync(string topic, CancellationToken cancellation = default) => RetryAsync(async stop =>
    {
        var request = new MetadataRequest { Topics = [new MetadataRequest.MetadataRequestTopic { Name = topic }], AllowAutoTopicCreation = false };
        var response = await cluster.SendToAnyAsync(Apis.Metadata, request, cluster.Options.RequestTimeout, stop);
        var found = ClusterMetadata.Of(response).Topics.GetValueOrDefault(topic) ?? throw Unanswered($"topic {topic}");
        Check((short)found.Error, $"topic {topic}", null, final: ErrorCode.UnknownTopicOrPartition);
        return found;
    }, cancellation);

    /// <summary>Those of these topics that are there, with one question for all.</summary>
    public ValueTask<IReadOnlyDictionary<string, TopicMetadata>> DescribeTopicsAsync(IReadOnlyCollection<string> topics, CancellationToken cancellation = default) => RetryAsync(async stop =>
    {
        var request = new MetadataRequest { Topics = [.. topics.Select(topic => new MetadataRequest.MetadataRequestTopic { Name = topic })], AllowAutoTopicCreation = false };
        var response = await cluster.SendToAnyAsync(Apis.Metadata, request, cluster.Options.RequestTimeout, stop);
        var there = ClusterMetadata.Of(response).Topics.Where(topic => topic.Value.Error != ErrorCode.UnknownTopicOrPartition).ToDictionary();
        foreach (var (name, topic) in there) Check((short)topic.Error, $"topic {name}", null);
        return (IReadOnlyDictionary<string, TopicMetadata>)there;
    }, cancellation);

    /// <summary>Offsets by timestamp (milliseconds since 1970 UTC) or <see cref="LogicalOffset"/>.</summary>
    public ValueTask<Dictionary<TopicPartition, ListedOffset>> ListOffsetsAsync(
        IReadOnlyDictionary<TopicPartition, long> wanted, IsolationLevel isolation = IsolationLevel.ReadUncommitted, CancellationToken cancellation = default) =>
        RetryAsync(stop => OffsetLookup.OnceAsync(cluster, _connections, wanted, isolation, stop), cancellation);

    /// <summary>How many records lie in ranges of offsets, such as from what a group has committed to the log's end. Control records do not count.</summary>
    public ValueTask<Dictionary<TopicPartition, long>> CountRecordsAsync(IReadOnlyDictionary<TopicPartition, OffsetRange> ranges, CancellationToken cancellation = default) =>
        RetryAsync(stop => LagCount.OnceAsync(cluster, _connections, ranges, stop), cancellation);

    /// <summary>All groups of all brokers, in the order of their names.</summary>
    public ValueTask<IReadOnlyList<ListedGroup>> ListGroupsAsync(CancellationToken cancellation = default) => RetryAsync(async stop =>
    {
        var groups = new SortedDictionary<string, ListedGroup>(StringComparer.Ordinal);
        foreach (var broker in (await cluster.RefreshAsync(stop)).Brokers.Values)
        {
            var response = await SendAsync(broker, Apis.ListGroups, new ListGroupsRequest(), stop);
            Check(response.ErrorCode, $"the groups of broker {broker}", null);
            foreach (var group in response.Groups) groups[group.GroupId] = new ListedGroup(group.GroupId, group.ProtocolType, group.GroupState ?? "", group.GroupType ?? "");
        }
        return (IReadOnlyList<ListedGroup>)[.. groups.Values];
    }, cancellation);

    /// <summary>A group's state and members. A group that does not exist is in state Dead, as Kafka has it.</summary>
    public ValueTask<GroupDescription> DescribeGroupAsync(string group, CancellationToken cancellation = default) => RetryAsync(async stop =>
    {
        var coordinator = await cluster.CoordinatorAsync(group, stop);
        var response = await SendAsync(coordinator, Apis.DescribeGroups, new DescribeGroupsRequest { Groups = [group] }, stop);
        var found = response.Groups.FirstOrDefault() ?? throw Unanswered($"group {group}");
        Check(found.ErrorCode, $"group {group}", null);
        var members = found.Members.Select(m => new GroupMemberDescription(
            m.MemberId, m.GroupInstanceId, m.ClientId, m.ClientHost,
            found.ProtocolType == ConsumerProtocol.Type ? ConsumerProtocol.ReadAssignment(m.MemberAssignment).Partitions : [], m.MemberMetadata, m.MemberAssignment));
        return new GroupDescription(group, found.GroupState, found.ProtocolType, found.ProtocolData, coordinator, [.. members]);
    }, cancellation);

    /// <summary>A group's committed offsets; partitions without one are left out.</summary>
    /// <param name="group">The group.</param>
    /// <param name="partitions">Null: all that the group has committed.</param>
    /// <param name="cancellation">Gives up.</param>
    public ValueTask<Dictionary<TopicPartition, OffsetAndMetadata>> CommittedAsync(
        string group, IReadOnlyCollection<TopicPartition>? partitions = null, CancellationToken cancellation = default) => RetryAsync(async stop =>
    {
        var coordinator = await cluster.CoordinatorAsync(group, stop);
        var response = await SendAsync(coordinator, Apis.OffsetFetch, CommittedOffsets.Request(group, partitions), stop);
        return CommittedOffsets.Read(group, response);
    }, cancellation);

    /// <exception cref="KafkaException">NON_EMPTY_GROUP, GROUP_ID_NOT_FOUND.</exception>
    public async ValueTask DeleteGroupAsync(string group, CancellationToken cancellation = default) => await RetryAsync(async stop =>
    {
        var coordinator = await cluster.CoordinatorAsync(group, stop);
        var response = await SendAsync(coordinator, Apis.DeleteGroups, new DeleteGroupsRequest { GroupsNames = [group] }, stop);
        var result = response.Results.Find(g => g.GroupId == group) ?? throw Unanswered($"group {group}");
        Check(result.ErrorCode, $"group {group}", null);
        return true;
    }, cancellation);

    /// <summary>Takes a static member out of its group, so that its partitions go to others at once. Says whether it was there.</summary>
    /// <exception cref="KafkaException">UNSUPPORTED_VERSION from brokers before 2.4.</exception>
    public ValueTask<bool> RemoveMemberAsync(string group, string groupInstanceId, CancellationToken cancellation = default) => RetryAsync(async stop =>
    {
        var coordinator = await cluster.CoordinatorAsync(group, stop);
        var request = new LeaveGroupRequest
        {
            GroupId = group, Members = [new LeaveGroupRequest.MemberIdentity { MemberId = "", GroupInstanceId = groupInstanceId, Reason = "removed by an admin" }],
        };
        var response = await SendAsync(coordinator, Apis.LeaveGroup, request, stop);
        Check(response.ErrorCode, $"group {group}", null);
        var error = (ErrorCode)(response.Members.FirstOrDefault() ?? throw Unanswered($"member {groupInstanceId} of group {group}")).ErrorCode;
        if (error == ErrorCode.UnknownMemberId) return false;
        Check((short)error, $"member {groupInstanceId} of group {group}", null);
        return true;
    }, cancellation);

    public ValueTask DisposeAsync() => _connections.DisposeAsync();

    private int TimeoutMs => (int)cluster.Options.RequestTimeout.TotalMilliseconds;

    private ValueTask<T> RetryAsync<T>(Func<CancellationToken, ValueTask<T>> attempt, CancellationToken cancellation) =>
        cluster.RetryAsync(cluster.Options.ApiTimeout, attempt, cancellation);

    private ValueTask<TResponse> SendAsync<TRequest, TResponse>(BrokerInfo broker, Api<TRequest, TResponse> api, TRequest request, CancellationToken cancellation)
        where TRequest : IRequest => cluster.SendAsync(_connections, broker, api, request, cluster.Options.RequestTimeout, cancellation);

    /// <param name="final">A retriable error that is this call's answer: the topic is not there.</param>
    private static void Check(short code, string what, string? why, ErrorCode final = ErrorCode.None)
    {
        var error = (ErrorCode)code;
        if (error == ErrorCode.None) return;
        throw new KafkaException(error, why is null ? what : $"{what} ({why})") { IsFinal = error == final, BrokerMessage = why };
    }

    private static KafkaException Unanswered(string what) => new(ErrorCode.UnknownServerError, $"the broker said nothing of {what}");
}
