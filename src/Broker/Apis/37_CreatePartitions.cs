using Actors.Broker.Network;
using Actors.Broker.Topics;
using Actors.Machines;
using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Broker.Apis;

/// <summary>Adds partitions to topics; answered when they serve. v2: flexible; v3: no change for us.</summary>
internal sealed class CreatePartitions() : Api<CreatePartitionsRequest>(ApiKey.CreatePartitions, 0, 3)
{
    protected override void Dispatch(CreatePartitionsRequest request, Exchange exchange)
    {
        var twice = request.Topics.GroupBy(topic => topic.Name).Where(group => group.Count() > 1).Select(group => group.Key).ToHashSet();
        var wanted = request.Topics.Where(topic => !twice.Contains(topic.Name))
            .Select(topic => new MorePartitions(topic.Name, topic.Count, topic.Assignments?.ConvertAll(assignment => (IReadOnlyList<int>)assignment.BrokerIds))).ToList();
        var response = new CreatePartitionsResponse();
        foreach (var name in twice)
            Add(name, ErrorCode.InvalidRequest, "Duplicate topic name.");
        exchange.Ask(
            exchange.Broker.Topics, token => new TopicsRequest(token, new Machines.CreatePartitions(wanted, request.ValidateOnly, [])),
            answer =>
            {
                var reply = (CreatePartitionsReply)((TopicsAnswer)answer).Reply;
                foreach (var result in reply.Topics)
                    Add(result.Name, result.Error, result.Message);
                var added = request.ValidateOnly ? [] : wanted.Where(topic => reply.Topics.Any(result => result.Name == topic.Name && result.Error == ErrorCode.None)).ToList();
                exchange.Once(() => added.TrueForAll(topic => IsSeen(topic, exchange.Broker)), () => exchange.Complete(response));
            },
            why =>
            {
                foreach (var topic in wanted)
                    Add(topic.Name, why == Unanswered.TimedOut ? ErrorCode.RequestTimedOut : ErrorCode.NotController, null);
                exchange.Complete(response);
            });

        void Add(string name, ErrorCode error, string? message) =>
            response.Results.Add(new CreatePartitionsResponse.CreatePartitionsTopicResult { Name = name, ErrorCode = (short)error, ErrorMessage = message });
    }

    /// <summary>Who asks this node next finds the partitions and their leaders, although another node made them; a topic deleted meanwhile is not waited for.</summary>
    private static bool IsSeen(MorePartitions topic, BrokerContext broker) =>
        broker.Metadata.Current.Find(topic.Name) is not { } image || (image.Partitions >= topic.Count && PartitionId.Of(image).All(id => broker.Metadata.Cluster.Leader(id) is not null));
}
