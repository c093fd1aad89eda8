using Actors.Broker.Partitions;
using Actors.Machines;

namespace Actors.Broker.Topics;

/// <summary>What a node does when its image of the topics changes, wherever the change came from.</summary>
internal static class ImageFollowers
{
    public static void Follow(BrokerContext broker, TaskCompletionSource serving)
    {
        broker.Metadata.TopicsChanged += (before, after, @event) =>
        {
            Tell(broker, before, after, @event);
            broker.TopicsKnown.TrySetResult();
            CheckServing(broker, serving);
        };
        broker.Metadata.ClusterChanged += () => CheckServing(broker, serving);
    }

    private static void Tell(BrokerContext broker, TopicsImage before, TopicsImage after, IMachineEvent? @event)
    {
        switch (@event)
        {
            case TopicConfigured configured: Configure(broker, after.ById[configured.Id]); break;
            case ResourceConfigured { Resource.Type: ConfigurationResourceType.Broker }: ConfigureAll(broker, after); break;
            case TopicDeleted deleted: broker.GroupCatalogue.Tell(new ForgetTopics([before.ById[deleted.Id].Name]), Akka.Actor.ActorRefs.NoSender); break;
            case null: Compare(broker, before, after); break;
        }
    }

    private static void Compare(BrokerContext broker, TopicsImage before, TopicsImage after)
    {
        foreach (var topic in after.ById.Values)
            if (before.Find(topic.Id) is { } known && !known.Configs.SequenceEqual(topic.Configs))
                Configure(broker, topic);
        if (before.Configured != after.Configured)
            ConfigureAll(broker, after);
        var gone = before.ById.Values.Where(topic => after.Find(topic.Id) is null).Select(topic => topic.Name).ToList();
        if (gone.Count > 0)
            broker.GroupCatalogue.Tell(new ForgetTopics(gone), Akka.Actor.ActorRefs.NoSender);
    }

    /// <summary>What all brokers or this one was told may be a default of topics.</summary>
    private static void ConfigureAll(BrokerContext broker, TopicsImage topics)
    {
        foreach (var topic in topics.ById.Values)
            Configure(broker, topic);
    }

    private static void Configure(BrokerContext broker, TopicImage topic)
    {
        foreach (var id in PartitionId.Of(topic))
            broker.Partitions.FindActor(id)?.Tell(ConfigurePartition.Instance, Akka.Actor.ActorRefs.NoSender);
    }

    /// <summary>The node serves as soon as it knows the topics and a leader of each partition.</summary>
    private static void CheckServing(BrokerContext broker, TaskCompletionSource serving)
    {
        var (topics, leaders) = (broker.Metadata.Current, broker.Metadata.Cluster.Leaders);
        if (serving.Task.IsCompleted || topics.Epoch == 0 || leaders.Count < topics.ById.Values.Sum(topic => topic.Partitions))
            return;
        if (topics.ById.Values.All(topic => PartitionId.Of(topic).All(leaders.ContainsKey)))
            serving.TrySetResult();
    }
}
