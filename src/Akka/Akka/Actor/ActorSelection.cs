using System.Text.RegularExpressions;

namespace Akka.Actor;

/// <summary>One step of a selection.</summary>
public abstract class SelectionPathElement;

/// <summary>The child of that name.</summary>
public class SelectChildName(string name) : SelectionPathElement
{
    public string Name { get; } = name;

    public override string ToString() => Name;
}

/// <summary>The children whose names fit a pattern with * and ?.</summary>
public class SelectChildPattern(string patternStr) : SelectionPathElement
{
    private readonly Regex _pattern = new("^" + Regex.Escape(patternStr).Replace("\\*", ".*").Replace("\\?", ".") + "$", RegexOptions.CultureInvariant);

    public string PatternStr { get; } = patternStr;

    internal bool Fits(string name) => _pattern.IsMatch(name);

    public override string ToString() => PatternStr;
}

/// <summary>The parent.</summary>
public class SelectParent : SelectionPathElement
{
    public override string ToString() => "..";
}

/// <summary>A message on its way to a selection.</summary>
public class ActorSelectionMessage : IAutoReceivedMessage, IPossiblyHarmful, IWrappedMessage
{
    public ActorSelectionMessage(object message, SelectionPathElement[] elements, bool wildCardFanOut = false)
    {
        Message = message;
        Elements = elements;
        WildCardFanOut = wildCardFanOut;
    }

    public object Message { get; }

    public SelectionPathElement[] Elements { get; }

    public bool WildCardFanOut { get; }

    internal void Deliver(IActorRef from, IActorRef sender) => ActorSelection.Deliver(from, Elements, 0, Message, sender);
}

/// <summary>Actors by path, looked up anew for each message.</summary>
public class ActorSelection : ICanTell
{
    public ActorSelection(IActorRef anchor, SelectionPathElement[] path)
    {
        Anchor = anchor;
        Path = path;
    }

    public ActorSelection(IActorRef anchor, string path) : this(anchor, path.Length == 0 ? [] : path.Split('/')) { }

    public ActorSelection(IActorRef anchor, IEnumerable<string> elements) : this(anchor, elements.Where(e => e.Length > 0).Select(Element).ToArray()) { }

    public IActorRef Anchor { get; }

    public SelectionPathElement[] Path { get; }

    public string PathString => "/" + string.Join('/', (object[])Path);

    private static SelectionPathElement Element(string name) => name switch
    {
        ".." => new SelectParent(),
        _ when name.Contains('*') || name.Contains('?') => new SelectChildPattern(name),
        _ => new SelectChildName(name),
    };

    public void Tell(object message, IActorRef sender = null) => Deliver(Anchor, Path, 0, message, sender ?? ActorCell.GetCurrentSelfOrNoSender());

    internal static void Deliver(IActorRef from, SelectionPathElement[] path, int at, object message, IActorRef sender)
    {
        var current = (IInternalActorRef)from;
        for (; at < path.Length; at++)
        {
            if (!current.IsLocal)
            {
                current.Tell(new ActorSelectionMessage(message, path[at..], path.AsSpan(at).ContainsAnyPattern()), sender);
                return;
            }
            switch (path[at])
            {
                // Above the root there is nothing.
                case SelectParent when current.Parent is Nobody: break;
                case SelectParent: current = current.Parent; break;
                case SelectChildPattern pattern:
                    foreach (var child in ChildrenOf(current).Where(c => pattern.Fits(c.Path.Name)).ToList()) Deliver(child, path, at + 1, message, sender);
                    return;
                case SelectChildName name:
                    var next = (IInternalActorRef)current.GetChild([name.Name]);
                    if (next is Nobody)
                    {
                        var missing = current.Path / path.Skip(at).Select(e => e.ToString());
                        new EmptyLocalActorRef(current.Provider, missing, current.Provider.Guardian.Cell.SystemImpl.EventStream).Tell(message, sender);
                        return;
                    }
                    current = next;
                    break;
            }
        }
        current.Tell(message, sender);
    }

    private static IEnumerable<IActorRef> ChildrenOf(IInternalActorRef actor) => actor is LocalActorRef local ? local.Children : [];

    public Task<IActorRef> ResolveOne(TimeSpan timeout) => ResolveOne(timeout, CancellationToken.None);

    /// <summary>The actor that answers first; fails with <see cref="ActorNotFoundException"/> if none does.</summary>
    public async Task<IActorRef> ResolveOne(TimeSpan timeout, CancellationToken ct)
    {
        try
        {
            var identity = await this.Ask<ActorIdentity>(new Identify(null), timeout, ct).ConfigureAwait(false);
            return identity.Subject ?? throw new ActorNotFoundException("subject was null");
        }
        catch (Exception e) when (e is AskTimeoutException or TaskCanceledException)
        {
            throw new ActorNotFoundException("Exception occurred while resolving ActorSelection", e);
        }
    }

    public override bool Equals(object obj) => obj is ActorSelection other && Equals(Anchor, other.Anchor) && PathString == other.PathString;

    public override int GetHashCode() => HashCode.Combine(Anchor, PathString);

    public override string ToString() => $"ActorSelection[Anchor({Anchor.Path}), Path({PathString})]";
}

internal static class SelectionPathElements
{
    internal static bool ContainsAnyPattern(this Span<SelectionPathElement> path)
    {
        foreach (var element in path)
        {
            if (element is SelectChildPattern) return true;
        }
        return false;
    }
}

/// <summary>Looks selections up.</summary>
public static class ActorRefFactoryShared
{
    public static ActorSelection ActorSelection(ActorPath actorPath, ActorSystem system) =>
        new(((ExtendedActorSystem)system).Provider.RootGuardianAt(actorPath.Address), actorPath.Elements);

    /// <summary>A whole path, one from the root (/user/a), or one relative to <paramref name="lookupRoot"/>.</summary>
    public static ActorSelection ActorSelection(string path, ActorSystem system, IActorRef lookupRoot)
    {
        if (path.Contains("://") && ActorPath.TryParse(path, out var whole)) return ActorSelection(whole, system);
        return path.StartsWith('/') ? new ActorSelection(((ExtendedActorSystem)system).Provider.RootGuardian, path) : new ActorSelection(lookupRoot, path);
    }

    public static ActorSelection ActorSelection(IActorRef anchorActorRef, string path) => new(anchorActorRef, path);
}
