using System.Threading.Channels;
using Actors.Broker;
using Akka.Actor;
using Akka.Event;

namespace Actors.Node.Live;

/// <summary>
/// Feeds those who listen at <c>/events</c>: first how things stand, then what changes. While nobody listens it asks for nothing.
/// A listener that does not keep up is dropped; it may come again and starts with how things stand then.
/// </summary>
internal sealed class LiveFeedActor : UntypedActor, IWithTimers
{
    private const int MostListeners = 100;
    private static readonly TimeSpan PictureEvery = TimeSpan.FromSeconds(1);

    /// <summary>In which how things stand is told.</summary>
    private static readonly string[] Order = ["cluster", "topic", "group", "topology", "ready"];

    private readonly NodeState _node;
    private readonly PictureReader _reader;
    private readonly HashSet<ChannelWriter<LiveEvent>> _listeners = [];
    private readonly SortedDictionary<(string Kind, string Name), LiveEvent> _standing = [];
    private readonly HashSet<string> _groupsToRead = [];
    private readonly GroupStories _stories = new();
    private Picture _picture = Picture.Empty;
    private bool _reading;

    public LiveFeedActor(NodeState node)
    {
        _node = node;
        _reader = new PictureReader(node);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(NodeState node) => Akka.Actor.Props.Create(() => new LiveFeedActor(node));

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(GroupEvent));
        Timers.StartPeriodicTimer("picture", Tick.Instance, PictureEvery);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Listen listen: Begin(listen.Listener); break;
            case Unlisten unlisten: End(unlisten.Listener); break;
            case GroupEvent happened when _listeners.Count > 0: Happened(happened); break;
            case GroupEvent: break;
            case Tick: TakePicture(); break;
            case Picture picture: Show(picture); break;
            case ReadGroup read when _groupsToRead.Remove(read.Group) && _listeners.Count > 0:
                _reader.GroupAsync(read.Group, _picture).PipeTo(Self, Self, view => new GroupRead(read.Group, view));
                break;
            case ReadGroup: break;
            case GroupRead read: Show(read); break;
            case Status.Failure failure:
                _reading = false;
                Context.GetLogger().Warning("the picture for /events could not be taken: {0}", failure.Cause);
                break;
            default: Unhandled(message); break;
        }
    }

    protected override void PostStop()
    {
        Context.System.EventStream.Unsubscribe(Self);
        foreach (var listener in _listeners)
            listener.TryComplete();
    }

    private void Begin(ChannelWriter<LiveEvent> listener)
    {
        if (_listeners.Count >= MostListeners)
        {
            listener.TryComplete(new InvalidOperationException($"{MostListeners} listen already"));
            return;
        }
        _listeners.Add(listener);
        foreach (var (_, standing) in _standing.OrderBy(standing => Array.IndexOf(Order, standing.Key.Kind)))
            Send(listener, standing);
        TakePicture();
    }

    private void End(ChannelWriter<LiveEvent> listener)
    {
        listener.TryComplete();
        if (!_listeners.Remove(listener) || _listeners.Count > 0)
            return;
        // What is kept would be old when the next one comes.
        _standing.Clear();
        _picture = Picture.Empty;
        _stories.Forget();
    }

    private void TakePicture()
    {
        if (_reading || _listeners.Count == 0)
            return;
        _reading = true;
        _stories.PictureBegins();
        _reader.ReadAsync(_picture).PipeTo(Self, Self);
    }

    private void Happened(GroupEvent happened)
    {
        if (_stories.Hear(happened) && LiveChanges.Of(happened) is { } change)
            SendToAll(change);
        // The group's picture shall not be a second late; several changes in a row are one look.
        if (_groupsToRead.Add(happened.Group))
            Timers.StartSingleTimer($"read:{happened.Group}", new ReadGroup(happened.Group), TimeSpan.FromMilliseconds(30));
    }

    private void Show(Picture picture)
    {
        _reading = false;
        if (_listeners.Count == 0)
            return;
        var missed = _stories.See(picture).Select(LiveChanges.Of).OfType<LiveEvent>();
        picture = picture with { Groups = Newest(picture.Groups) };
        foreach (var change in LiveChanges.Between(_picture, picture).Concat(missed))
            SendToAll(change);
        _picture = picture;
        if (picture.Cluster is { } cluster)
            Stand("cluster", "", new { cluster.Nodes, cluster.Controller, ThisNode = _node.NodeId, picture.Problems });
        foreach (var (name, topic) in picture.Topics)
            Stand("topic", name, topic);
        foreach (var (name, group) in picture.Groups)
            Stand("group", name, group);
        foreach (var (name, topology) in picture.Topologies)
            Stand("topology", name, TopologyEndpoints.Shown(topology));
        Drop("topic", picture.Topics.ContainsKey);
        Drop("group", picture.Groups.ContainsKey);
        Drop("topology", picture.Topologies.ContainsKey);
        Stand("ready", "", new { });
    }

    /// <summary>The picture's groups, except where news came while it was taken: those are read by themselves.</summary>
    private Dictionary<string, GroupView> Newest(IReadOnlyDictionary<string, GroupView> groups) => groups.Where(group => !_stories.MayBeOld(group.Key))
        .Concat(_picture.Groups.Where(group => _stories.MayBeOld(group.Key))).ToDictionary();

    private void Show(GroupRead read)
    {
        if (_listeners.Count == 0)
            return;
        var groups = new Dictionary<string, GroupView>(_picture.Groups);
        if (read.View is { } view)
        {
            groups[read.Group] = view;
            Stand("group", read.Group, view);
        }
        else
        {
            groups.Remove(read.Group);
            Drop("group", groups.ContainsKey);
        }
        _picture = _picture with { Groups = groups };
    }

    /// <summary>Tells how something stands, unless that is what was told last.</summary>
    private void Stand(string kind, string name, object value)
    {
        var now = LiveEvent.Of(kind, value);
        if (now.Says(_standing.GetValueOrDefault((kind, name))))
            return;
        _standing[(kind, name)] = now;
        SendToAll(now);
    }

    private void Drop(string kind, Func<string, bool> isThere)
    {
        foreach (var (key, _) in _standing.Where(standing => standing.Key.Kind == kind && !isThere(standing.Key.Name)).ToList())
        {
            _standing.Remove(key);
            SendToAll(LiveEvent.Of($"{kind}-gone", new { key.Name }));
        }
    }

    private void SendToAll(LiveEvent happened)
    {
        foreach (var listener in _listeners.ToList())
            Send(listener, happened);
    }

    private void Send(ChannelWriter<LiveEvent> listener, LiveEvent happened)
    {
        if (!listener.TryWrite(happened))
            End(listener);
    }

    /// <summary>From now on everything goes to this listener.</summary>
    internal sealed record Listen(ChannelWriter<LiveEvent> Listener) : INoSerializationVerificationNeeded;

    internal sealed record Unlisten(ChannelWriter<LiveEvent> Listener) : INoSerializationVerificationNeeded;

    private sealed record ReadGroup(string Group);

    private sealed record GroupRead(string Group, GroupView? View);

    private sealed class Tick
    {
        public static readonly Tick Instance = new();
    }
}
