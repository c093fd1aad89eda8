using Actors.Client;
using Akka.Actor;
using Akka.Event;
using static Actors.Topology.Runtime.DeploymentMessages;

namespace Actors.Topology.Runtime;

/// <summary>
/// This node's topologies: follows the deployments' topic and runs what it says; writes to it what users deploy and delete. One change is written at
/// a time, the next waits until it has taken effect.
/// </summary>
internal sealed class DeploymentsActor : ReceiveActor, IWithTimers
{
    /// <summary>Beyond so many changes that wait the next ones are refused.</summary>
    private const int MostWaiting = 1000;

    /// <summary>Who deploys waits for the topic, so it is never left alone for long.</summary>
    private static readonly TimeSpan GreatestFollowPause = TimeSpan.FromSeconds(5);

    private sealed record Loaded;

    private sealed record FollowEnded(Exception Error);

    private sealed record Follow;

    private sealed record Written(DeploymentRecord Record, IActorRef ReplyTo);

    private sealed record NotWritten(Exception Error, IActorRef ReplyTo);

    private sealed record Remove(string Name);

    private sealed record BeginAgain(string Name);

    private sealed record NoTombstone(string Name, Exception Error);

    private readonly ClusterClient _cluster;
    private readonly TopologyRuntimeSettings _settings;
    private readonly DeploymentTopic _topic;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stop = new();
    private readonly SortedDictionary<string, Deployment> _deployments = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _applied = [];
    private readonly LinkedList<(object Change, IActorRef ReplyTo)> _waiting = [];
    private readonly List<DeploymentRecord> _followedWhileWriting = [];
    private readonly RestartBackoff _followPause;
    private long _followsSince;
    private bool _loaded;
    private bool _writing;
    private IActorRef? _stopper;

    public DeploymentsActor(ClusterClient cluster, TopologyRuntimeSettings settings)
    {
        (_cluster, _settings) = (cluster, settings);
        _topic = new DeploymentTopic(cluster);
        _followPause = new RestartBackoff(settings.RestartPause, GreatestFollowPause);
        Receive<Follow>(_ => BeginFollowing());
        Receive<DeploymentRecord>(Followed);
        Receive<Loaded>(_ => FinishLoading());
        Receive<FollowEnded>(ended => FollowAgain(ended.Error));
        Receive<Put>(Enqueue);
        Receive<Delete>(Enqueue);
        Receive<Written>(written => FinishWriting(written));
        Receive<NotWritten>(failed => FinishFailing(failed));
        Receive<List>(list => Sender.Tell(_deployments.Where(d => list.Name is null || list.Name == d.Key).Select(d => Shown(d.Value)).ToArray()));
        Receive<Text>(wanted => Sender.Tell(new FoundText(_deployments.TryGetValue(wanted.Name, out var found) && !found.Ending ? found.Text : null)));
        Receive<TopologyActor.Removed>(_ => _deployments.Values.First(d => Sender.Equals(d.Actor)).Removed = true);
        Receive<NoTombstone>(WriteTombstoneAgain);
        Receive<BeginAgain>(begin => BeginBroken(begin.Name));
        Receive<Remove>(remove => RemoveAgain(remove.Name));
        Receive<Terminated>(ended => TopologyEnded(ended.ActorRef));
        Receive<StopAll>(_ => BeginStop());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => BeginFollowing();

    /// <summary>A topology that breaks is started again here, as what it is to be: running, or ending.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(error =>
    {
        if (_deployments.Values.FirstOrDefault(d => Sender.Equals(d.Actor)) is { } broken) broken.Error = error;
        return Directive.Stop;
    });

    private void BeginFollowing()
    {
        var self = Self;
        _followsSince = _settings.Time.GetTimestamp();
        _topic.FollowAsync(record => self.Tell(record), () => self.Tell(new Loaded()), _stop.Token).PipeTo(self, failure: error => new FollowEnded(error));
    }

    private void FollowAgain(Exception error)
    {
        if (_stop.IsCancellationRequested) return;
        var pause = _followPause.Failed(_settings.Time.GetElapsedTime(_followsSince));
        _log.Warning("The topic {0} cannot be read, and is tried again in {1} s: {2}", DeploymentTopic.Name, pause.TotalSeconds, error.Message);
        Timers.StartSingleTimer("follow", new Follow(), pause);
    }

    private void FinishLoading()
    {
        _loaded = true;
        foreach (var (name, deployment) in _deployments.ToList())
        {
            if (deployment.Remover is null) Begin(name);
            else EndDeleted(name, deployment);
        }
        Next();
    }

    /// <summary>The topic may show an entry before its writer hears that it is written; who deletes must then still be answered, and remove.</summary>
    private void Followed(DeploymentRecord record)
    {
        if (_writing)
        {
            _followedWhileWriting.Add(record);
            return;
        }
        Apply(record, null);
        // A tombstone frees its name.
        Next();
    }

    private void ApplyFollowed()
    {
        foreach (var record in _followedWhileWriting) Apply(record, null);
        _followedWhileWriting.Clear();
    }

    /// <summary>Takes an entry of the topic, whoever wrote it, once and in order.</summary>
    private void Apply(DeploymentRecord record, IActorRef? deleter)
    {
        // What comes while the node stops is for its next start, which finds it in the topic.
        if (_stopper is not null) return;
        if (record.Offset <= _applied.GetValueOrDefault(record.Name, -1)) return;
        _applied[record.Name] = record.Offset;
        var known = _deployments.GetValueOrDefault(record.Name);
        if (record.Text is null)
        {
            if (known is not null) ApplyTombstone(record.Name, known);
        }
        else if (record.Remover is { } remover) ApplyDeletion(record, known, remover, deleter);
        else ApplyText(record, known);
    }

    private void ApplyText(DeploymentRecord record, Deployment? known)
    {
        // The same text again, as after another node's repeated deployment, changes nothing.
        if (known is { Ending: false } && known.Text == record.Text) return;
        if (known?.Actor is { } running)
        {
            // Another node deleted and deployed at once, or two nodes deployed at once: the topic's last word counts.
            (known.Replacement, known.Remover, known.Gone) = (record.Text, null, false);
            if (!known.Ending) running.Tell(new TopologyActor.End(TopologyActor.Ending.Stop));
            known.Ending = true;
            return;
        }
        Add(record.Name, record.Text!);
        if (_loaded) Begin(record.Name);
    }

    /// <summary>One node removes; a name that is being deleted is taken until that is done, so that nothing of a later topology is removed.</summary>
    private void ApplyDeletion(DeploymentRecord record, Deployment? known, int remover, IActorRef? deleter)
    {
        var deployment = known ?? Add(record.Name, record.Text!);
        deployment.Replacement = null;
        if (deleter is not null) deployment.ToldWhenGone.Add(deleter);
        if (deployment.Remover is not null) return;
        deployment.Remover = remover;
        deployment.Progress.Set(TopologyState.Restoring, "is being deleted");
        if (_loaded) EndDeleted(record.Name, deployment);
    }

    private void EndDeleted(string name, Deployment deployment)
    {
        deployment.Ending = true;
        var removes = deployment.Remover == _settings.NodeId;
        if (!removes) Timers.StartSingleTimer(name, new Remove(name), _settings.RemoverPatience);
        if (deployment.Actor is null && removes) Begin(name);
        if (deployment.Actor is { } actor) actor.Tell(new TopologyActor.End(removes ? TopologyActor.Ending.Remove : TopologyActor.Ending.Leave));
        // A text that makes no topology has made nothing.
        else if (removes) WriteTombstone(name);
    }

    /// <summary>A removal that did not come to its end is made again, here.</summary>
    private void RemoveAgain(string name)
    {
        if (_stopper is not null || !_deployments.TryGetValue(name, out var deployment) || deployment is not { Gone: false, Remover: { } remover }) return;
        if (remover != _settings.NodeId) _log.Warning("Node {0} did not finish the deletion of topology {1}: this one does", remover, name);
        deployment.Remover = _settings.NodeId;
        if (deployment.Actor is not null) return;
        if (deployment.Removed) WriteTombstone(name);
        else EndDeleted(name, deployment);
    }

    private void ApplyTombstone(string name, Deployment deployment)
    {
        (deployment.Ending, deployment.Gone, deployment.Replacement) = (true, true, null);
        if (deployment.Actor is null) Forget(name, deployment);
        else if (deployment.Remover is null) deployment.Actor.Tell(new TopologyActor.End(TopologyActor.Ending.Leave));
        // Another node has removed it all meanwhile: what this one would still find is the next topology's of the name.
        else if (deployment.Remover == _settings.NodeId) deployment.Actor.Tell(new TopologyActor.End(TopologyActor.Ending.Stop));
    }

    /// <summary>Its entry comes back by the topic, as on every node.</summary>
    private void WriteTombstone(string name) =>
        _topic.WriteAsync(name, null, null).PipeTo(Self, success: record => record, failure: error => new NoTombstone(name, error));

    private void WriteTombstoneAgain(NoTombstone failed)
    {
        if (_stopper is not null) return;
        _log.Warning("The deletion of topology {0} cannot be written: {1}", failed.Name, failed.Error.Message);
        if (_deployments.TryGetValue(failed.Name, out var deployment)) Timers.StartSingleTimer(failed.Name, new Remove(failed.Name), deployment.Pause.Failed(TimeSpan.Zero));
    }

    private Deployment Add(string name, string text) =>
        _deployments[name] = new Deployment(text, new TopologyProgress(name, _settings.NodeId, _settings.Time), new RestartBackoff(_settings.RestartPause, _settings.GreatestRestartPause));

    private void Begin(string name)
    {
        var (cluster, settings, deployment, ends) = (_cluster, _settings, _deployments[name], _deployments[name].Ending);
        if (deployment.Actor is not null) return;
        if (!TopologyFile.TryRead(deployment.Text, name, out var plan, out var errors))
        {
            // A text that this version refuses, though the one that took it did not.
            deployment.Progress.Set(TopologyState.Failed, string.Join("; ", errors));
            return;
        }
        var progress = deployment.Progress;
        deployment.Plan = plan;
        progress.Guarantee = plan.Description.Guarantee;
        if (!ends && !settings.HostsTasks)
        {
            // Its tasks are other nodes'.
            progress.Set(TopologyState.Running);
            return;
        }
        deployment.BegunAt = settings.Time.GetTimestamp();
        deployment.Actor = Context.Watch(Context.ActorOf(Props.Create(() => new TopologyActor(plan, cluster, settings, progress, ends))));
    }

    private static Listed Shown(Deployment deployment)
    {
        var status = deployment.Progress.Status();
        return new Listed(status, deployment.Plan, deployment.Plan is null || status.Tasks.Count == deployment.Progress.TaskCount);
    }

    private void Enqueue(object change)
    {
        if (_waiting.Count >= MostWaiting) Sender.Tell(new Status.Failure(new InvalidOperationException("too many deployments are waiting")));
        else _waiting.AddLast((change, Sender));
        Next();
    }

    private void Next()
    {
        while (_loaded && !_writing && _stopper is null && TakeWaiting() is var (change, replyTo))
        {
            var live = _deployments.GetValueOrDefault(NameOf(change));
            if (change is Put wanted) Deploy(wanted, live, replyTo);
            else if (live is null) replyTo.Tell(new Deleted(false));
            else if (live.Ending) live.ToldWhenGone.Add(replyTo);
            else Write(NameOf(change), live.Text, _settings.NodeId, replyTo);
        }
    }

    /// <summary>The first change whose name is free and that no other of its name is before: one name's deletion may take long, and keeps no other waiting.</summary>
    private (object Change, IActorRef ReplyTo)? TakeWaiting()
    {
        var taken = new HashSet<string>();
        for (var node = _waiting.First; node is not null; node = node.Next)
        {
            var name = NameOf(node.Value.Change);
            if (taken.Contains(name)) continue;
            if (IsFreeFor(node.Value.Change, _deployments.GetValueOrDefault(name)))
            {
                _waiting.Remove(node);
                return node.Value;
            }
            taken.Add(name);
        }
        return null;
    }

    /// <summary>A name that is being deleted is free only afterwards, except for who deletes it too.</summary>
    private static bool IsFreeFor(object change, Deployment? live) => live is not { Ending: true } || (change is Delete && live is { Remover: not null, Gone: false });

    private static string NameOf(object change) => change is Put put ? put.Name : ((Delete)change).Name;

    private void Deploy(Put put, Deployment? live, IActorRef replyTo)
    {
        // The text is all that is stored, and all that other nodes will have.
        if (!TopologyFile.TryRead(put.Text, put.FileName, out var plan, out var errors, refusesIncludes: true)) replyTo.Tell(new PutResult(PutOutcome.Invalid, errors));
        else if (plan.Name != put.Name)
            replyTo.Tell(new PutResult(PutOutcome.Invalid, [new TopologyError(put.FileName, 1, 1, "topology.name", $"is {plan.Name}, but it is deployed as {put.Name}")]));
        else if (live is not null) replyTo.Tell(new PutResult(live.Text == put.Text ? PutOutcome.Unchanged : PutOutcome.Conflict, []));
        else if (Clash(plan) is var (topic, other))
            replyTo.Tell(new PutResult(PutOutcome.Invalid, [new TopologyError(put.FileName, 1, 1, "topology.name",
                $"the topic {topic} would be topology {other}'s too, and is an internal one of at least one of the two; take another name")]));
        else Write(put.Name, put.Text, null, replyTo);
    }

    /// <summary>A topic that two topologies must not share: a's sink may be b's, but what is internal to one is not the other's.</summary>
    private (string Topic, string Other)? Clash(TopologyPlan plan)
    {
        foreach (var (name, deployment) in _deployments)
        {
            if (deployment.Plan is not { } other) continue;
            var topic = plan.InternalTopics.Intersect([.. other.InternalTopics, .. other.SinkTopics]).Concat(plan.SinkTopics.Intersect(other.InternalTopics)).FirstOrDefault();
            if (topic is not null) return (topic, name);
        }
        return null;
    }

    private void Write(string name, string text, int? remover, IActorRef replyTo)
    {
        _writing = true;
        _topic.WriteAsync(name, text, remover).PipeTo(Self, success: record => new Written(record, replyTo), failure: error => new NotWritten(error, replyTo));
    }

    private void FinishWriting(Written written)
    {
        _writing = false;
        // A broker that does not say the offset says it to the reader soon.
        var record = written.Record.Offset >= 0 ? written.Record : written.Record with { Offset = _applied.GetValueOrDefault(written.Record.Name, -1) + 1 };
        Apply(record, record.Remover is null ? null : written.ReplyTo);
        ApplyFollowed();
        if (record.Remover is null) written.ReplyTo.Tell(new PutResult(PutOutcome.Created, []));
        Next();
    }

    private void FinishFailing(NotWritten failed)
    {
        _writing = false;
        ApplyFollowed();
        failed.ReplyTo.Tell(new Status.Failure(failed.Error));
        Next();
    }

    private void TopologyEnded(IActorRef actor)
    {
        var (name, deployment) = _deployments.First(d => actor.Equals(d.Value.Actor));
        deployment.Actor = null;
        if (_stopper is { } stopper)
        {
            if (_deployments.Values.All(d => d.Actor is null)) FinishStop(stopper);
            return;
        }
        if (deployment.Gone) Forget(name, deployment);
        else if (deployment.Replacement is { } text)
        {
            Forget(name, deployment);
            Add(name, text);
            Begin(name);
        }
        else if (deployment.Remover == _settings.NodeId)
        {
            if (deployment.Removed) WriteTombstone(name);
            else Timers.StartSingleTimer(name, new Remove(name), deployment.Pause.Failed(TimeSpan.Zero));
        }
        else if (!deployment.Ending) BeginLater(name, deployment);
        Next();
    }

    private void BeginLater(string name, Deployment deployment)
    {
        var error = deployment.Error ?? new InvalidOperationException("it ended by itself");
        deployment.Error = null;
        var failure = deployment.Pause.Fail(error, _settings.Time.GetElapsedTime(deployment.BegunAt), _settings.Time, out var pause);
        deployment.Progress.Fail(failure);
        _log.Error(error, "Topology {0} broke, {1} in a row, and is started again in {2} s", name, failure.InARow, pause.TotalSeconds);
        Timers.StartSingleTimer(deployment, new BeginAgain(name), pause);
    }

    private void BeginBroken(string name)
    {
        if (_stopper is null && _deployments.TryGetValue(name, out var deployment) && deployment is { Ending: false, Actor: null }) Begin(name);
    }

    private void Forget(string name, Deployment deployment)
    {
        _deployments.Remove(name);
        Timers.Cancel(name);
        Timers.Cancel(deployment);
        foreach (var told in deployment.ToldWhenGone) told.Tell(new Deleted(true));
    }

    private void BeginStop()
    {
        _stopper = Sender;
        _stop.Cancel();
        var running = _deployments.Values.Where(d => d.Actor is not null).ToList();
        foreach (var deployment in running) deployment.Actor!.Tell(new TopologyActor.End(TopologyActor.Ending.Stop));
        if (running.Count == 0) FinishStop(Sender);
    }

    private void FinishStop(IActorRef stopper)
    {
        stopper.Tell(new Stopped());
        Context.Stop(Self);
    }

    protected override void PostStop()
    {
        _stop.Cancel();
        _ = _topic.DisposeAsync().AsTask();
        foreach (var (_, replyTo) in _waiting) replyTo.Tell(new Status.Failure(new ObjectDisposedException(nameof(TopologyRuntime))));
    }
}
