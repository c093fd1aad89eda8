using Actors.Broker.Network;
using Actors.Broker.Topics;
using Actors.Machines;
using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Broker.Apis;

/// <summary>Deletes topics. v4: flexible; v5: messages of errors; v6: topics by id.</summary>
internal sealed class DeleteTopics() : Api<DeleteTopicsRequest>(ApiKey.DeleteTopics, 1, 6)
{
    protected override void Dispatch(DeleteTopicsRequest request, Exchange exchange)
    {
        var wanted = exchange.ApiVersion < 6
            ? request.TopicNames.ConvertAll(name => new TopicReference(name, null))
            : request.Topics.ConvertAll(topic => new TopicReference(topic.Name, topic.TopicId == Guid.Empty ? null : topic.TopicId));
        var response = new DeleteTopicsResponse();
        exchange.Ask(
            exchange.Broker.Topics, token => new TopicsRequest(token, new Machines.DeleteTopics(wanted)),
            answer =>
            {
                var reply = (DeleteTopicsReply)((TopicsAnswer)answer).Reply;
                foreach (var deleted in reply.Topics)
                    Add(deleted.Name, deleted.Id, deleted.Error, deleted.Message);
                exchange.Once(() => reply.Topics.All(topic => topic.Error != ErrorCode.None || exchange.Broker.Metadata.Current.Find(topic.Id) is null), () => exchange.Complete(response));
            },
            why =>
            {
                foreach (var topic in wanted)
                    Add(topic.Name, topic.Id ?? Guid.Empty, why == Unanswered.TimedOut ? ErrorCode.RequestTimedOut : ErrorCode.NotController, null);
                exchange.Complete(response);
            },
            TimeSpan.FromMilliseconds(Math.Max(0, request.TimeoutMs)));

        void Add(string? name, Guid id, ErrorCode error, string? message) =>
            response.Responses.Add(new DeleteTopicsResponse.DeletableTopicResult { Name = name, TopicId = id, ErrorCode = (short)error, ErrorMessage = message });
    }
}
