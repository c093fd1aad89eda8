using Actors.Broker.Network;
using Actors.Broker.Partitions;
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
    protected override void Dispatch(MetadataRequest request, Exchange exchange)
    {
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
            answer => Answer(request, exchange, all, ((MissingTopicsAnswer)answer).Refused),
            _ => Answer(request, exchange, all, missing.ToDictionary(name => name, _ => ErrorCode.LeaderNotAvailable)));
    }

    private static void Answer(MetadataRequest request, Exchange exchange, bool all, IReadOnlyDictionary<string, ErrorCode> refused)
    {
        var settings = exchange.Broker.Settings;
        var address = exchange.Broker.Address(exchange.Connection.Listener);
        var response = new MetadataResponse { ClusterId = settings.ClusterId, ControllerId = settings.NodeId };
        response.Brokers.Add(new MetadataResponse.MetadataResponseBroker { NodeId = settings.NodeId, Host = address.Host, Port = address.Port });
        var topics = exchange.Broker.Metadata.Current;
        if (all)
            response.Topics.AddRange(topics.ByName.Values.Select(topic => Describe(topic, exchange)));
        else
            foreach (var asked in request.Topics!)
                response.Topics.Add(Find(asked, topics, exchange, refused));
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
        for (var index = 0; index < topic.Partitions; index++)
        {
            var led = exchange.Broker.Partitions.Find(new PartitionId(topic.Id, index));
            List<int> replicas = [exchange.Broker.Settings.NodeId];
            described.Partitions.Add(new MetadataResponse.MetadataResponsePartition
            {
                PartitionIndex = index,
                ErrorCode = (short)(led is null ? ErrorCode.LeaderNotAvailable : ErrorCode.None),
                LeaderId = led is null ? -1 : exchange.Broker.Settings.NodeId,
                LeaderEpoch = led?.LeaderEpoch ?? -1,
                ReplicaNodes = replicas,
                IsrNodes = replicas,
            });
        }
        return described;
    }
}
