using Akka.Actor.Internal;
using Akka.Dispatch;

namespace Akka.Actor;

public partial class ActorCell
{
    private readonly Children _children = new();
    private long _nextName;

    internal bool IsWaitingForChildren => _children.Waiting is SuspendReason.Recreation or SuspendReason.Creation;

    protected bool IsNormal => _children.Waiting is null && !_isTerminating;

    protected bool IsTerminating => _isTerminating;

    // Read when enumerated: a supervisor of thousands is told of each one's end, and seldom looks at the others.
    public IEnumerable<IInternalActorRef> GetChildren()
    {
        foreach (var stats in _children.All) yield return stats.Child;
    }

    IEnumerable<IActorRef> IActorContext.GetChildren() => GetChildren();

    IActorRef IActorContext.Child(string name) => _children.TryGet(name, out var stats) ? stats.Child : ActorRefs.Nobody;

    public IInternalActorRef GetChildByName(string name) => _children.TryGet(name, out var stats) ? stats.Child : null;

    /// <summary>The child of that name, and of that incarnation if the name carries a uid.</summary>
    public IInternalActorRef GetSingleChild(string name)
    {
        var at = name.IndexOf('#');
        var child = GetChildByName(at < 0 ? name : name[..at]);
        if (child is null) return ActorRefs.Nobody;
        return at < 0 || child.Path.Uid.ToString(global::System.Globalization.CultureInfo.InvariantCulture) == name[(at + 1)..] ? child : ActorRefs.Nobody;
    }

    protected bool TryGetChildStatsByRef(IActorRef actor, out ChildRestartStats child) => _children.TryGet(actor.Path.Name, out child) && child.Child.Equals(actor);

    public virtual IActorRef ActorOf(Props props, string name = null) => MakeChild(props, name, systemService: false);

    public virtual IActorRef AttachChild(Props props, bool isSystemService, string name = null) => MakeChild(props, name, isSystemService);

    private LocalActorRef MakeChild(Props props, string name, bool systemService)
    {
        ArgumentNullException.ThrowIfNull(props);
        if (name is null) name = RandomName();
        else CheckName(name);
        var configured = systemService && props.Deploy.Dispatcher is null ? Dispatchers.InternalDispatcherId : props.Dispatcher;
        _children.Reserve(name);
        try
        {
            var path = new ChildActorPath(_self.Path, name, _system.NextUid());
            var dispatcher = _system.Dispatchers.Lookup(configured);
            var mailboxType = _system.Mailboxes.GetMailboxType(props, dispatcher.Configurator.Config);
            var child = new LocalActorRef(_system, props, dispatcher, mailboxType, _self, path);
            // A child made while this cell is suspended would otherwise run ahead of its parent.
            if (Mailbox.IsSuspended && ReferenceEquals(Current, this) && _failed) child.Cell.SuspendBeforeStart();
            InitChild(child);
            child.Start();
            if (_children.IsClosed) child.Stop();
            return child;
        }
        catch
        {
            _children.Unreserve(name);
            throw;
        }
    }

    internal void SuspendBeforeStart() => Mailbox.Suspend();

    private static void CheckName(string name)
    {
        if (name.Length == 0) throw new InvalidActorNameException("Actor name must not be empty.");
        if (!ActorPath.IsValidPathElement(name))
        {
            throw new InvalidActorNameException($"Illegal actor name [{name}]. Actor paths MUST: not start with `$`, include only ASCII letters and can only contain these special characters: \"-_.*$+:@&=,!~';()");
        }
    }

    private string RandomName()
    {
        const string digits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+~";
        var number = Interlocked.Increment(ref _nextName) - 1;
        Span<char> text = stackalloc char[16];
        text[0] = '$';
        var length = 1;
        do
        {
            text[length++] = digits[(int)(number & 63)];
            number >>= 6;
        }
        while (number != 0);
        return new string(text[..length]);
    }

    public void ReserveChild(string name) => _children.Reserve(name);

    protected void UnreserveChild(string name) => _children.Unreserve(name);

    public ChildRestartStats InitChild(IInternalActorRef actor) => _children.Add(actor);

    public void Stop(IActorRef child)
    {
        if (TryGetChildStatsByRef(child, out _)) _children.ShallDie(child);
        ((IInternalActorRef)child).Stop();
    }

    private void SuspendChildren(ICollection<IActorRef> except = null)
    {
        foreach (var stats in _children.All)
        {
            if (except is null || !except.Contains(stats.Child)) stats.Child.Suspend();
        }
    }

    private void ResumeChildren(Exception causedByFailure, IActorRef perpetrator)
    {
        foreach (var stats in _children.All) stats.Child.Resume(Equals(perpetrator, stats.Child) ? causedByFailure : null);
    }

    private void StopChildren()
    {
        foreach (var stats in _children.All) Stop(stats.Child);
    }
}
