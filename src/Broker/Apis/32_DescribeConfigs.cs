using System.Globalization;
using Actors.Broker.Network;
using Actors.Machines;
using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Broker.Apis;

/// <summary>
/// Configurations of topics, brokers and groups with their sources; a broker speaks for itself, the empty name is what was set for all. v1: sources and synonyms;
/// v3: types and documentation; v4: flexible.
/// </summary>
internal sealed class DescribeConfigs() : Api<DescribeConfigsRequest>(ApiKey.DescribeConfigs, 0, 4)
{
    protected override void Dispatch(DescribeConfigsRequest request, Exchange exchange)
    {
        var response = new DescribeConfigsResponse();
        foreach (var asked in request.Resources)
        {
            var resource = new ConfigurationResource((ConfigurationResourceType)asked.ResourceType, asked.ResourceName);
            var (error, message, found) = Find(resource, exchange.Broker);
            var keys = asked.ConfigurationKeys is { Count: > 0 } named ? named.ToHashSet() : null;
            response.Results.Add(new DescribeConfigsResponse.DescribeConfigsResult
            {
                ErrorCode = (short)error,
                ErrorMessage = message,
                ResourceType = asked.ResourceType,
                ResourceName = asked.ResourceName,
                Configs = [.. found.Where(each => keys is null || keys.Contains(each.Name)).Select(each => Show(each, request, exchange.ApiVersion))],
            });
        }
        exchange.Complete(response);
    }

    private static (ErrorCode, string?, IEnumerable<DescribedConfiguration>) Find(ConfigurationResource resource, BrokerContext broker)
    {
        var image = broker.Metadata.Current;
        switch (resource.Type)
        {
            case ConfigurationResourceType.Topic when TopicName.Validate(resource.Name) is { } invalid:
                return (ErrorCode.InvalidTopicException, invalid, []);
            case ConfigurationResourceType.Topic:
                return image.Find(resource.Name) is { } topic
                    ? (ErrorCode.None, null, broker.Configurations.Describe(image, resource, topic.Configs))
                    : (ErrorCode.UnknownTopicOrPartition, null, []);
            case ConfigurationResourceType.Broker when resource.Name.Length == 0:
                return (ErrorCode.None, null, broker.Configurations.Describe(image, allBrokers: true));
            case ConfigurationResourceType.Broker when !int.TryParse(resource.Name, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _):
                return (ErrorCode.InvalidRequest, $"Broker id must be an integer, but it is: {resource.Name}", []);
            case ConfigurationResourceType.Broker when int.Parse(resource.Name, CultureInfo.InvariantCulture) != broker.Settings.NodeId:
                return (ErrorCode.InvalidRequest, $"Unexpected broker id, expected {broker.Settings.NodeId} or empty string, but received {resource.Name}", []);
            case ConfigurationResourceType.Broker:
                return (ErrorCode.None, null, broker.Configurations.Describe(image, allBrokers: false));
            case ConfigurationResourceType.Group when resource.Name.Length == 0:
                return (ErrorCode.InvalidRequest, "Group name must not be empty", []);
            case ConfigurationResourceType.Group:
                return (ErrorCode.None, null, broker.Configurations.Describe(image, resource, image.ConfigsOf(resource)));
            default:
                return (ErrorCode.InvalidRequest, $"Unsupported resource type: {resource.TypeName}", []);
        }
    }

    private static DescribeConfigsResponse.DescribeConfigsResourceResult Show(DescribedConfiguration config, DescribeConfigsRequest request, short version) => new()
    {
        Name = config.Name,
        Value = config.Value,
        ReadOnly = config.IsReadOnly,
        IsDefault = version == 0 && config.Source == ConfigurationSource.Default,
        ConfigSource = (sbyte)config.Source,
        IsSensitive = config.IsSensitive,
        Synonyms = request.IncludeSynonyms
            ? [.. config.Synonyms.Select(synonym => new DescribeConfigsResponse.DescribeConfigsSynonym { Name = synonym.Name, Value = synonym.Value, Source = (sbyte)synonym.Source })]
            : [],
        ConfigType = (sbyte)(config.Definition?.Type ?? ConfigurationType.Unknown),
        Documentation = request.IncludeDocumentation ? config.Definition?.Documentation : null,
    };
}
