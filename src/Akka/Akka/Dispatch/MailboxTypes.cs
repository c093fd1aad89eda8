using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch.MessageQueues;

namespace Akka.Dispatch;

/// <summary>What an actor may ask of its queue.</summary>
public interface ISemantics;

/// <summary>Never full.</summary>
public interface IUnboundedMessageQueueSemantics : ISemantics;

/// <summary>Full at a number of messages.</summary>
public interface IBoundedMessageQueueSemantics : ISemantics
{
    TimeSpan PushTimeOut { get; }
}

/// <summary>Takes messages at the front too. Every mailbox of the stand-in does.</summary>
public interface IDequeBasedMessageQueueSemantics : ISemantics
{
    void EnqueueFirst(Envelope envelope);
}

/// <summary>A deque that is never full.</summary>
public interface IUnboundedDequeBasedMessageQueueSemantics : IDequeBasedMessageQueueSemantics, IUnboundedMessageQueueSemantics;

/// <summary>A deque that is full at a number of messages.</summary>
public interface IBoundedDequeBasedMessageQueueSemantics : IDequeBasedMessageQueueSemantics, IBoundedMessageQueueSemantics;

/// <summary>The actor needs a queue of this kind.</summary>
public interface IRequiresMessageQueue<T> where T : ISemantics;

/// <summary>Makes queues, by the settings of one mailbox.</summary>
public abstract class MailboxType
{
    protected readonly Config Config;

    protected readonly Settings Settings;

    protected MailboxType(Settings settings, Config config)
    {
        Settings = settings;
        Config = config;
    }

    public abstract IMessageQueue Create(IActorRef owner, ActorSystem system);
}

/// <summary>The default: never full.</summary>
public sealed class UnboundedMailbox : MailboxType
{
    public UnboundedMailbox() : this(null, null) { }

    public UnboundedMailbox(Settings settings, Config config) : base(settings, config) { }

    public override IMessageQueue Create(IActorRef owner, ActorSystem system) => new UnboundedMessageQueue();
}

/// <summary>The same queue: every mailbox of the stand-in takes messages at the front.</summary>
public sealed class UnboundedDequeBasedMailbox(Settings settings, Config config) : MailboxType(settings, config)
{
    public override IMessageQueue Create(IActorRef owner, ActorSystem system) => new UnboundedMessageQueue();
}

/// <summary>At most <c>mailbox-capacity</c> messages; a sender waits <c>mailbox-push-timeout-time</c> for room.</summary>
public sealed class BoundedMailbox : MailboxType
{
    public BoundedMailbox(Settings settings, Config config) : base(settings, config)
    {
        Capacity = config.GetInt("mailbox-capacity");
        PushTimeout = config.GetTimeSpan("mailbox-push-timeout-time", TimeSpan.FromSeconds(-1));
        if (Capacity <= 0) throw new ArgumentException("The capacity for BoundedMailbox must be positive", nameof(config));
    }

    public int Capacity { get; }

    public TimeSpan PushTimeout { get; }

    public override IMessageQueue Create(IActorRef owner, ActorSystem system) => new BoundedMessageQueue(Capacity, PushTimeout);
}

/// <summary>The mailboxes that configuration names.</summary>
public class Mailboxes
{
    /// <summary>The mailbox of an actor that asks for none.</summary>
    public static readonly string DefaultMailboxId = "akka.actor.default-mailbox";

    private readonly ActorSystem _system;
    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, MailboxType> _types = new();

    public Mailboxes(ActorSystem system)
    {
        _system = system;
        DeadLetterMailbox = new DeadLetterMailbox(system.DeadLetters);
        DeadLetterMailbox.CloseForGood();
    }

    public DeadLetterMailbox DeadLetterMailbox { get; }

    public MailboxType GetMailboxType(Props props, Config dispatcherConfig)
    {
        if (props.Deploy.Mailbox is { Length: > 0 } asked) return Lookup(asked);
        return dispatcherConfig?.GetString("mailbox-type") is { Length: > 0 } ofDispatcher ? Lookup(ofDispatcher) : Lookup(DefaultMailboxId);
    }

    public MailboxType Lookup(string id) => _types.GetOrAdd(id, Create);

    private MailboxType Create(string id)
    {
        if (id == "unbounded") return new UnboundedMailbox(_system.Settings, Config.Empty);
        var config = _system.Settings.Config.GetConfig(id) ?? throw new ConfigurationException($"Mailbox Type [{id}] not configured");
        var name = config.GetString("mailbox-type") ?? throw new ConfigurationException($"The setting mailbox-type, defined in [{id}] is empty");
        var type = Type.GetType(name) ?? throw new ConfigurationException($"Found mailbox-type [{name}] in configuration for [{id}], but could not find that type in any loaded assembly.");
        return (MailboxType)Activator.CreateInstance(type, _system.Settings, config);
    }
}
