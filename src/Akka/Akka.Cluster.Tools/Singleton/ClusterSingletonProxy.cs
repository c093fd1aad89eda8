using Akka.Actor;
using Akka.Configuration;
using Akka.Event;

namespace Akka.Cluster.Tools.Singleton;

/// <summary>Forwards what it is told to the singleton, wherever it runs; keeps it while the singleton is not known.</summary>
public sealed class ClusterSingletonProxy : ReceiveActor, IWithTimers
{
    private readonly ClusterSingletonProxySettings _settings;
    private readonly string[] _path;
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly MembersByAge _members;
    private readonly Queue<(object Message, IActorRef Sender)> _buffer = new();
    private IActorRef _singleton;
    private int _question;

    internal ClusterSingletonProxy(string singletonManagerPath, ClusterSingletonProxySettings settings)
    {
        _settings = settings;
        _path = [.. singletonManagerPath.Split('/', StringSplitOptions.RemoveEmptyEntries), settings.SingletonName];
        _members = new MembersByAge(settings.Role);
        Receive<ClusterEvent.CurrentClusterState>(state =>
        {
            _members.Reset(state);
            Look();
        });
        Receive<ClusterEvent.IMemberEvent>(MemberChanged);
        Receive<ActorIdentity>(Found);
        Receive<LookAgain>(_ => Look());
        Receive<Terminated>(terminated => terminated.ActorRef.Equals(_singleton), _ => Lost());
        Receive<Terminated>(_ => { });
        ReceiveAny(Pass);
    }

    ITimerScheduler IWithTimers.Timers { get; set; }

    private ITimerScheduler Timers => ((IWithTimers)this).Timers;

    public static Config DefaultConfig() => ClusterSingletonManager.DefaultConfig();

    /// <summary>The manager's path without address, such as <c>/user/topics</c>.</summary>
    public static Props Props(string singletonManagerPath, ClusterSingletonProxySettings settings) =>
        Actor.Props.Create(() => new ClusterSingletonProxy(singletonManagerPath, settings)).WithDeploy(Deploy.Local);

    protected override void PreStart() => _cluster.Subscribe(Self, ClusterEvent.InitialStateAsSnapshot, typeof(ClusterEvent.IMemberEvent));

    protected override void PostStop() => _cluster.Unsubscribe(Self);

    private void MemberChanged(ClusterEvent.IMemberEvent change)
    {
        var leadingChanged = _members.Apply(change);
        if (change is ClusterEvent.MemberRemoved && _singleton is not null && _singleton.Path.Address.Equals(change.Member.Address)) Lost();
        else if (leadingChanged && _singleton is null) Look();
    }

    // It is on the oldest node that stays, or still on one that goes: all are asked, and the one that has it answers.
    private void Look()
    {
        if (_singleton is not null) return;
        _question++;
        foreach (var member in _members.Leading) Context.ActorSelection(new RootActorPath(member.Address) / _path).Tell(new Identify(_question.ToString()), Self);
        Timers.StartSingleTimer(LookAgain.Instance, LookAgain.Instance, _settings.SingletonIdentificationInterval);
    }

    private void Found(ActorIdentity identity)
    {
        if (identity.Subject is not { } subject || _singleton is not null || !Equals(identity.MessageId, _question.ToString())) return;
        _singleton = Context.Watch(subject);
        Timers.Cancel(LookAgain.Instance);
        while (_buffer.TryDequeue(out var kept)) _singleton.Tell(kept.Message, kept.Sender);
    }

    private void Lost()
    {
        Context.Unwatch(_singleton);
        _singleton = null;
        Look();
    }

    private void Pass(object message)
    {
        if (_singleton is not null) _singleton.Forward(message);
        else if (_settings.BufferSize == 0) Context.System.DeadLetters.Tell(message, Sender);
        else
        {
            if (_buffer.Count == _settings.BufferSize)
            {
                var (oldest, sender) = _buffer.Dequeue();
                _log.Warning("Buffer is full, the oldest message, a {0}, is dropped", oldest.GetType());
                Context.System.DeadLetters.Tell(oldest, sender);
            }
            _buffer.Enqueue((message, Sender));
        }
    }

    private sealed class LookAgain : INoSerializationVerificationNeeded
    {
        public static readonly LookAgain Instance = new();
    }
}
