using Xunit;

namespace Actors.Machines.Tests;

public class TopicTranscripts
{
    private readonly List<(string Manifest, byte[] Bytes)> _journal = [];
    private TopicsMachine _machine = new(new TopicsSettings(DefaultPartitions: 3, MaxPartitionsPerRequest: 50, MaxPartitions: 100));
    private int _ids;

    public static TheoryData<string> Names() => Transcript.Names("Topic");

    [Theory]
    [MemberData(nameof(Names))]
    public void Topics(string name)
    {
        Transcript.Check("Topic", name, Run);
        var recovered = new TopicsMachine();
        foreach (var (manifest, bytes) in _journal)
            recovered.Apply(TopicsEvents.Read(manifest, bytes), recovered.AppliedSequenceNr + 1);
        Assert.Equal(_machine.ToSnapshot().Write(), recovered.ToSnapshot().Write());
    }

    private IEnumerable<string> Run(TranscriptCommand command)
    {
        var validateOnly = command.Has("validate-only");
        switch (command.Verb)
        {
            case "start":
                return Do(new StartTopicsEpoch());
            case "create":
                return Do(new CreateTopics([.. command.Words.Where(word => word != "validate-only").Select(name => Wanted(name, command))], validateOnly, [1, 2]));
            case "delete":
                return Do(new DeleteTopics([.. command.Words.Select(name => new TopicReference(name == "''" ? null : name, null)), .. command.List("id").Select(id => new TopicReference(null, Id(int.Parse(id))))]));
            case "delete-both":
                return Do(new DeleteTopics([new TopicReference(command.Words[0], Id(1))]));
            case "purge":
                return Do(new PurgeTopic(Id((int)command.NumberAt(0))));
            case "partitions":
                var assignments = command.Text("assign")?.Split(';').Select(brokers => (IReadOnlyList<int>)[.. brokers.Split('+', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)]).ToList();
                return Do(new CreatePartitions([.. command.Words.Skip(1).Where(word => word != "validate-only").Select(name => new MorePartitions(name, (int)command.NumberAt(0), assignments))], validateOnly, [1, 2]));
            case "configure":
                return Do(new AlterConfigs([new ResourceChanges(Resource(command.Words[0]), Changes(command), command.Has("replace"))], validateOnly, AskedNode: 1));
            case "configure-twice":
                return Do(new AlterConfigs([.. Enumerable.Repeat(new ResourceChanges(Resource(command.Words[0]), Changes(command)), 2)], validateOnly, AskedNode: 1));
            case "producer-ids":
                return Do(new AllocateProducerIds());
            case "restart":
                _machine = TopicsMachine.From(TopicsImage.Read(_machine.ToSnapshot().Write()), new TopicsSettings(3, 50, 100));
                return [];
            case "image":
                return [$"epoch {_machine.Image.Epoch}, version {_machine.Image.Version}, deleted {_machine.Image.Deleted.Count}", .. _machine.Image.ByName.Values.Select(Show)];
            case "broker":
                return new BrokerConfigurations(1, new Dictionary<string, string> { ["log.retention.bytes"] = "77" }).Describe(_machine.Image, command.Has("all")).Where(config => command.Words.Contains(config.Name)).Select(Show);
            case "topic":
                return new BrokerConfigurations(1, new Dictionary<string, string> { ["log.retention.bytes"] = "77" })
                    .Describe(_machine.Image, Resource(command.Words[0]), _machine.Image.ConfigsOf(Resource(command.Words[0]))).Where(config => command.Words.Contains(config.Name)).Select(Show);
            default:
                throw new InvalidOperationException($"No such command: {command.Verb}");
        }
    }

    private NewTopic Wanted(string name, TranscriptCommand command) => new(name == "''" ? "" : name == "long" ? new string('x', 250) : name, Id(++_ids),
        (int)command.Number("partitions", -1), (short)command.Number("replicas", -1))
    {
        Assignments = [.. command.List("assign").Select(text => text.Split(':')).Select(parts =>
            new PartitionAssignment(int.Parse(parts[0]), [.. parts[1].Split('+', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)]))],
        Configs = [.. command.Rest.Where(pair => pair.Key is not "partitions" and not "replicas").Select(pair => KeyValuePair.Create(pair.Key, pair.Value == "null" ? null : pair.Value))],
    };

    private static List<ConfigChange> Changes(TranscriptCommand command) =>
    [
        .. command.Words.Skip(1).Where(word => word.StartsWith('-')).Select(word => new ConfigChange(word[1..], null, ConfigOperation.Delete)),
        .. command.Rest.Select(pair => pair.Key[^1] switch
        {
            '+' => new ConfigChange(pair.Key[..^1], pair.Value, ConfigOperation.Append),
            '-' => new ConfigChange(pair.Key[..^1], pair.Value, ConfigOperation.Subtract),
            _ => new ConfigChange(pair.Key, pair.Value == "null" ? null : pair.Value, ConfigOperation.Set),
        }),
    ];

    private IEnumerable<string> Do(TopicsCommand command)
    {
        var before = _machine.Image;
        var decision = _machine.Decide(command, 0);
        Assert.Same(before, _machine.Image);
        foreach (var @event in decision.Events)
        {
            _journal.Add((TopicsEvents.Manifest(@event), TopicsEvents.Write(@event)));
            _machine.Apply(@event, _machine.AppliedSequenceNr + 1);
            yield return "event " + @event switch
            {
                TopicCreated created => $"TopicCreated {Show(new TopicImage(created.Name, created.Id, created.Partitions, created.Configs))}",
                TopicDeleted deleted => $"TopicDeleted {Short(deleted.Id)}",
                TopicPurged purged => $"TopicPurged {Short(purged.Id)}",
                PartitionsAdded added => $"PartitionsAdded {Short(added.Id)} {added.Total}",
                ResourceConfigured configured => $"ResourceConfigured {configured.Resource.TypeName} '{configured.Resource.Name}' {Show(configured.Configs)}",
                TopicConfigured configured => $"TopicConfigured {Short(configured.Id)} {Show(configured.Configs)}",
                _ => @event.ToString(),
            };
        }
        foreach (var line in Replies(decision.Reply))
            yield return "reply " + line;
    }

    private static IEnumerable<string> Replies(object? reply) => reply switch
    {
        null => [],
        CreateTopicsReply created => created.Topics.Select(topic => $"{Name(topic.Name)}: {topic.Error} {topic.Message}{(topic.Topic is null ? "" : Show(topic.Topic))}"),
        DeleteTopicsReply deleted => deleted.Topics.Select(topic => $"{topic.Name ?? "null"} {Short(topic.Id)}: {topic.Error} {topic.Message}"),
        CreatePartitionsReply results => results.Topics.Select(topic => $"{topic.Name}: {topic.Error} {topic.Message}"),
        AlterConfigsReply altered => altered.Resources.Select(result => $"{result.Resource.Name}: {result.Error} {result.Message}"),
        _ => [reply.ToString()!],
    };

    /// <summary>A topic's name; broker:1, broker: (all), group:NAME, type99:x.</summary>
    private static ConfigurationResource Resource(string text) => text.Split(':') switch
    {
        [var topic] => ConfigurationResource.Topic(topic == "''" ? "" : topic),
        ["broker", var id] => new ConfigurationResource(ConfigurationResourceType.Broker, id),
        ["group", var group] => new ConfigurationResource(ConfigurationResourceType.Group, group),
        var parts => new ConfigurationResource((ConfigurationResourceType)sbyte.Parse(parts[0]["type".Length..]), parts[1]),
    };

    private static string Show(DescribedConfiguration config) => $"{config.Name}={config.Value ?? "null"} {config.Source}{(config.IsReadOnly ? " read-only" : "")}{(config.IsSensitive ? " sensitive" : "")} "
        + $"[{string.Join(", ", config.Synonyms.Select(synonym => $"{synonym.Source}:{synonym.Name}={synonym.Value ?? "null"}"))}]";

    private static string Name(string name) => name.Length > 100 ? "long" : name;

    private static string Show(TopicImage topic) => $"{topic.Name} id {Short(topic.Id)}, {topic.Partitions} partitions {Show(topic.Configs)}".TrimEnd();

    private static string Show(IEnumerable<KeyValuePair<string, string>> configs) => string.Join(' ', configs.Select(pair => $"{pair.Key}={pair.Value}"));

    private static Guid Id(int number) => new(number, 0, 0, new byte[8]);

    private static int Short(Guid id) => BitConverter.ToInt32(id.ToByteArray());
}
