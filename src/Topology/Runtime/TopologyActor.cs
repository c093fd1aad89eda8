using Actors.Client;
using Actors.Protocol;
using Akka.Actor;
using Akka.Event;

namespace Actors.Topology.Runtime;

/// <summary>
/// One topology on this node: waits for its source topics, makes its other topics, is a static member of the topology's group, and runs a task for
/// each that the group gives it. What fails is tried again after a pause.
/// </summary>
internal sealed partial class TopologyActor : ReceiveActor, IWithTimers
{
    /// <summary>How a topology ends on this node.</summary>
    public enum Ending
    {
        /// <summary>For now: its tasks commit, and it leaves the group, so that others have them at once.</summary>
        Stop,

        /// <summary>For good: its snapshots are removed too.</summary>
        Leave,

        /// <summary>For good and for all nodes: the group and the internal topics are removed too.</summary>
        Remove,
    }

    /// <summary>End; answered by this actor's end.</summary>
    public sealed record End(Ending How);

    /// <summary>Told to the parent: what the topology had made is no more.</summary>
    public sealed record Removed;

    private sealed record Prepare;

    private sealed record NotPrepared(Exception Error);

    private sealed record Changed(IReadOnlyCollection<TopicPartition> Partitions, ChangeKind Kind, TaskCompletionSource Done);

    private sealed record MemberEnded(GroupMember Of, Exception? Error);

    private sealed record Look : IDeadLetterSuppression;

    /// <summary>The topics that are there; null where nobody could be asked.</summary>
    private sealed record Looked(GroupMember Of, IReadOnlyDictionary<string, TopicMetadata>? There) : IDeadLetterSuppression;

    private sealed record Left;

    private sealed record StartTask(TaskId Id);

    private sealed record MemberClosed;

    private sealed record Ended(Exception? Error);

    private enum ChangeKind
    {
        Assigned,
        Revoked,
        Lost,
    }

    private readonly TopologyPlan _plan;
    private readonly bool _begins;
    private readonly ClusterClient _cluster;
    private readonly TopologyRuntimeSettings _settings;
    private readonly TopologyProgress _progress;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stop = new();
    private readonly HashSet<TopicPartition> _assigned = [];
    private readonly Dictionary<TaskId, IActorRef> _tasks = [];
    private readonly Dictionary<TaskId, RestartBackoff> _pauses = [];
    private readonly RestartBackoff _pause;
    private readonly List<(HashSet<TaskId> Waiting, TaskCompletionSource Done)> _endings = [];
    private TopicWatch _watch;
    private GroupMember? _member;
    private End? _end;
    private bool _preparing;
    private bool _leaving;
    private long? _assignedSince;

    /// <param name="plan">The topology.</param>
    /// <param name="cluster">The broker.</param>
    /// <param name="settings">What this node is told.</param>
    /// <param name="progress">How it stands, kept up to date here.</param>
    /// <param name="ends">It is begun only to be ended: what an earlier start has made is removed.</param>
    public TopologyActor(TopologyPlan plan, ClusterClient cluster, TopologyRuntimeSettings settings, TopologyProgress progress, bool ends)
    {
        _begins = !ends;
        (_plan, _cluster, _settings, _progress) = (plan, cluster, settings, progress);
        _pause = NewPause();
        _watch = new TopicWatch(plan);
        Receive<Prepare>(_ => BeginPreparation());
        Receive<TopologyPreparation.Result>(Prepared);
        Receive<NotPrepared>(failed => Retry(failed.Error));
        Receive<Changed>(Change);
        Receive<StartTask>(start => BeginTask(start.Id));
        Receive<Terminated>(ended => TaskEnded(ended.ActorRef));
        Receive<MemberEnded>(ended => MembershipEnded(ended.Of, ended.Error));
        Receive<Look>(_ => BeginLook());
        Receive<Looked>(EndLook);
        Receive<Left>(_ => PrepareAgain());
        Receive<End>(BeginEnd);
        Receive<MemberClosed>(_ => FinishEnd());
        Receive<Ended>(Stop);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private string InstanceId => $"{_plan.Name}-{_settings.NodeId}";

    private RestartBackoff NewPause() => new(_settings.RestartPause, _settings.GreatestRestartPause);

    protected override void PreStart()
    {
        if (_begins) BeginPreparation();
    }

    /// <summary>Tasks end on their own here, and are looked after one by one.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(error =>
    {
        if (_tasks.FirstOrDefault(t => t.Value.Equals(Sender)) is { Value: not null } broken) _progress.Task(broken.Key).Fail(error);
        return Directive.Stop;
    });

    private void BeginPreparation()
    {
        if (_end is not null) return;
        _preparing = true;
        TopologyPreparation.PrepareAsync(_cluster, _plan, _stop.Token).PipeTo(Self, failure: error => new NotPrepared(error));
    }

    private void Prepared(TopologyPreparation.Result result)
    {
        if (!EndsPreparation()) return;
        if (result.MissingTopic is { } missing)
        {
            _progress.Set(TopologyState.Restoring, missing);
            Timers.StartSingleTimer("prepare", new Prepare(), _settings.SourceTopicInterval);
            return;
        }
        _progress.TaskCount = result.Plan!.Tasks.Count;
        Join();
    }

    /// <summary>False: the topology is to end. What is removed then includes what the preparation has made.</summary>
    private bool EndsPreparation()
    {
        _preparing = false;
        if (_end is not null) CloseMember();
        return _end is null;
    }

    private void Retry(Exception error)
    {
        if (!EndsPreparation()) return;
        // Without a broker it waits like for a topic; what a broker refuses is a failure.
        if (error is KafkaException { IsRetriable: true })
        {
            _progress.Set(TopologyState.Restoring, error.Message);
            Timers.StartSingleTimer("prepare", new Prepare(), _settings.RestartPause);
            return;
        }
        var failure = _pause.Fail(error, TimeSpan.Zero, _settings.Time, out var pause);
        _progress.Fail(failure);
        _log.Warning("Topology {0} cannot start, {1}: {2}", _plan.Name, Told(failure.InARow, pause), error.Message);
        Timers.StartSingleTimer("prepare", new Prepare(), pause);
    }

    private static string Told(int inARow, TimeSpan pause) => FormattableString.Invariant($"{inARow} in a row, and is tried again in {pause.TotalSeconds:0.#} s");

    private void Join()
    {
        _progress.Set(TopologyState.Restoring, "waiting for its partitions");
        var options = new GroupOptions
        {
            GroupId = _plan.Name,
            GroupInstanceId = InstanceId,
            Topics = _plan.ReadTopics,
            Assignors = [new TaskAssignor(_plan)],
            SessionTimeout = _settings.SessionTimeout,
            RebalanceTimeout = _settings.RebalanceTimeout,
            HeartbeatInterval = _settings.HeartbeatInterval,
        };
        var self = Self;
        var member = _member = new GroupMember(_cluster, options, new Listener(self));
        member.Completion.ContinueWith(ended => self.Tell(new MemberEnded(member, ended.Exception?.GetBaseException())), TaskScheduler.Default);
        member.Start();
        _watch = new TopicWatch(_plan);
        Timers.Cancel("look");
        BeginLook();
    }

    private void BeginLook()
    {
        if (_end is not null || _leaving || _member is not { } member) return;
        TopologyPreparation.LookAsync(_cluster, _plan, _stop.Token).PipeTo(Self, success: there => new Looked(member, there), failure: _ => new Looked(member, null));
    }

    private void EndLook(Looked looked)
    {
        if (_end is not null || _leaving || !ReferenceEquals(_member, looked.Of)) return;
        if (looked.There is { } there)
        {
            if (_watch.Lost(there) is { } lost)
            {
                Leave(lost);
                return;
            }
            if (_watch.TaskCount(there) is { } tasks) _progress.TaskCount = tasks;
            if (_watch.Grown(there) is { } grown) looked.Of.Rejoin($"topic {grown} has more partitions");
        }
        Timers.StartSingleTimer("look", new Look(), _settings.TopicWatchInterval);
    }

    /// <summary>Without one of its topics it cannot go on: it leaves the group, and is prepared as if it began.</summary>
    private void Leave(string topic)
    {
        _leaving = true;
        var reads = _plan.ReadTopics.Contains(topic);
        var why = reads
            ? $"the topic {topic}, which the topology reads, was deleted or made anew"
            : $"the topic {topic}, which the topology writes, was deleted or made anew";
        var now = _settings.Time.GetUtcNow();
        _progress.Fail(new TopologyFailure(why, now, 1, now));
        _log.Warning("Topology {0} begins again: {1}", _plan.Name, why);
        // A last commit would wait for the topic that is gone, or be of a position in it.
        foreach (var (id, task) in _tasks)
        {
            var sub = _plan.SubTopologies[id.SubTopology];
            if (sub.SourceTopics.Contains(topic) || sub.OutputTopics.Any(o => o.Topic == topic)) task.Tell(new TaskActor.End(Commit: false));
        }
        // None of those that have ended is started again; the others end when the member gives its partitions up.
        _assigned.Clear();
        LeaveAsync(_member!, topic, reads).PipeTo(Self, success: () => new Left(), failure: error => LogAndLeave(error));
    }

    private async Task LeaveAsync(GroupMember member, string topic, bool reads)
    {
        await member.CloseAsync(leaveForGood: true);
        if (reads) await TopologyPreparation.ForgetOffsetsAsync(_cluster, _plan, topic, _settings, _stop.Token);
    }

    private object LogAndLeave(Exception error)
    {
        if (!_stop.IsCancellationRequested) _log.Warning("Topology {0} may go on at an old position: {1}", _plan.Name, error.Message);
        return new Left();
    }

    private void PrepareAgain()
    {
        (_leaving, _member, _assignedSince) = (false, null, null);
        if (_end is not null) FinishEnd();
        else BeginPreparation();
    }

    private void MembershipEnded(GroupMember member, Exception? error)
    {
        if (_end is not null || _leaving || error is null || !ReferenceEquals(_member, member)) return;
        var failure = _pause.Fail(error, _assignedSince is { } since ? _settings.Time.GetElapsedTime(since) : TimeSpan.Zero, _settings.Time, out var pause);
        _assignedSince = null;
        _log.Error(error, "Topology {0} is out of its group, {1}", _plan.Name, Told(failure.InARow, pause));
        _progress.Fail(failure);
        _assigned.Clear();
        foreach (var task in _tasks.Values) task.Tell(new TaskActor.End(Commit: false));
        // It is out already; what is left of it is its connections.
        _ = _member?.CloseAsync().AsTask();
        _member = null;
        // Another node that calls itself by this node's number has taken the place: coming back at once would only go on in turns.
        var fenced = error is KafkaException { Error: ErrorCode.FencedInstanceId };
        Timers.StartSingleTimer("prepare", new Prepare(), fenced && pause < _settings.SessionTimeout ? _settings.SessionTimeout : pause);
    }

    protected override void PostStop()
    {
        _stop.Cancel();
        foreach (var (_, done) in _endings) done.TrySetResult();
        if (_end is null) _ = _member?.CloseAsync().AsTask();
    }
}
