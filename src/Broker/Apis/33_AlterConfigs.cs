using Actors.Broker.Network;
using Actors.Broker.Topics;
using Actors.Machines;
using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Broker.Apis;

/// <summary>Sets all configurations of a resource: what is not named goes back to its default. v2: flexible.</summary>
internal sealed class AlterConfigs() : Api<AlterConfigsRequest>(ApiKey.AlterConfigs, 0, 2)
{
    protected override void Dispatch(AlterConfigsRequest request, Exchange exchange)
    {
        var changes = request.Resources.ConvertAll(resource => new ResourceChanges(
            new ConfigurationResource((ConfigurationResourceType)resource.ResourceType, resource.ResourceName),
            resource.Configs.ConvertAll(config => new ConfigChange(config.Name, config.Value, ConfigOperation.Set)), ReplaceAll: true));
        ConfigurationChanges.Ask(exchange, changes, request.ValidateOnly, results => exchange.Complete(new AlterConfigsResponse
        {
            Responses = [.. results.Select(result => new AlterConfigsResponse.AlterConfigsResourceResponse
            {
                ErrorCode = (short)result.Error, ErrorMessage = result.Message, ResourceType = (sbyte)result.Resource.Type, ResourceName = result.Resource.Name,
            })],
        }));
    }
}

/// <summary>Changes of configurations on their way to the controller and back.</summary>
internal static class ConfigurationChanges
{
    /// <summary>Answers once the changes are durable and hold on this node.</summary>
    public static void Ask(Exchange exchange, IReadOnlyList<ResourceChanges> changes, bool validateOnly, Action<IReadOnlyList<ResourceResult>> answered)
    {
        var metadata = exchange.Broker.Metadata;
        exchange.Ask(
            exchange.Broker.Topics, token => new TopicsRequest(token, new Machines.AlterConfigs(changes, validateOnly, metadata.NodeId)),
            answer =>
            {
                var reply = (AlterConfigsReply)((TopicsAnswer)answer).Reply;
                exchange.Once(() => metadata.Current.Version >= reply.Version, () => answered(reply.Resources));
            },
            why =>
            {
                var error = why == Unanswered.TimedOut ? ErrorCode.RequestTimedOut : ErrorCode.NotController;
                answered([.. changes.Select(change => new ResourceResult(change.Resource, error, null))]);
            });
    }
}
