using Actors.Broker.Network;
using Actors.Broker.Topics;
using Actors.Machines;
using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Broker.Apis;

/// <summary>Creates topics; answered when their partitions serve. v1: validate only; v4: default partitions and replication; v5: flexible, the configuration in the response; v7: topic ids.</summary>
internal sealed class CreateTopics() : Api<CreateTopicsRequest>(ApiKey.CreateTopics, 2, 7)
{
    protected override void Dispatch(CreateTopicsRequest request, Exchange exchange)
    {
        var duplicates = request.Topics.GroupBy(topic => topic.Name).Where(group => group.Count() > 1).Select(group => group.Key).ToHashSet();
        var wanted = request.Topics.Where(topic => !duplicates.Contains(topic.Name)).Select(topic => new NewTopic(topic.Name, exchange.Broker.Settings.NewId(), topic.NumPartitions, topic.ReplicationFactor)
        {
            Assignments = topic.Assignments.ConvertAll(a => new Machines.PartitionAssignment(a.PartitionIndex, a.BrokerIds)),
            Configs = topic.Configs.ConvertAll(c => KeyValuePair.Create(c.Name, c.Value)),
        }).ToList();
        var response = new CreateTopicsResponse();
        foreach (var name in duplicates)
            response.Topics.Add(Refused(name, ErrorCode.InvalidRequest, "Duplicate topic name."));
        exchange.Ask(
            exchange.Broker.Topics, token => new TopicsRequest(token, new Machines.CreateTopics(wanted, request.validateOnly, [])),
            answer =>
            {
                var reply = (CreateTopicsReply)((TopicsAnswer)answer).Reply;
                foreach (var created in reply.Topics)
                    response.Topics.Add(created.Topic is { } topic ? Created(topic, exchange) : Refused(created.Name, created.Error, created.Message));
                exchange.Once(() => request.validateOnly || reply.Topics.All(topic => topic.Topic is null || IsSeen(topic.Topic, exchange.Broker)), () => exchange.Complete(response));
            },
            why =>
            {
                foreach (var topic in wanted)
                    response.Topics.Add(Refused(topic.Name, why == Unanswered.TimedOut ? ErrorCode.RequestTimedOut : ErrorCode.NotController, null));
                exchange.Complete(response);
            },
            TimeSpan.FromMilliseconds(Math.Max(0, request.timeoutMs)));
    }

    /// <summary>Who asks this node next finds the topic and its leaders, although another node created it.</summary>
    private static bool IsSeen(TopicImage topic, BrokerContext broker) =>
        broker.Metadata.Current.Find(topic.Id) is not null && PartitionId.Of(topic).All(id => broker.Metadata.Cluster.Leader(id) is not null);

    private static CreateTopicsResponse.CreatableTopicResult Refused(string name, ErrorCode error, string? message) =>
        new() { Name = name, ErrorCode = (short)error, ErrorMessage = message, Configs = null };

    private static CreateTopicsResponse.CreatableTopicResult Created(TopicImage topic, Exchange exchange)
    {
        return new CreateTopicsResponse.CreatableTopicResult
        {
            Name = topic.Name,
            TopicId = topic.Id,
            NumPartitions = topic.Partitions,
            ReplicationFactor = 1,
            Configs = exchange.Broker.Configurations.Describe(exchange.Broker.Metadata.Current, ConfigurationResource.Topic(topic.Name), topic.Configs).Select(config => new CreateTopicsResponse.CreatableTopicConfigs
            {
                Name = config.Name,
                Value = config.Value,
                ConfigSource = (sbyte)config.Source,
                IsSensitive = config.IsSensitive,
            }).ToList(),
        };
    }
}
