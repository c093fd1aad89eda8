using Actors.Protocol;

namespace Actors.Broker.Groups;

/// <summary>
/// A connection's requests to groups whose coordinators are being started. A later request to such a group waits behind the first, even when the coordinator serves
/// by then: else it would come before it. Used only inside the connection's actor.
/// </summary>
internal sealed class AwaitedGroups
{
    private readonly Dictionary<string, List<Awaiting>> _groups = [];

    public bool Has(string group) => _groups.ContainsKey(group);

    /// <summary>One more request waits for the group; true for the first, which is to see to the start.</summary>
    public bool Add(string group, Action started, Action<ErrorCode> refused)
    {
        var isFirst = !_groups.TryGetValue(group, out var awaiting);
        if (awaiting is null)
            _groups.Add(group, awaiting = []);
        awaiting.Add(new Awaiting(started, refused));
        return isFirst;
    }

    /// <summary>The coordinator was started: those who wait go on in their order. It may have ended again, and then they wait again.</summary>
    public void Started(string group)
    {
        if (_groups.Remove(group, out var awaiting))
            foreach (var request in awaiting)
                request.Started();
    }

    public void Refuse(string group, ErrorCode error)
    {
        if (_groups.Remove(group, out var awaiting))
            foreach (var request in awaiting)
                request.Refused(error);
    }

    private readonly record struct Awaiting(Action Started, Action<ErrorCode> Refused);
}
