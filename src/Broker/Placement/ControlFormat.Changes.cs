using Actors.Machines;
using Actors.Protocol;

namespace Actors.Broker.Placement;

/// <summary>Changes of what exists: partitions added, configurations altered.</summary>
internal static partial class ControlFormat
{
    private static void WriteChange(StateWriter writer, TopicsCommand command)
    {
        switch (command)
        {
            case CreatePartitions create:
                writer.Bool(create.ValidateOnly);
                writer.List(create.Topics, static (w, topic) =>
                {
                    w.String(topic.Name);
                    w.Int(topic.Count);
                    w.Bool(topic.Assignments is not null);
                    w.List(topic.Assignments ?? [], static (w, brokers) => w.List(brokers, static (w, broker) => w.Int(broker)));
                });
                break;
            case AlterConfigs alter:
                writer.Bool(alter.ValidateOnly);
                writer.Int(alter.AskedNode);
                writer.List(alter.Resources, static (w, changes) =>
                {
                    changes.Resource.Write(w);
                    w.Bool(changes.ReplaceAll);
                    w.List(changes.Changes, static (w, change) =>
                    {
                        w.String(change.Name);
                        w.String(change.Value);
                        w.Int((sbyte)change.Operation);
                    });
                });
                break;
            default:
                throw new ArgumentException($"{command.GetType()} is no change");
        }
    }

    private static void WriteChanged(StateWriter writer, object reply)
    {
        switch (reply)
        {
            case CreatePartitionsReply created:
                writer.List(created.Topics, static (w, topic) =>
                {
                    w.String(topic.Name);
                    w.Int((int)topic.Error);
                    w.String(topic.Message);
                });
                break;
            case AlterConfigsReply altered:
                writer.List(altered.Resources, static (w, result) =>
                {
                    result.Resource.Write(w);
                    w.Int((int)result.Error);
                    w.String(result.Message);
                });
                writer.Long(altered.Version);
                break;
            default:
                throw new ArgumentException($"{reply.GetType()} answers no change");
        }
    }

    private static CreatePartitions ReadPartitions(ref StateReader reader)
    {
        var validateOnly = reader.Bool();
        return new CreatePartitions(reader.List(static (ref StateReader r) =>
        {
            var (name, count, assigned) = (r.String(), r.Int(), r.Bool());
            var assignments = r.List(static (ref StateReader r) => r.List(static (ref StateReader r) => r.Int()));
            return new MorePartitions(name, count, assigned ? assignments : null);
        }), validateOnly, []);
    }

    private static AlterConfigs ReadAlter(ref StateReader reader)
    {
        var (validateOnly, node) = (reader.Bool(), reader.Int());
        return new AlterConfigs(reader.List(static (ref StateReader r) =>
        {
            var (resource, replaceAll) = (ConfigurationResource.Read(ref r), r.Bool());
            return new ResourceChanges(resource, r.List(static (ref StateReader r) => new ConfigChange(r.String(), r.StringOrNull(), (ConfigOperation)r.Int())), replaceAll);
        }), validateOnly, node);
    }

    private static TopicResult ReadTopicResult(ref StateReader reader) => new(reader.String(), (ErrorCode)reader.Int(), reader.StringOrNull());

    private static ResourceResult ReadResourceResult(ref StateReader reader) => new(ConfigurationResource.Read(ref reader), (ErrorCode)reader.Int(), reader.StringOrNull());
}
