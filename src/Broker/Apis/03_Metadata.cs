using Actors.Broker.Network;
using Actors.Broker.Topics;
using Actors.Machines;
using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Broker.Apis;

/// <summary>
/// Brokers, topics and leaders. v0: an empty list means all topics; v1: null does; v4: the client may forbid creation; v9: flexible;
/// v10: topic ids; v12: topics asked for by id.
/// </summary>
internal sealed class Metadata() : Api<MetadataRequest>(ApiKey.Metadata, 0, 12)
{
    private const short FirstVersionById = 12;

    protected override void Dispatch(MetadataRequest request, Exchange exchange)
    {
        if (exchange.ApiVersion < FirstVersionById && request.Topics is { } named && named.Exists(topic => topic.Name is null || topic.TopicId != Guid.Empty))
        {
            // As in Kafka: versions 10 and 11 have the id, and nobody may ask by it yet.
            exchange.Complete(new MetadataResponse
            {
                Topics = [.. named.Select(topic => new MetadataResponse.MetadataResponseTopic { Name = topic.Name ?? "", TopicId = topic.TopicId, ErrorCode = (short)ErrorCode.InvalidRequest })],
            });
            return;
        }
        var topics = exchange.Broker.Metadata.Current;
        var all = request.Topics is null || (exchange.ApiVersion == 0 && request.Topics.Count == 0);
        var missing = all ? [] : request.Topics!.Where(t => t.Name is { } name && topics.Find(name) is null).Select(t => t.Name!).Distinct().ToList();
        if (missing.Count == 0 || !exchange.Broker.Settings.AutoCreateTopics || (exchange.ApiVersion >= 4 && !request.AllowAutoTopicCreation))
        {
            Answer(request, exchange, all, new Dictionary<string, ErrorCode>());
            return;
        }
        exchange.Ask(
            exchange.Broker.Topics, token => new CreateMissingTopics(token, missing),
            answer =>
            {
                var refused = ((MissingTopicsAnswer)answer).Refused;
                exchange.Once(() => missing.All(name => refused.ContainsKey(name) || exchange.Broker.Metadata.Current.Find(name) is not null), () => Answer(request, exchange, all, refused));
            },
            _ => Answer(request, exchange, all, missing.ToDictionary(name => name, _ => ErrorCode.LeaderNotAvailable)),
            IControllerRequest.Patience);
    }

    private static void Answer(MetadataRequest request, Exchange exchange, bool all, IReadOnlyDictionary<string, ErrorCode> refused)
    {
        var response = new MetadataResponse { ClusterId = exchange.Broker.Settings.ClusterId, ControllerId = exchange.Broker.Metadata.Cluster.Controller };
        if (request.IncludeClusterAuthorizedOperations)
            response.ClusterAuthorizedOperations = AuthorizedOperations.OfCluster;
        foreach (var node in exchange.Broker.Brokers)
            if (exchange.Broker.Address(node.Id, exchange.Connection.Listener) is { } address)
                response.Brokers.Add(new MetadataResponse.MetadataResponseBroker { NodeId = node.Id, Host = address.Host, Port = address.Port });
        var topics = exchange.Broker.Metadata.Current;
        if (all)
            response.Topics.AddRange(topics.ByName.Values.Select(topic => Describe(topic, exchange)));
        else
            foreach (var asked in request.Topics!)
                response.Topics.Add(Find(asked, topics, exchange, refused));
        if (request.IncludeTopicAuthorizedOperations)
            foreach (var topic in response.Topics.Where(topic => topic.ErrorCode == (short)ErrorCode.None))
                topic.TopicAuthorizedOperations = AuthorizedOperations.OfTopic;
        exchange.Complete(response);
    }

    private static MetadataResponse.MetadataResponseTopic Find(
        MetadataRequest.MetadataRequestTopic asked, TopicsImage topics, Exchange exchange, IReadOnlyDictionary<string, ErrorCode> refused)
    {
        if (asked.Name is null)
            return topics.Find(asked.TopicId) is { } byId
                ? Describe(byId, exchange)
                : new MetadataResponse.MetadataResponseTopic { Name = null, TopicId = asked.TopicId, ErrorCode = (short)ErrorCode.UnknownTopicId };
        if (topics.Find(asked.Name) is { } topic)
            return Describe(topic, exchange);
        var error = refused.TryGetValue(asked.Name, out var why) ? why : TopicName.Validate(asked.Name) is null ? ErrorCode.UnknownTopicOrPartition : ErrorCode.InvalidTopicException;
        return new MetadataResponse.MetadataResponseTopic { Name = asked.Name, ErrorCode = (short)error };
    }

    private static MetadataResponse.MetadataResponseTopic Describe(TopicImage topic, Exchange exchange)
    {
        var described = new MetadataResponse.MetadataResponseTopic { Name = topic.Name, TopicId = topic.Id, IsInternal = topic.Name.StartsWith("__", StringComparison.Ordinal) };
        var cluster = exchange.Broker.Metadata.Cluster;
        foreach (var id in PartitionId.Of(topic))
        {
            // Without followers the replicas are the leader; while there is none, none is in sync.
            var leader = cluster.Leader(id);
            described.Partitions.Add(new MetadataResponse.MetadataResponsePartition
            {
                PartitionIndex = id.Partition,
                ErrorCode = (short)(leader is null ? ErrorCode.LeaderNotAvailable : ErrorCode.None),
                LeaderId = leader?.Node ?? -1,
                LeaderEpoch = leader?.Epoch ?? -1,
                ReplicaNodes = leader is { Node: var replica } ? [replica] : [],
                IsrNodes = leader is { Node: var inSync } ? [inSync] : [],
            });
        }
        return described;
    }
}
