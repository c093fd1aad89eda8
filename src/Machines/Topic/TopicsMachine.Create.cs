using System.Collections.Immutable;
using Actors.Protocol;

namespace Actors.Machines;

public sealed partial class TopicsMachine
{
    private Decision DecideCreate(CreateTopics create)
    {
        var (events, results) = (new List<IMachineEvent>(), new List<CreatedTopic>());
        var room = Math.Min(_settings.MaxPartitionsPerRequest, _settings.MaxPartitions - Image.ById.Values.Sum(topic => topic.Partitions));
        var duplicates = create.Topics.GroupBy(topic => topic.Name).Where(group => group.Count() > 1).Select(group => group.Key).ToHashSet();
        var collisions = CollisionForms(create);
        foreach (var wanted in create.Topics)
        {
            if (Image.Find(wanted.Name) is { } made && made.Id == wanted.Id)
            {
                // Asked again, by who has not heard the first answer.
                results.Add(new CreatedTopic(wanted.Name, ErrorCode.None, null, made));
                continue;
            }
            var (error, message) = duplicates.Contains(wanted.Name)
                ? (ErrorCode.InvalidRequest, "Duplicate topic name.")
                : CheckNew(wanted, create.Brokers, collisions);
            var partitions = PartitionsOf(wanted);
            if (error == ErrorCode.None && partitions > room)
                (error, message) = TooMany(partitions);
            if (error != ErrorCode.None)
            {
                results.Add(new CreatedTopic(wanted.Name, error, message, null));
                continue;
            }
            room -= partitions;
            collisions.TryAdd(TopicName.CollisionForm(wanted.Name), wanted.Name);
            var configs = TopicsEvents.Sorted(wanted.Configs.Select(config => KeyValuePair.Create(config.Key, config.Value!)));
            results.Add(new CreatedTopic(wanted.Name, ErrorCode.None, null, new TopicImage(wanted.Name, wanted.Id, partitions, configs)));
            if (!create.ValidateOnly)
                events.Add(new TopicCreated(wanted.Name, wanted.Id, partitions, configs));
        }
        return new Decision { Events = events, Reply = new CreateTopicsReply(results) };
    }

    /// <summary>Existing topics by collision form; only built when a new name has one of the two characters.</summary>
    private Dictionary<string, string> CollisionForms(CreateTopics create)
    {
        var forms = new Dictionary<string, string>();
        if (create.Topics.Any(topic => topic.Name.AsSpan().ContainsAny('.', '_')))
            foreach (var name in Image.ByName.Keys)
                forms.TryAdd(TopicName.CollisionForm(name), name);
        return forms;
    }

    private int PartitionsOf(NewTopic wanted) =>
        wanted.Assignments.Count > 0 ? wanted.Assignments.Count : wanted.Partitions == -1 ? _settings.DefaultPartitions : wanted.Partitions;

    private (ErrorCode Error, string? Message) CheckNew(NewTopic wanted, IReadOnlyCollection<int> brokers, Dictionary<string, string> collisions)
    {
        if (TopicName.Validate(wanted.Name) is { } invalid)
            return (ErrorCode.InvalidTopicException, invalid);
        if (Image.Find(wanted.Name) is not null)
            return (ErrorCode.TopicAlreadyExists, $"Topic '{wanted.Name}' already exists.");
        if (collisions.TryGetValue(TopicName.CollisionForm(wanted.Name), out var other) && wanted.Name.AsSpan().ContainsAny('.', '_'))
            return (ErrorCode.InvalidTopicException, $"Topic '{wanted.Name}' collides with existing topic: {other}");
        if (Image.Find(wanted.Id) is not null || Image.Deleted.ContainsKey(wanted.Id) || wanted.Id == Guid.Empty)
            throw new BrokenInvariantException($"Topic id {wanted.Id} is taken or empty.");
        var placement = wanted.Assignments.Count > 0 ? CheckAssignments(wanted, brokers) : CheckCounts(wanted, brokers.Count);
        if (placement.Error != ErrorCode.None)
            return placement;
        if (wanted.Configs.GroupBy(config => config.Key).FirstOrDefault(group => group.Count() > 1) is { } twice)
            return (ErrorCode.InvalidConfig, $"Configuration {twice.Key} is given more than once.");
        return TopicConfigurationRules.Check(wanted.Configs) is { } reason ? (ErrorCode.InvalidConfig, reason) : default;
    }

    private static (ErrorCode Error, string? Message) CheckCounts(NewTopic wanted, int brokers)
    {
        if (wanted.ReplicationFactor is < -1 or 0)
            return (ErrorCode.InvalidReplicationFactor, "Replication factor must be larger than 0, or -1 to use the default value.");
        if (wanted.Partitions is < -1 or 0)
            return (ErrorCode.InvalidPartitions, "Number of partitions was set to an invalid non-positive value.");
        return wanted.ReplicationFactor > brokers
            ? (ErrorCode.InvalidReplicationFactor,
                $"Unable to replicate the partition {wanted.ReplicationFactor} time(s): The target replication factor of {wanted.ReplicationFactor} cannot be reached because only {brokers} broker(s) are registered.")
            : default;
    }

    private static (ErrorCode Error, string? Message) CheckAssignments(NewTopic wanted, IReadOnlyCollection<int> brokers)
    {
        if (wanted.ReplicationFactor != -1)
            return (ErrorCode.InvalidRequest, "A manual partition assignment was specified, but replication factor was not set to -1.");
        if (wanted.Partitions != -1)
            return (ErrorCode.InvalidRequest, "A manual partition assignment was specified, but numPartitions was not set to -1.");
        var partitions = wanted.Assignments.Select(assignment => assignment.Partition).ToHashSet();
        if (partitions.Count != wanted.Assignments.Count)
            return (ErrorCode.InvalidReplicaAssignment, "Found multiple manual partition assignments for the same partition.");
        if (partitions.Min() != 0 || partitions.Max() != partitions.Count - 1)
            return (ErrorCode.InvalidReplicaAssignment, "partitions should be a consecutive 0-based integer sequence");
        return CheckReplicas(wanted.Assignments.Select(assignment => assignment.Brokers), brokers) is { } reason ? (ErrorCode.InvalidReplicaAssignment, reason) : default;
    }
}
