using System.Collections.Immutable;
using System.Globalization;
using Actors.Protocol;

namespace Actors.Machines;

public sealed partial class TopicsMachine
{
    private Decision DecideConfigs(AlterConfigs alter)
    {
        var (events, results) = (new List<IMachineEvent>(), new List<ResourceResult>());
        var duplicates = alter.Resources.GroupBy(changes => changes.Resource).Where(group => group.Count() > 1).Select(group => group.Key).ToHashSet();
        foreach (var changes in alter.Resources)
        {
            var configs = Image.ConfigsOf(changes.Resource);
            var (error, message) = duplicates.Contains(changes.Resource)
                ? (ErrorCode.InvalidRequest, "Each resource must appear at most once.")
                : CheckChanges(changes, alter.AskedNode);
            var after = configs;
            if (error == ErrorCode.None)
                (error, message, after) = Change(changes, configs);
            if (error == ErrorCode.None)
                (error, message) = CheckConfigs(changes.Resource, after);
            if (error == ErrorCode.None && !alter.ValidateOnly && !after.SequenceEqual(configs))
                events.Add(changes.Resource.Type == ConfigurationResourceType.Topic
                    ? new TopicConfigured(Image.Find(changes.Resource.Name)!.Id, after)
                    : new ResourceConfigured(changes.Resource, after));
            results.Add(new ResourceResult(changes.Resource, error, message));
        }
        return new Decision { Events = events, Reply = new AlterConfigsReply(results, AppliedSequenceNr + events.Count) };
    }

    /// <summary>What Kafka's brokers look at before the controller does.</summary>
    private static (ErrorCode, string?) CheckChanges(ResourceChanges changes, int askedNode)
    {
        var (resource, named) = (changes.Resource, changes.Changes);
        if (named.Select(change => change.Name).Distinct().Count() < named.Count)
            return (ErrorCode.InvalidRequest, "Error due to duplicate config keys");
        var empty = named.Where(change => change.Value is null && change.Operation != ConfigOperation.Delete).Select(change => change.Name).ToList();
        if (empty.Count > 0)
            return (ErrorCode.InvalidRequest, $"Null value not supported for : {string.Join(", ", empty)}");
        if (resource.Table is null)
            return (ErrorCode.InvalidRequest, $"Unknown resource type {(sbyte)resource.Type}");
        if (resource.Type != ConfigurationResourceType.Broker || resource.Name.Length == 0)
            return default;
        if (!int.TryParse(resource.Name, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var id))
            return (ErrorCode.InvalidRequest, $"Node id must be an integer, but it is: {resource.Name}");
        return id == askedNode ? default : (ErrorCode.InvalidRequest, $"Unexpected broker id, expected {askedNode}, but received {resource.Name}");
    }

    private static (ErrorCode, string?, ImmutableSortedDictionary<string, string>) Change(ResourceChanges changes, ImmutableSortedDictionary<string, string> configs)
    {
        var result = (changes.ReplaceAll ? configs.Clear() : configs).ToBuilder();
        foreach (var (name, value, operation) in changes.Changes)
        {
            var definition = changes.Resource.Table!.FindForListener(name).Definition;
            switch (operation)
            {
                case ConfigOperation.Set:
                    result[name] = value!;
                    break;
                case ConfigOperation.Delete:
                    result.Remove(name);
                    break;
                case ConfigOperation.Append or ConfigOperation.Subtract when definition?.Type != ConfigurationType.List:
                    return (ErrorCode.InvalidConfig, $"Can't {operation.ToString().ToUpperInvariant()} to key {name} because its type is not LIST.", configs);
                case ConfigOperation.Append or ConfigOperation.Subtract:
                    result[name] = Edit(result.GetValueOrDefault(name) ?? definition.Default ?? "", value!, operation);
                    break;
                default:
                    return (ErrorCode.InvalidRequest, $"Unknown operation type {(sbyte)operation}.", configs);
            }
        }
        return (ErrorCode.None, null, result.ToImmutable());
    }

    private static string Edit(string list, string items, ConfigOperation operation)
    {
        const StringSplitOptions Clean = StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries;
        var (old, named) = (list.Split(',', Clean), items.Split(',', Clean));
        return string.Join(',', operation == ConfigOperation.Append ? old.Union(named) : old.Except(named));
    }

    private (ErrorCode, string?) CheckConfigs(ConfigurationResource resource, ImmutableSortedDictionary<string, string> configs)
    {
        switch (resource.Type)
        {
            case ConfigurationResourceType.Topic when resource.Name.Length == 0:
                return (ErrorCode.InvalidRequest, "Default topic resources are not allowed.");
            case ConfigurationResourceType.Topic when TopicName.Validate(resource.Name) is { } invalid:
                return (ErrorCode.InvalidTopicException, invalid);
            case ConfigurationResourceType.Topic when TopicConfigurationRules.Check(configs!) is { } reason:
                return (ErrorCode.InvalidConfig, reason);
            case ConfigurationResourceType.Topic when Image.Find(resource.Name) is null:
                return (ErrorCode.UnknownTopicOrPartition, $"The topic '{resource.Name}' does not exist.");
            case ConfigurationResourceType.Broker:
                return BrokerConfigurationRules.Check(configs, allBrokers: resource.Name.Length == 0);
            case ConfigurationResourceType.Group when resource.Name.Length == 0:
                return (ErrorCode.InvalidRequest, "Default group resources are not allowed.");
            case ConfigurationResourceType.Group when GroupConfigurationRules.Check(configs) is { } reason:
                return (ErrorCode.InvalidConfig, reason);
            default:
                return default;
        }
    }
}
