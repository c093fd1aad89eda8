using Actors.Broker.Durability;
using Actors.Broker.Events;
using Actors.Broker.Network;
using Actors.Machines;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Akka.Actor;
using Akka.Persistence;

namespace Actors.Broker.Groups;

/// <summary>A consumer group's coordinator: the persistent actor around <see cref="GroupMachine"/>.</summary>
internal sealed class GroupActor : MachineActor
{
    private const string Prefix = "g-";
    private static readonly TimeSpan ExpiryInterval = TimeSpan.FromMinutes(10), UnusedInterval = TimeSpan.FromSeconds(30);

    private readonly BrokerContext _broker;
    private readonly IActorRef _region;
    private readonly string _group;
    private readonly GroupSettings _settings;
    private GroupMachine _machine;

    public GroupActor(BrokerContext broker, string group, IActorRef region)
        : base(broker.Lease)
    {
        _broker = broker;
        _group = group;
        _region = region;
        var settings = broker.Settings;
        _settings = new GroupSettings(
            (int)settings.GroupMinSessionTimeout.TotalMilliseconds, (int)Math.Min(int.MaxValue, settings.GroupMaxSessionTimeout.TotalMilliseconds), settings.GroupMaxSize,
            (int)settings.GroupInitialRebalanceDelay.TotalMilliseconds, settings.OffsetMetadataMaxBytes);
        _machine = new GroupMachine(_settings);
    }

    public override string PersistenceId => Prefix + _group;

    public static Props Props(BrokerContext broker, string group, IActorRef region) => Akka.Actor.Props.Create(() => new GroupActor(broker, group, region));

    /// <summary>The group whose coordinator has this persistence id; null for the id of something else.</summary>
    public static string? GroupOf(string persistenceId) => persistenceId.StartsWith(Prefix, StringComparison.Ordinal) ? persistenceId[Prefix.Length..] : null;

    protected override void Apply(IMachineEvent @event, long sequenceNr) => _machine.Apply(@event, sequenceNr);

    protected override void ApplyVolatile(IVolatileChange change) => _machine.Apply(change);

    protected override void Restore(object snapshot) => _machine = GroupMachine.From((GroupSnapshot)snapshot, _settings);

    protected override object? SnapshotDue()
    {
        if (!_machine.SnapshotDue)
            return null;
        _machine.SnapshotTaken();
        return _machine.ToSnapshot();
    }

    protected override void SnapshotSaved() => DeleteMessages(SavedSnapshot);

    protected override void Recovered()
    {
        Do(new Machines.GroupRecovered());
        Timers.StartPeriodicTimer("expiry", new ExpireOffsets((long)_broker.Settings.OffsetsRetention.TotalMilliseconds), ExpiryInterval);
        Timers.StartPeriodicTimer("unused", EndIfUnused.Instance, UnusedInterval);
        Serve();
    }

    private void Serve()
    {
        _broker.Groups.Enter(_group, Self);
        _region.Tell(new GroupServing(_group), Self);
    }

    protected override void Execute(object command)
    {
        switch (command)
        {
            case GroupRequest request: Answer(request, Sender); break;
            case AskGroupGeneration: Sender.Tell(new GroupGeneration(_machine.GenerationId), Self); break;
            case EndIfUnused: EndUnused(); break;
            case StillWanted: Serve(); break;
            case SessionExpired expired: Do(expired with { ServedForMs = ServedForMs }); break;
            case GroupCommand timer: Do(timer); break;
            case Partitions.HandOff:
                _broker.Groups.Leave(_group, Self);
                StopOnceDurable();
                break;
            case DeleteMessagesSuccess or DeleteMessagesFailure or DeleteSnapshotsSuccess or DeleteSnapshotsFailure: break;
            default: Unhandled(command); break;
        }
    }

    protected override void PostStop()
    {
        _broker.Groups.Leave(_group, Self);
        AnswerParked(_machine.AnswerParked(ErrorCode.NotCoordinator));
        base.PostStop();
    }

    /// <summary>A group that was only asked for, that was deleted or that expired needs no actor until somebody asks again: what the journal has of it says that it is gone.</summary>
    private void EndUnused()
    {
        if (!_machine.IsUnused || Durable < Applied)
            return;
        _broker.Groups.Leave(_group, Self);
        _region.Tell(new GroupEnded(_group, Self), Self);
    }

    private void Answer(GroupRequest asked, IActorRef replyTo)
    {
        switch (asked.Request)
        {
            case JoinGroupRequest join:
                Parked(asked, replyTo, token => GroupTranslation.Command(join, token, asked, _broker.Settings.NewId()), reply => GroupTranslation.Response((JoinReply)reply, asked.ApiVersion));
                break;
            case SyncGroupRequest sync:
                Parked(asked, replyTo, token => GroupTranslation.Command(sync, token), reply => GroupTranslation.Response((SyncReply)reply));
                break;
            case HeartbeatRequest heartbeat: Heartbeat(asked, replyTo, heartbeat); break;
            case LeaveGroupRequest leave:
                Direct(asked, replyTo, GroupTranslation.Command(leave, asked.ApiVersion), reply => GroupTranslation.Response((LeaveReply)reply, asked.ApiVersion));
                break;
            case OffsetCommitRequest commit: Commit(asked, replyTo, commit); break;
            case OffsetDeleteRequest delete:
                Direct(asked, replyTo, GroupTranslation.Command(delete, Exists), reply => GroupTranslation.Response(delete, (OffsetsReply)reply));
                break;
            case DeleteGroupsRequest:
                Direct(asked, replyTo, new DeleteGroup(), reply => new DeleteGroupsResponse
                {
                    Results = [new DeleteGroupsResponse.DeletableGroupResult { GroupId = _group, ErrorCode = (short)((GroupReply)reply).Error }],
                });
                break;
            case OffsetFetchRequest fetch: Reply(replyTo, new GroupAnswer(asked.Token, GroupTranslation.Offsets(fetch, _machine, asked.ApiVersion))); break;
            case DescribeGroupsRequest: Reply(replyTo, new GroupAnswer(asked.Token, GroupTranslation.Describe(_group, _machine))); break;
            case ListGroupsRequest: Reply(replyTo, new GroupAnswer(asked.Token, GroupTranslation.List(_group, _machine))); break;
            default: throw new BrokenInvariantException($"a group cannot answer {asked.Request.Key}");
        }
    }

    private void Direct(GroupRequest asked, IActorRef replyTo, GroupCommand command, Func<object, IMessage> response) =>
        Do(command, replyTo, reply => new GroupAnswer(asked.Token, response(reply)));

    private void Parked(GroupRequest asked, IActorRef replyTo, Func<long, GroupCommand> command, Func<object, IMessage> response) =>
        Do(command(Park(replyTo, reply => new GroupAnswer(asked.Token, response(reply)))));

    private void Heartbeat(GroupRequest asked, IActorRef replyTo, HeartbeatRequest heartbeat)
    {
        if (asked.MayWait)
            Parked(asked, replyTo, token => new Heartbeat(heartbeat.MemberId, heartbeat.GroupInstanceId, heartbeat.GenerationId, token), Response);
        else
            Direct(asked, replyTo, new Heartbeat(heartbeat.MemberId, heartbeat.GroupInstanceId, heartbeat.GenerationId), Response);

        static IMessage Response(object reply) => new HeartbeatResponse { ErrorCode = (short)((GroupReply)reply).Error };
    }

    private void Do(GroupCommand command, IActorRef? replyTo = null, Func<object, IAnswer>? answer = null)
    {
        var before = _machine.Mark;
        var decision = _machine.Decide(command, Now);
        if (answer is null)
            Carry(decision);
        else
            Carry(decision, replyTo!, answer);
        foreach (var change in _machine.ChangesSince(before, command))
            Reply(_broker.Announcer, new Announcement(new GroupEvent(_group, Now, change)));
    }

    private void Commit(GroupRequest asked, IActorRef replyTo, OffsetCommitRequest commit) =>
        Direct(asked, replyTo, GroupTranslation.Command(commit, Exists), reply => GroupTranslation.Response(commit, (OffsetsReply)reply));

    private long ServedForMs => (long)_broker.Lease.HeldFor.TotalMilliseconds;

    private bool Exists(string topic, int partition) => _broker.Metadata.Current.Find(topic) is { } image && partition >= 0 && partition < image.Partitions;

    private sealed class EndIfUnused
    {
        public static readonly EndIfUnused Instance = new();
    }
}
