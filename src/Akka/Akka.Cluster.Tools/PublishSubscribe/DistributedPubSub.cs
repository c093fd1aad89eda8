using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe.Serialization;
using Akka.Configuration;

namespace Akka.Cluster.Tools.PublishSubscribe;

/// <summary>Starts this node's <see cref="DistributedPubSubMediator"/>.</summary>
public class DistributedPubSub : IExtension
{
    private readonly Cluster _cluster;

    public DistributedPubSub(ExtendedActorSystem system)
    {
        system.Settings.InjectTopLevelFallback(DefaultConfig());
        // The system's serialisers may have been read before this extension came.
        var serializer = new DistributedPubSubMessageSerializer(system);
        system.Serialization.AddSerializer("akka-pubsub", serializer);
        system.Serialization.AddSerializationMap(typeof(IDistributedPubSubMessage), serializer);
        _cluster = Cluster.Get(system);
        var settings = DistributedPubSubSettings.Create(system);
        var takesPart = settings.Role is null || _cluster.SelfRoles.Contains(settings.Role);
        Mediator = takesPart ? system.SystemActorOf(DistributedPubSubMediator.Props(settings), system.Settings.Config.GetString("akka.cluster.pub-sub.name")) : system.DeadLetters;
    }

    public bool IsTerminated => _cluster.IsTerminated;

    /// <summary>Takes <see cref="Subscribe"/>, <see cref="Unsubscribe"/> and <see cref="Publish"/>; dead letters on a node without the role.</summary>
    public IActorRef Mediator { get; }

    public static DistributedPubSub Get(ActorSystem system) => system.WithExtension<DistributedPubSub, DistributedPubSubExtensionProvider>();

    public static Config DefaultConfig() => ConfigurationFactory.FromResource<DistributedPubSub>("Akka.Cluster.Tools.PublishSubscribe.pub-sub.conf");
}

/// <summary>The extension's id.</summary>
public class DistributedPubSubExtensionProvider : ExtensionIdProvider<DistributedPubSub>
{
    public override DistributedPubSub CreateExtension(ExtendedActorSystem system) => new(system);
}

/// <summary>Settings of a mediator; <c>akka.cluster.pub-sub</c> says them.</summary>
public sealed class DistributedPubSubSettings : INoSerializationVerificationNeeded
{
    private DistributedPubSubSettings(string role, TimeSpan gossipInterval, bool sendToDeadLettersWhenNoSubscribers)
    {
        if (gossipInterval <= TimeSpan.Zero) throw new ArgumentException("GossipInterval must be positive", nameof(gossipInterval));
        Role = string.IsNullOrEmpty(role) ? null : role;
        GossipInterval = gossipInterval;
        SendToDeadLettersWhenNoSubscribers = sendToDeadLettersWhenNoSubscribers;
    }

    /// <summary>Null: all nodes take part.</summary>
    public string Role { get; }

    public TimeSpan GossipInterval { get; }

    public bool SendToDeadLettersWhenNoSubscribers { get; }

    public static DistributedPubSubSettings Create(ActorSystem system)
    {
        system.Settings.InjectTopLevelFallback(DistributedPubSub.DefaultConfig());
        return Create(system.Settings.Config.GetConfig("akka.cluster.pub-sub"));
    }

    public static DistributedPubSubSettings Create(Config config)
    {
        if (config.IsNullOrEmpty()) throw ConfigurationException.NullOrEmptyConfig<DistributedPubSubSettings>("akka.cluster.pub-sub");
        return new DistributedPubSubSettings(
            config.GetString("role"), config.GetTimeSpan("gossip-interval", TimeSpan.FromSeconds(1)), config.GetBoolean("send-to-dead-letters-when-no-subscribers", true));
    }

    public DistributedPubSubSettings WithRole(string role) => new(role, GossipInterval, SendToDeadLettersWhenNoSubscribers);

    public DistributedPubSubSettings WithGossipInterval(TimeSpan gossipInterval) => new(Role, gossipInterval, SendToDeadLettersWhenNoSubscribers);

    public DistributedPubSubSettings WithSendToDeadLettersWhenNoSubscribers(bool sendToDeadLetterWhenNoSubscribers) => new(Role, GossipInterval, sendToDeadLetterWhenNoSubscribers);
}
