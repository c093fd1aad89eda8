using System.Collections.Concurrent;
using Akka.Actor;

namespace Akka.Remote.Tcp;

/// <summary>The directions of a link.</summary>
[Flags]
internal enum LinkDirection
{
    None = 0,
    Send = 1,
    Receive = 2,
    Both = Send | Receive,
}

/// <summary>Links that tests have cut: frames on them vanish, as on a broken cable.</summary>
internal sealed class Links
{
    private readonly ConcurrentDictionary<Address, LinkDirection> _cut = new();
    private volatile bool _any;

    internal void Cut(Address address, LinkDirection direction)
    {
        _cut.AddOrUpdate(address, direction, (_, before) => before | direction);
        _any = true;
    }

    internal void Mend(Address address, LinkDirection direction)
    {
        if (_cut.AddOrUpdate(address, LinkDirection.None, (_, before) => before & ~direction) == LinkDirection.None) _cut.TryRemove(address, out _);
        _any = !_cut.IsEmpty;
    }

    internal bool IsCut(Address address, LinkDirection direction) => _any && _cut.TryGetValue(address, out var cut) && (cut & direction) != LinkDirection.None;
}
