using Actors.Protocol;

namespace Actors.Machines;

/// <summary>What holds for all topics.</summary>
/// <param name="DefaultPartitions">For topics created with -1 (Kafka: <c>num.partitions</c>).</param>
/// <param name="MaxPartitionsPerRequest">Kafka's bound on what one request may create.</param>
/// <param name="MaxPartitions">The bound on all topics' partitions together.</param>
public sealed record TopicsSettings(int DefaultPartitions = 1, int MaxPartitionsPerRequest = 10_000, int MaxPartitions = 100_000);

/// <summary>Which topics exist, with their partitions and configurations; and blocks of producer ids. Error codes and messages are those of Kafka 3.9's controller.</summary>
public sealed partial class TopicsMachine
{
    /// <summary>How many producer ids a block has, as in Kafka.</summary>
    public const int ProducerIdBlockSize = 1_000;

    private readonly TopicsSettings _settings;
    private readonly SnapshotCadence _cadence = new();

    /// <summary>No topics yet.</summary>
    public TopicsMachine(TopicsSettings? settings = null)
        : this(TopicsImage.Empty, settings)
    {
    }

    private TopicsMachine(TopicsImage image, TopicsSettings? settings)
    {
        Image = image;
        _settings = settings ?? new TopicsSettings();
    }

    /// <summary>The topics now. Events not yet durable are in it: show it to nobody before they are.</summary>
    public TopicsImage Image { get; private set; }

    /// <summary>The journal sequence number of the last event applied.</summary>
    public long AppliedSequenceNr => Image.Version;

    /// <summary>Validates a command; see the commands for their answers.</summary>
    public Decision Decide(TopicsCommand command, long now) => command switch
    {
        StartTopicsEpoch => new Decision { Events = [new TopicsEpochStarted(Image.Epoch + 1)], Reply = new TopicsEpochReply(Image.Epoch + 1) },
        CreateTopics create => DecideCreate(create),
        DeleteTopics delete => DecideDelete(delete),
        PurgeTopic purge => Image.Deleted.ContainsKey(purge.Id) ? new Decision { Events = [new TopicPurged(purge.Id)] } : Decision.Nothing,
        CreatePartitions create => DecidePartitions(create),
        AlterConfigs alter => DecideConfigs(alter),
        AllocateProducerIds => new Decision
        {
            Events = [new ProducerIdsAllocated(Image.NextProducerId, ProducerIdBlockSize)],
            Reply = new ProducerIdBlock(Image.NextProducerId, ProducerIdBlockSize),
        },
        _ => throw new ArgumentException($"{command.GetType().Name} is no command of the topics."),
    };

    /// <summary>Applies an event that has, or will have, this sequence number in the journal.</summary>
    /// <exception cref="BrokenInvariantException">A gap in sequence numbers.</exception>
    public void Apply(IMachineEvent @event, long sequenceNr)
    {
        if (sequenceNr != AppliedSequenceNr + 1)
            throw new BrokenInvariantException($"Event {sequenceNr} follows event {AppliedSequenceNr}: the journal has a gap.");
        Image = Image.After(@event);
        _cadence.Applied();
    }

    /// <summary>Whether a snapshot should be taken now.</summary>
    public bool SnapshotDue => _cadence.IsDue;

    /// <summary>A snapshot was taken and waits to be saved: <see cref="SnapshotDue"/> counts anew.</summary>
    public void SnapshotTaken() => _cadence.Taken();

    /// <summary>The state after <see cref="AppliedSequenceNr"/>. It may be saved only once that event is durable, under that sequence number.</summary>
    public TopicsImage ToSnapshot() => Image;

    /// <summary>The machine of a saved snapshot.</summary>
    public static TopicsMachine From(TopicsImage snapshot, TopicsSettings? settings = null) => new(snapshot, settings);

    private Decision DecideDelete(DeleteTopics delete)
    {
        var (events, results, gone) = (new List<IMachineEvent>(), new List<DeletedTopicResult>(), new HashSet<Guid>());
        foreach (var (name, id) in delete.Topics)
        {
            var topic = name is not null ? Image.Find(name) : id is { } wanted ? Image.Find(wanted) : null;
            var (error, message) = (name, id) switch
            {
                (null, null) => (ErrorCode.InvalidRequest, "Neither topic name nor id were specified."),
                (not null, not null) => (ErrorCode.InvalidRequest, "You may not specify both topic name and topic id."),
                (null, _) when topic is null => (ErrorCode.UnknownTopicId, "This server does not host this topic ID."),
                _ when topic is null => (ErrorCode.UnknownTopicOrPartition, "This server does not host this topic-partition."),
                _ when !gone.Add(topic.Id) => (ErrorCode.InvalidRequest, name is null ? "Duplicate topic id." : "Duplicate topic name."),
                _ => (ErrorCode.None, default(string)),
            };
            if (error == ErrorCode.None)
                events.Add(new TopicDeleted(topic!.Id));
            results.Add(new DeletedTopicResult(topic?.Name ?? name, topic?.Id ?? id ?? Guid.Empty, error, message));
        }
        return new Decision { Events = events, Reply = new DeleteTopicsReply(results) };
    }

    private Decision DecidePartitions(CreatePartitions create)
    {
        var (events, results) = (new List<IMachineEvent>(), new List<TopicResult>());
        var room = _settings.MaxPartitions - Image.ById.Values.Sum(topic => topic.Partitions);
        var duplicates = create.Topics.GroupBy(topic => topic.Name).Where(group => group.Count() > 1).Select(group => group.Key).ToHashSet();
        foreach (var wanted in create.Topics)
        {
            var topic = Image.Find(wanted.Name);
            var (error, message) = duplicates.Contains(wanted.Name)
                ? (ErrorCode.InvalidRequest, "Duplicate topic name.")
                : topic is null ? (ErrorCode.UnknownTopicOrPartition, "This server does not host this topic-partition.") : CheckMore(topic, wanted, create.Brokers, room);
            if (error == ErrorCode.None && !create.ValidateOnly)
                events.Add(new PartitionsAdded(topic!.Id, wanted.Count));
            if (error == ErrorCode.None)
                room -= wanted.Count - topic!.Partitions;
            results.Add(new TopicResult(wanted.Name, error, message));
        }
        return new Decision { Events = events, Reply = new CreatePartitionsReply(results) };
    }

    private (ErrorCode, string?) CheckMore(TopicImage topic, MorePartitions wanted, IReadOnlyCollection<int> brokers, int room)
    {
        // Kafka lets it be and then looks for groups where they are not.
        if (topic.IsInternal)
            return (ErrorCode.InvalidPartitions, $"The number of partitions of {topic.Name} says where each group or transaction is coordinated and cannot change.");
        if (wanted.Count == topic.Partitions)
            return (ErrorCode.InvalidPartitions, $"Topic already has {topic.Partitions} partition(s).");
        if (wanted.Count < topic.Partitions)
            return (ErrorCode.InvalidPartitions, $"The topic {topic.Name} currently has {topic.Partitions} partition(s); {wanted.Count} would not be an increase.");
        var more = wanted.Count - topic.Partitions;
        if (wanted.Assignments is { } assignments)
        {
            if (assignments.Count != more)
                return (ErrorCode.InvalidReplicaAssignment, $"Attempted to add {more} additional partition(s), but only {assignments.Count} assignment(s) were specified.");
            if (CheckReplicas(assignments, brokers) is { } reason)
                return (ErrorCode.InvalidReplicaAssignment, reason);
        }
        return more > _settings.MaxPartitionsPerRequest || more > room ? TooMany(more) : default;
    }

    private (ErrorCode, string) TooMany(int count) =>
        (ErrorCode.PolicyViolation, $"{count} partitions are too many: a request may create {_settings.MaxPartitionsPerRequest}, all topics may have {_settings.MaxPartitions}.");

    private static string? CheckReplicas(IEnumerable<IReadOnlyList<int>> assignments, IReadOnlyCollection<int> brokers)
    {
        var replicas = -1;
        foreach (var assignment in assignments)
        {
            if (CheckAssignment(assignment, brokers) is { } reason)
                return reason;
            if (replicas >= 0 && assignment.Count != replicas)
                return $"The manual partition assignment includes a partition with {assignment.Count} replica(s), but this is not consistent with previous partitions, which have {replicas} replica(s).";
            replicas = assignment.Count;
        }
        return null;
    }

    private static string? CheckAssignment(IReadOnlyList<int> replicas, IReadOnlyCollection<int> brokers)
    {
        if (replicas.Count == 0)
            return "The manual partition assignment includes an empty replica list.";
        if (replicas.GroupBy(broker => broker).FirstOrDefault(group => group.Count() > 1) is { } twice)
            return $"The manual partition assignment includes the broker {twice.Key} more than once.";
        foreach (var broker in replicas)
            if (!brokers.Contains(broker))
                return $"The manual partition assignment includes broker {broker}, but no such broker is registered.";
        return null;
    }
}
