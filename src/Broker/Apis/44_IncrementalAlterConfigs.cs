using Actors.Broker.Network;
using Actors.Machines;
using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Broker.Apis;

/// <summary>Sets single configurations, takes them back, adds to lists and takes from them. v1: flexible.</summary>
internal sealed class IncrementalAlterConfigs() : Api<IncrementalAlterConfigsRequest>(ApiKey.IncrementalAlterConfigs, 0, 1)
{
    protected override void Dispatch(IncrementalAlterConfigsRequest request, Exchange exchange)
    {
        var changes = request.Resources.ConvertAll(resource => new ResourceChanges(
            new ConfigurationResource((ConfigurationResourceType)resource.ResourceType, resource.ResourceName),
            resource.Configs.ConvertAll(config => new ConfigChange(config.Name, config.Value, (ConfigOperation)config.ConfigOperation))));
        ConfigurationChanges.Ask(exchange, changes, request.ValidateOnly, results => exchange.Complete(new IncrementalAlterConfigsResponse
        {
            Responses = [.. results.Select(result => new IncrementalAlterConfigsResponse.AlterConfigsResourceResponse
            {
                ErrorCode = (short)result.Error, ErrorMessage = result.Message, ResourceType = (sbyte)result.Resource.Type, ResourceName = result.Resource.Name,
            })],
        }));
    }
}
