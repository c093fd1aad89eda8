using Actors.Client;
using Akka.Actor;
using Akka.Event;

namespace Actors.Topology.Runtime;

/// <summary>
/// This node's topologies: follows the deployments' topic and runs what it says; writes to it what users deploy and delete. One change is written at
/// a time, the next waits until it has taken effect.
/// </summary>
internal sealed class DeploymentsActor : ReceiveActor, IWithTimers
{
    public sealed record Put(string Name, string Text, string FileName);

    public sealed record Delete(string Name);

    public sealed record List;

    public sealed record Text(string Name);

    /// <summary>The text asked for; null where there is no such topology.</summary>
    public sealed record FoundText(string? Value);

    public sealed record Deleted(bool WasThere);

    /// <summary>End all topologies, each with a commit; answered with <see cref="Stopped"/>.</summary>
    public sealed record StopAll;

    public sealed record Stopped;

    /// <summary>Beyond so many changes that wait the next ones are refused.</summary>
    private const int MostWaiting = 1000;

    private sealed record Loaded;

    private sealed record FollowEnded(Exception Error);

    private sealed record Follow;

    private sealed record Written(DeploymentRecord Record, IActorRef ReplyTo);

    private sealed record NotWritten(Exception Error, IActorRef ReplyTo);

    private sealed class Deployment(string text, TopologyProgress progress, IActorRef? actor)
    {
        public string Text => text;
        public TopologyProgress Progress => progress;
        public IActorRef? Actor => actor;
        public bool Ending { get; set; }

        /// <summary>What is deployed under the name once this has ended.</summary>
        public string? Replacement { get; set; }
        public List<IActorRef> ToldWhenEnded { get; } = [];
    }

    private readonly ClusterClient _cluster;
    private readonly TopologyRuntimeSettings _settings;
    private readonly DeploymentTopic _topic;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stop = new();
    private readonly SortedDictionary<string, Deployment> _deployments = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _applied = [];
    private readonly Queue<(object Change, IActorRef ReplyTo)> _waiting = [];
    private readonly List<DeploymentRecord> _followedWhileWriting = [];
    private bool _loaded;
    private bool _writing;
    private IActorRef? _stopper;

    public DeploymentsActor(ClusterClient cluster, TopologyRuntimeSettings settings)
    {
        (_cluster, _settings) = (cluster, settings);
        _topic = new DeploymentTopic(cluster);
        Receive<Follow>(_ => BeginFollowing());
        Receive<DeploymentRecord>(Followed);
        Receive<Loaded>(_ => FinishLoading());
        Receive<FollowEnded>(ended => FollowAgain(ended.Error));
        Receive<Put>(Enqueue);
        Receive<Delete>(Enqueue);
        Receive<Written>(written => FinishWriting(written));
        Receive<NotWritten>(failed => FinishFailing(failed));
        Receive<List>(_ => Sender.Tell(_deployments.Values.Select(d => d.Progress.Status()).ToArray()));
        Receive<Text>(wanted => Sender.Tell(new FoundText(_deployments.TryGetValue(wanted.Name, out var found) && !found.Ending ? found.Text : null)));
        Receive<Terminated>(ended => TopologyEnded(ended.ActorRef));
        Receive<StopAll>(_ => BeginStop());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => BeginFollowing();

    private void BeginFollowing()
    {
        var self = Self;
        _topic.FollowAsync(record => self.Tell(record), () => self.Tell(new Loaded()), _stop.Token).PipeTo(self, failure: error => new FollowEnded(error));
    }

    private void FollowAgain(Exception error)
    {
        if (_stop.IsCancellationRequested) return;
        _log.Warning("The topic {0} cannot be read: {1}", DeploymentTopic.Name, error.Message);
        Timers.StartSingleTimer("follow", new Follow(), _settings.RestartPause);
    }

    private void FinishLoading()
    {
        _loaded = true;
        foreach (var name in _deployments.Keys.ToList()) Begin(name);
        Next();
    }

    /// <summary>The topic may show an entry before its writer hears that it is written; who deletes must then still be answered, and remove.</summary>
    private void Followed(DeploymentRecord record)
    {
        if (_writing) _followedWhileWriting.Add(record);
        else Apply(record, null);
    }

    private void ApplyFollowed()
    {
        foreach (var record in _followedWhileWriting) Apply(record, null);
        _followedWhileWriting.Clear();
    }

    /// <summary>Takes an entry of the topic, whoever wrote it, once and in order.</summary>
    private void Apply(DeploymentRecord record, IActorRef? deleter)
    {
        if (record.Offset <= _applied.GetValueOrDefault(record.Name, -1)) return;
        _applied[record.Name] = record.Offset;
        if (record.Text is not null)
        {
            // The same text again, as after another node's repeated deployment, changes nothing.
            if (_deployments.TryGetValue(record.Name, out var live) && live.Text == record.Text && !live.Ending) return;
            if (live?.Actor is { } running)
            {
                // Another node deleted and deployed at once, or two nodes deployed at once: the topic's last word counts.
                live.Replacement = record.Text;
                if (!live.Ending) running.Tell(new TopologyActor.End(Remove: false));
                live.Ending = true;
                return;
            }
            _deployments[record.Name] = new Deployment(record.Text, new TopologyProgress(record.Name, _settings.NodeId, Guarantee.AtLeastOnce), null);
            if (_loaded) Begin(record.Name);
        }
        else if (_deployments.TryGetValue(record.Name, out var deleted))
        {
            deleted.Ending = true;
            deleted.Replacement = null;
            if (deleter is not null) deleted.ToldWhenEnded.Add(deleter);
            // Who deletes also removes: another node that came late would remove what the next of the name has made.
            if (deleted.Actor is { } actor) actor.Tell(new TopologyActor.End(Remove: deleter is not null));
            else Forget(record.Name, deleted);
        }
    }

    private void Begin(string name)
    {
        var (text, cluster, settings) = (_deployments[name].Text, _cluster, _settings);
        if (_deployments[name].Actor is not null) return;
        if (!TopologyFile.TryRead(text, name, out var plan, out var errors))
        {
            // A text that this version refuses, though the one that took it did not.
            _deployments[name].Progress.Set(TopologyState.Failed, string.Join("; ", errors));
            return;
        }
        var progress = new TopologyProgress(name, settings.NodeId, plan.Description.Guarantee);
        var actor = Context.Watch(Context.ActorOf(Props.Create(() => new TopologyActor(plan, cluster, settings, progress))));
        _deployments[name] = new Deployment(text, progress, actor);
    }

    private void Enqueue(object change)
    {
        if (_waiting.Count >= MostWaiting) Sender.Tell(new Status.Failure(new InvalidOperationException("too many deployments are waiting")));
        else _waiting.Enqueue((change, Sender));
        Next();
    }

    private void Next()
    {
        while (_loaded && !_writing && _stopper is null && _waiting.TryPeek(out var next))
        {
            // A name that is being deleted is free only afterwards.
            var name = next.Change is Put put ? put.Name : ((Delete)next.Change).Name;
            if (_deployments.TryGetValue(name, out var live) && live.Ending) return;
            _waiting.Dequeue();
            if (next.Change is Put wanted) Deploy(wanted, live, next.ReplyTo);
            else if (live is null) next.ReplyTo.Tell(new Deleted(false));
            else Write(name, null, next.ReplyTo);
        }
    }

    private void Deploy(Put put, Deployment? live, IActorRef replyTo)
    {
        if (!TopologyFile.TryRead(put.Text, put.FileName, out var plan, out var errors)) replyTo.Tell(new PutResult(PutOutcome.Invalid, errors));
        else if (plan.Name != put.Name)
            replyTo.Tell(new PutResult(PutOutcome.Invalid, [new TopologyError(put.FileName, 1, 1, "topology.name", $"is {plan.Name}, but it is deployed as {put.Name}")]));
        else if (live is not null) replyTo.Tell(new PutResult(live.Text == put.Text ? PutOutcome.Unchanged : PutOutcome.Conflict, []));
        else Write(put.Name, put.Text, replyTo);
    }

    private void Write(string name, string? text, IActorRef replyTo)
    {
        _writing = true;
        _topic.WriteAsync(name, text).PipeTo(Self, success: record => new Written(record, replyTo), failure: error => new NotWritten(error, replyTo));
    }

    private void FinishWriting(Written written)
    {
        _writing = false;
        // A broker that does not say the offset says it to the reader soon.
        var record = written.Record.Offset >= 0 ? written.Record : written.Record with { Offset = _applied.GetValueOrDefault(written.Record.Name, -1) + 1 };
        Apply(record, record.Text is null ? written.ReplyTo : null);
        ApplyFollowed();
        if (record.Text is not null) written.ReplyTo.Tell(new PutResult(PutOutcome.Created, []));
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
        Forget(name, deployment);
        if (_stopper is { } stopper)
        {
            if (_deployments.Values.All(d => d.Actor is null)) FinishStop(stopper);
        }
        else if (!deployment.Ending || deployment.Replacement is not null)
        {
            if (!deployment.Ending) _log.Error("Topology {0} ended by itself and is started again", name);
            _deployments[name] = new Deployment(deployment.Replacement ?? deployment.Text, deployment.Progress, null);
            Begin(name);
        }
        Next();
    }

    private void Forget(string name, Deployment deployment)
    {
        _deployments.Remove(name);
        foreach (var told in deployment.ToldWhenEnded) told.Tell(new Deleted(true));
    }

    private void BeginStop()
    {
        _stopper = Sender;
        _stop.Cancel();
        var running = _deployments.Values.Where(d => d.Actor is not null).ToList();
        foreach (var deployment in running) deployment.Actor!.Tell(new TopologyActor.End(Remove: false));
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
