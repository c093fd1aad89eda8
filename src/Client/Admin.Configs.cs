using System.Globalization;
using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Client;

public sealed partial class Admin
{
    /// <summary>A topic's configurations; empty from a broker that does not serve DescribeConfigs.</summary>
    public async ValueTask<IReadOnlyList<ConfigEntry>> DescribeTopicConfigsAsync(string topic, CancellationToken cancellation = default)
    {
        try
        {
            return await DescribeConfigsAsync(ConfigResource.Topic(topic), cancellation: cancellation);
        }
        catch (KafkaException error) when (error.Error == ErrorCode.UnsupportedVersion)
        {
            return [];
        }
    }

    /// <summary>All configurations of a resource, defaults included; of <see cref="ConfigResource.AllBrokers"/> only what was set.</summary>
    /// <param name="resource">A broker is asked for its own.</param>
    /// <param name="synonyms">Also tell what the values would be otherwise.</param>
    /// <param name="documentation">Also tell what the configurations mean.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="KafkaException">UNKNOWN_TOPIC_OR_PARTITION, INVALID_REQUEST for a broker that is not there.</exception>
    public ValueTask<IReadOnlyList<ConfigEntry>> DescribeConfigsAsync(
        ConfigResource resource, bool synonyms = false, bool documentation = false, CancellationToken cancellation = default) => RetryAsync(async stop =>
    {
        var request = new DescribeConfigsRequest
        {
            Resources = [new DescribeConfigsRequest.DescribeConfigsResource { ResourceType = (sbyte)resource.Type, ResourceName = resource.Name, ConfigurationKeys = null }],
            IncludeSynonyms = synonyms,
            IncludeDocumentation = documentation,
        };
        var response = await SendAsync(await OwnerAsync(resource, stop), Apis.DescribeConfigs, request, stop);
        var result = response.Results.FirstOrDefault() ?? throw Unanswered($"the configuration of {resource}");
        Check(result.ErrorCode, $"the configuration of {resource}", result.ErrorMessage, final: ErrorCode.UnknownTopicOrPartition);
        var own = OwnSource(resource);
        return (IReadOnlyList<ConfigEntry>)[.. result.Configs.Select(c => new ConfigEntry(c.Name, c.Value, (ConfigSource)c.ConfigSource != own, c.ReadOnly, c.IsSensitive)
        {
            Source = (ConfigSource)c.ConfigSource,
            Type = (ConfigType)c.ConfigType,
            Synonyms = c.Synonyms.ConvertAll(s => new ConfigSynonym(s.Name, s.Value, (ConfigSource)s.Source)),
            Documentation = c.Documentation,
        })];
    }, cancellation);

    /// <summary>Alters configurations of a resource, all of them or none.</summary>
    /// <param name="resource">Brokers are told their own; a topic or all brokers may be altered at any broker.</param>
    /// <param name="alterations">Each configuration at most once.</param>
    /// <param name="validateOnly">Only says what would be wrong.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="KafkaException">INVALID_CONFIG, INVALID_REQUEST, UNKNOWN_TOPIC_OR_PARTITION, with the broker's words.</exception>
    public async ValueTask IncrementalAlterConfigsAsync(
        ConfigResource resource, IReadOnlyList<ConfigAlteration> alterations, bool validateOnly = false, CancellationToken cancellation = default) => await RetryAsync(async stop =>
    {
        var request = new IncrementalAlterConfigsRequest
        {
            Resources =
            [
                new IncrementalAlterConfigsRequest.AlterConfigsResource
                {
                    ResourceType = (sbyte)resource.Type,
                    ResourceName = resource.Name,
                    Configs = [.. alterations.Select(a => new IncrementalAlterConfigsRequest.AlterableConfig { Name = a.Name, ConfigOperation = (sbyte)a.Type, Value = a.Value })],
                },
            ],
            ValidateOnly = validateOnly,
        };
        var response = await SendAsync(await OwnerAsync(resource, stop), Apis.IncrementalAlterConfigs, request, stop);
        var result = response.Responses.FirstOrDefault() ?? throw Unanswered($"the configuration of {resource}");
        Check(result.ErrorCode, $"the configuration of {resource}", result.ErrorMessage, final: ErrorCode.UnknownTopicOrPartition);
        return true;
    }, cancellation);

    private static ConfigSource OwnSource(ConfigResource resource) => resource.Type switch
    {
        ConfigResourceType.Topic => ConfigSource.DynamicTopicConfig,
        ConfigResourceType.Broker => resource.Name.Length == 0 ? ConfigSource.DynamicDefaultBrokerConfig : ConfigSource.DynamicBrokerConfig,
        ConfigResourceType.BrokerLogger => ConfigSource.DynamicBrokerLoggerConfig,
        ConfigResourceType.ClientMetrics => ConfigSource.ClientMetricsConfig,
        ConfigResourceType.Group => ConfigSource.GroupConfig,
        _ => ConfigSource.Unknown,
    };

    /// <summary>A broker speaks for itself; for the others any one does.</summary>
    private async ValueTask<BrokerInfo> OwnerAsync(ConfigResource resource, CancellationToken cancellation)
    {
        var metadata = cluster.IsFresh && cluster.Metadata.Brokers.Count > 0 ? cluster.Metadata : await cluster.RefreshAsync(cancellation);
        if (metadata.Brokers.Count == 0) throw new KafkaException(ErrorCode.BrokerNotAvailable, "metadata names no broker");
        var named = resource.Type is ConfigResourceType.Broker or ConfigResourceType.BrokerLogger && resource.Name.Length > 0;
        if (!named || !int.TryParse(resource.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var id)) return metadata.Brokers.Values.First();
        return metadata.Brokers.TryGetValue(id, out var broker) ? broker : throw new KafkaException(ErrorCode.BrokerNotAvailable, $"there is no broker {id}");
    }
}
