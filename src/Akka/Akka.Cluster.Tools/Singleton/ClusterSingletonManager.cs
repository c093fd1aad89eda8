using Akka.Actor;
using Akka.Configuration;
using Akka.Coordination;
using Akka.Event;

namespace Akka.Cluster.Tools.Singleton;

/// <summary>
/// One on each node, at the same path: keeps one child, the singleton, alive on the oldest node with the settings' role. When the
/// oldest leaves, the child gets the termination message, and starts on the next oldest once it has stopped.
/// </summary>
public class ClusterSingletonManager : ReceiveActor, IWithTimers
{
    private readonly Props _singletonProps;
    private readonly object _terminationMessage;
    private readonly ClusterSingletonManagerSettings _settings;
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly MembersByAge _members;
    private readonly SingletonMachine _machine;
    private readonly LeaseInTurn _lease;
    private readonly TaskCompletionSource<Done> _mayLeave = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TimeSpan _removalMargin;
    private IActorRef _singleton;
    private UniqueAddress _oldest;
    private bool _selfExits;
    private int _leaseQuestion;

    internal ClusterSingletonManager(Props singletonProps, object terminationMessage, ClusterSingletonManagerSettings settings)
    {
        if (settings.Role is { } role && !_cluster.SelfRoles.Contains(role)) throw new ArgumentException($"This cluster member [{_cluster.SelfAddress}] doesn't have the role [{role}]");
        _singletonProps = singletonProps;
        _terminationMessage = terminationMessage;
        _settings = settings;
        _members = new MembersByAge(settings.Role);
        _machine = new SingletonMachine(_cluster.SelfUniqueAddress, settings.LeaseSettings is not null);
        _removalMargin = settings.RemovalMargin > TimeSpan.Zero ? settings.RemovalMargin : _cluster.DowningProvider.DownRemovalMargin;
        if (settings.LeaseSettings is { } lease)
        {
            var name = $"{Context.System.Name}-singleton-{Self.Path}";
            _lease = new LeaseInTurn(LeaseProvider.Get(Context.System).GetLease(name, lease.LeaseImplementation, _cluster.SelfAddress.HostPort()));
        }
        Receive<ClusterEvent.CurrentClusterState>(Begin);
        Receive<ClusterEvent.IMemberEvent>(MemberChanged);
        Receive<Removed>(removed => Do(_machine.MemberRemoved(removed.Node)));
        Receive<IClusterSingletonMessage>(message => Do(_machine.Received(message, NodeOf(Sender))));
        Receive<Retry>(_ => Do(_machine.Retry()));
        Receive<SelfExiting>(_ => SelfExits());
        Receive<LeaseAnswer>(LeaseAnswered);
        Receive<LeaseRetry>(_ => Do(_machine.LeaseRetry()));
        Receive<LeaseLost>(LeaseIsLost);
        Receive<Terminated>(terminated => terminated.ActorRef.Equals(_singleton), _ => SingletonEnded());
    }

    ITimerScheduler IWithTimers.Timers { get; set; }

    private ITimerScheduler Timers => ((IWithTimers)this).Timers;

    /// <summary>Defaults of the singleton's settings and its serialiser.</summary>
    public static Config DefaultConfig() => ConfigurationFactory.FromResource<ClusterSingletonManager>("Akka.Cluster.Tools.Singleton.singleton.conf");

    /// <summary>The singleton is stopped by a poison pill.</summary>
    public static Props Props(Props singletonProps, ClusterSingletonManagerSettings settings) => Props(singletonProps, PoisonPill.Instance, settings);

    public static Props Props(Props singletonProps, object terminationMessage, ClusterSingletonManagerSettings settings) =>
        Actor.Props.Create(() => new ClusterSingletonManager(singletonProps, terminationMessage, settings)).WithDeploy(Deploy.Local);

    protected override void PreStart()
    {
        Serialization.ClusterSingletonMessageSerializer.Bind((ExtendedActorSystem)Context.System);
        var (self, mayLeave, cluster) = (Self, _mayLeave.Task, _cluster);
        CoordinatedShutdown.Get(Context.System).AddTask(CoordinatedShutdown.PhaseClusterExiting, "wait-singleton-exiting", () =>
        {
            if (cluster.IsTerminated || cluster.SelfMember.Status == MemberStatus.Down) return Task.FromResult(Done.Instance);
            self.Tell(SelfExiting.Instance, ActorRefs.NoSender);
            return mayLeave;
        });
        _cluster.Subscribe(Self, ClusterEvent.InitialStateAsSnapshot, typeof(ClusterEvent.IMemberEvent));
    }

    protected override void PostStop()
    {
        _cluster.Unsubscribe(Self);
        if (_singleton is not null) _ = _lease?.Release();
        _mayLeave.TrySetResult(Done.Instance);
    }

    private void Begin(ClusterEvent.CurrentClusterState state)
    {
        _members.Reset(state);
        _oldest = Oldest();
        Do(_machine.Begin(_oldest, _members.All.Where(member => member.Status is MemberStatus.Exiting or MemberStatus.Down).Select(member => member.UniqueAddress)));
    }

    private UniqueAddress Oldest() => _members.All
        .Where(member => member.Status is MemberStatus.Up or MemberStatus.Leaving)
        .Select(member => member.UniqueAddress)
        .FirstOrDefault(node => !_selfExits || node != _cluster.SelfUniqueAddress);

    private void MemberChanged(ClusterEvent.IMemberEvent change)
    {
        _members.Apply(change);
        var node = change.Member.UniqueAddress;
        var isSelf = node == _cluster.SelfUniqueAddress;
        switch (change)
        {
            case ClusterEvent.MemberExited when isSelf: SelfExits(); return;
            case ClusterEvent.MemberDowned when isSelf: Do(_machine.SelfDowned()); return;
            case ClusterEvent.MemberRemoved when isSelf || _removalMargin == TimeSpan.Zero: Do(_machine.MemberRemoved(node)); break;
            case ClusterEvent.MemberRemoved: Timers.StartSingleTimer(node, new Removed(node), _removalMargin); break;
        }
        var oldest = Oldest();
        if (oldest == _oldest) return;
        _oldest = oldest;
        Do(_machine.OldestChanged(oldest));
    }

    private void SelfExits()
    {
        _selfExits = true;
        _oldest = Oldest();
        Do(_machine.SelfExits(_oldest));
    }

    private UniqueAddress NodeOf(IActorRef peer) =>
        _members.All.FirstOrDefault(member => member.Address == peer.Path.Address)?.UniqueAddress ?? new UniqueAddress(peer.Path.Address, 0);

    private void LeaseAnswered(LeaseAnswer answer)
    {
        if (answer.Question != _leaseQuestion) return;
        if (answer.Failure is { } failure) _log.Warning("No lease for the singleton yet: {0}", failure.Message);
        Do(_machine.LeaseAnswered(answer.Acquired));
    }

    private void LeaseIsLost(LeaseLost lost)
    {
        if (lost.Question != _leaseQuestion) return;
        _log.Error(lost.Cause, "The singleton's lease is lost");
        Do(_machine.LeaseLost());
    }

    private void SingletonEnded()
    {
        _log.Info("Singleton [{0}] has stopped", _singleton.Path);
        _singleton = null;
        Do(_machine.SingletonEnded());
    }

    private void Do(IReadOnlyList<SingletonEffect> effects)
    {
        foreach (var effect in effects)
        {
            switch (effect)
            {
                case SingletonEffect.Tell tell: Context.ActorSelection(new RootActorPath(tell.Peer.Address) / Self.Path.Elements).Tell(tell.Message, Self); break;
                case SingletonEffect.StartSingleton:
                    _singleton = Context.Watch(Context.ActorOf(_singletonProps, _settings.SingletonName));
                    _log.Info("Singleton [{0}] starts: this node is the oldest", _singleton.Path);
                    break;
                case SingletonEffect.StopSingleton: _singleton?.Tell(_terminationMessage); break;
                case SingletonEffect.AcquireLease: AcquireLease(); break;
                case SingletonEffect.AcquireLeaseLater: Timers.StartSingleTimer(LeaseRetry.Instance, LeaseRetry.Instance, _settings.LeaseSettings.LeaseRetryInterval); break;
                case SingletonEffect.ReleaseLease: ReleaseLease(); break;
                case SingletonEffect.RetryLater: Timers.StartSingleTimer(Retry.Instance, Retry.Instance, _settings.HandOverRetryInterval); break;
                case SingletonEffect.MayLeave: _mayLeave.TrySetResult(Done.Instance); break;
                case SingletonEffect.StopManager: Context.Stop(Self); break;
            }
        }
    }

    private void AcquireLease()
    {
        var (self, question) = (Self, ++_leaseQuestion);
        _lease.Acquire(cause => self.Tell(new LeaseLost(question, cause), ActorRefs.NoSender))
            .PipeTo(Self, success: acquired => new LeaseAnswer(question, acquired, null), failure: e => new LeaseAnswer(question, false, e));
    }

    private void ReleaseLease()
    {
        _leaseQuestion++;
        var log = _log;
        _lease.Release().ContinueWith(
            release => log.Warning("The singleton's lease was not given back: {0}", release.Exception?.InnerException?.Message ?? "refused"),
            CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private sealed record Removed(UniqueAddress Node) : INoSerializationVerificationNeeded;

    private sealed record LeaseAnswer(int Question, bool Acquired, Exception Failure) : INoSerializationVerificationNeeded;

    private sealed record LeaseLost(int Question, Exception Cause) : INoSerializationVerificationNeeded, IDeadLetterSuppression;

    private sealed class Retry : INoSerializationVerificationNeeded
    {
        public static readonly Retry Instance = new();
    }

    private sealed class LeaseRetry : INoSerializationVerificationNeeded
    {
        public static readonly LeaseRetry Instance = new();
    }

    private sealed class SelfExiting : INoSerializationVerificationNeeded, IDeadLetterSuppression
    {
        public static readonly SelfExiting Instance = new();
    }
}
