using Actors.Broker.Topics;
using Actors.Machines;
using Actors.Protocol;

namespace Actors.Broker.Placement;

/// <summary>How commands for the controller and its answers are written for another node.</summary>
internal static partial class ControlFormat
{
    private const string CreateManifest = "create", CreatedManifest = "created", DeleteManifest = "delete", DeletedManifest = "deleted",
        MissingManifest = "missing", RefusedManifest = "refused", TakeIdManifest = "take-id", IdManifest = "id",
        PartitionsManifest = "partitions", PartitionsAddedManifest = "partitions-added", AlterManifest = "alter", AlteredManifest = "altered";

    private const byte Version = 1;

    public static string Manifest(object message) => message switch
    {
        TopicsRequest { Command: CreateTopics } => CreateManifest,
        TopicsRequest { Command: DeleteTopics } => DeleteManifest,
        TopicsAnswer { Reply: CreateTopicsReply } => CreatedManifest,
        TopicsAnswer { Reply: DeleteTopicsReply } => DeletedManifest,
        TopicsRequest { Command: CreatePartitions } => PartitionsManifest,
        TopicsRequest { Command: AlterConfigs } => AlterManifest,
        TopicsAnswer { Reply: CreatePartitionsReply } => PartitionsAddedManifest,
        TopicsAnswer { Reply: AlterConfigsReply } => AlteredManifest,
        CreateMissingTopics => MissingManifest,
        MissingTopicsAnswer => RefusedManifest,
        TakeProducerId => TakeIdManifest,
        ProducerIdAnswer => IdManifest,
        _ => throw new ArgumentException($"{message.GetType()} is nothing that brokers tell each other"),
    };

    public static byte[] Write(object message)
    {
        var writer = new StateWriter(Version);
        switch (message)
        {
            case TopicsRequest { Command: CreateTopics create } request:
                writer.Long(request.Token);
                Write(writer, create);
                break;
            case TopicsRequest { Command: DeleteTopics delete } request:
                writer.Long(request.Token);
                writer.List(delete.Topics, static (w, topic) =>
                {
                    w.String(topic.Name);
                    w.Guid(topic.Id ?? Guid.Empty);
                });
                break;
            case TopicsAnswer { Reply: CreateTopicsReply created } answer:
                writer.Long(answer.Token);
                writer.List(created.Topics, Write);
                break;
            case TopicsAnswer { Reply: DeleteTopicsReply deleted } answer:
                writer.Long(answer.Token);
                writer.List(deleted.Topics, static (w, topic) =>
                {
                    w.String(topic.Name);
                    w.Guid(topic.Id);
                    w.Int((int)topic.Error);
                    w.String(topic.Message);
                });
                break;
            case TopicsRequest { Command: CreatePartitions or AlterConfigs } request:
                writer.Long(request.Token);
                WriteChange(writer, request.Command);
                break;
            case TopicsAnswer { Reply: CreatePartitionsReply or AlterConfigsReply } answer:
                writer.Long(answer.Token);
                WriteChanged(writer, answer.Reply);
                break;
            case CreateMissingTopics missing:
                writer.Long(missing.Token);
                writer.List(missing.Names, static (w, name) => w.String(name));
                break;
            case MissingTopicsAnswer missing:
                writer.Long(missing.Token);
                writer.List(missing.Refused, static (w, refused) =>
                {
                    w.String(refused.Key);
                    w.Int((int)refused.Value);
                });
                break;
            case TakeProducerId take:
                writer.Long(take.Token);
                break;
            case ProducerIdAnswer given:
                writer.Long(given.Token);
                writer.Long(given.ProducerId);
                break;
            default:
                throw new ArgumentException($"{message.GetType()} is nothing that brokers tell each other");
        }
        return writer.ToArray();
    }

    public static object Read(string manifest, byte[] bytes)
    {
        var reader = new StateReader(bytes, $"Control message {manifest}", Version);
        var token = reader.Long();
        object message = manifest switch
        {
            CreateManifest => new TopicsRequest(token, ReadCreate(ref reader)),
            DeleteManifest => new TopicsRequest(token, new DeleteTopics(reader.List(ReadReference))),
            CreatedManifest => new TopicsAnswer(token, new CreateTopicsReply(reader.List(ReadCreated))),
            DeletedManifest => new TopicsAnswer(token, new DeleteTopicsReply(reader.List(ReadDeleted))),
            PartitionsManifest => new TopicsRequest(token, ReadPartitions(ref reader)),
            PartitionsAddedManifest => new TopicsAnswer(token, new CreatePartitionsReply(reader.List(ReadTopicResult))),
            AlterManifest => new TopicsRequest(token, ReadAlter(ref reader)),
            AlteredManifest => new TopicsAnswer(token, new AlterConfigsReply(reader.List(ReadResourceResult), reader.Long())),
            MissingManifest => new CreateMissingTopics(token, reader.List(static (ref StateReader r) => r.String())),
            RefusedManifest => new MissingTopicsAnswer(token, reader.List(static (ref StateReader r) => (Name: r.String(), Error: (ErrorCode)r.Int())).ToDictionary(each => each.Name, each => each.Error)),
            TakeIdManifest => new TakeProducerId(token),
            IdManifest => new ProducerIdAnswer(token, reader.Long()),
            _ => throw new UnreadableStateException($"The controller is not told {manifest}."),
        };
        reader.End();
        return message;
    }

    private static void Write(StateWriter writer, CreateTopics create)
    {
        writer.Bool(create.ValidateOnly);
        writer.List(create.Topics, static (w, topic) =>
        {
            w.String(topic.Name);
            w.Guid(topic.Id);
            w.Int(topic.Partitions);
            w.Int(topic.ReplicationFactor);
            w.List(topic.Assignments, static (w, assignment) =>
            {
                w.Int(assignment.Partition);
                w.List(assignment.Brokers, static (w, broker) => w.Int(broker));
            });
            w.List(topic.Configs, static (w, config) =>
            {
                w.String(config.Key);
                w.String(config.Value);
            });
        });
    }

    private static CreateTopics ReadCreate(ref StateReader reader)
    {
        var validateOnly = reader.Bool();
        return new CreateTopics(reader.List(static (ref StateReader r) => new NewTopic(r.String(), r.Guid(), r.Int(), (short)r.Int())
        {
            Assignments = r.List(static (ref StateReader r) => new PartitionAssignment(r.Int(), r.List(static (ref StateReader r) => r.Int()))),
            Configs = r.List(static (ref StateReader r) => KeyValuePair.Create(r.String(), r.StringOrNull())),
        }), validateOnly, []);
    }

    private static void Write(StateWriter writer, CreatedTopic created)
    {
        writer.String(created.Name);
        writer.Int((int)created.Error);
        writer.String(created.Message);
        writer.Bool(created.Topic is not null);
        if (created.Topic is not { } topic)
            return;
        writer.Guid(topic.Id);
        writer.Int(topic.Partitions);
        writer.Map(topic.Configs);
    }

    private static CreatedTopic ReadCreated(ref StateReader reader)
    {
        var (name, error, message) = (reader.String(), (ErrorCode)reader.Int(), reader.StringOrNull());
        return new CreatedTopic(name, error, message, reader.Bool() ? new TopicImage(name, reader.Guid(), reader.Int(), TopicsEvents.Sorted(reader.Map())) : null);
    }

    private static TopicReference ReadReference(ref StateReader reader)
    {
        var (name, id) = (reader.StringOrNull(), reader.Guid());
        return new TopicReference(name, id == Guid.Empty ? null : id);
    }

    private static DeletedTopicResult ReadDeleted(ref StateReader reader) => new(reader.StringOrNull(), reader.Guid(), (ErrorCode)reader.Int(), reader.StringOrNull());
}
