namespace Actors.Machines;

/// <summary>A group as its coordinator described it at one moment, to somebody who asked.</summary>
/// <param name="IsStable">Whether every member has its assignment.</param>
/// <param name="GenerationId">Null when nobody could say.</param>
/// <param name="ProtocolName">The assignor; empty or null without members.</param>
/// <param name="Members">With what they have; empty for a group that is gone.</param>
public sealed record GroupSight(bool IsStable, int? GenerationId, string? ProtocolName, IReadOnlyList<AssignedMember> Members);

/// <summary>
/// What was told of one group so far, to those who watch it from anywhere. News come as things happen, in order, and may be lost on the way; looks come late and do not say
/// how things came about, but are right. Together each change is told once.
/// </summary>
/// <param name="isNew">The group was not there before: whatever is seen of it must have happened since. Otherwise the first look is where the story begins.</param>
public sealed class GroupStory(bool isNew)
{
    private readonly Dictionary<string, AssignedMember> _members = [];
    private bool _isKnown = isNew;
    private bool _isDoubted;
    private int? _generation, _assigned;

    /// <summary>Nobody is in the group, as far as was told.</summary>
    public bool IsEmpty => _members.Count == 0;

    /// <summary>Takes news.</summary>
    /// <returns>Whether they are to be told; false for what a look has shown already.</returns>
    public bool Hear(GroupChange news)
    {
        _isDoubted = false;
        switch (news)
        {
            case MemberJoined joined: return _members.TryAdd(joined.MemberId, new AssignedMember(joined.MemberId, joined.InstanceId, joined.ClientId, joined.ClientHost, []));
            case MemberLeft left: return _members.Remove(left.MemberId) || !_isKnown;
            case GenerationStarted started:
                var isTold = _generation == started.GenerationId && _assigned == started.GenerationId;
                _generation = started.GenerationId;
                return !isTold;
            case GenerationAssigned assigned:
                if (_assigned == assigned.GenerationId && Places(_members.Values).SetEquals(Places(assigned.Members)))
                    return false;
                Adopt(assigned.Members);
                (_generation, _assigned) = (assigned.GenerationId, assigned.GenerationId);
                return true;
            default: return true;
        }
    }

    /// <summary>
    /// Takes a look during which no news came. What it shows beyond what was told is told only when the next look shows it too: mostly its news are on the way, and say more.
    /// </summary>
    /// <returns>What must have happened.</returns>
    public IReadOnlyList<GroupChange> See(GroupSight seen)
    {
        var changes = _isKnown ? Missed(seen) : [];
        var isSure = !_isKnown || _isDoubted;
        _isDoubted = changes.Count > 0 && !isSure;
        if (!isSure)
            return [];
        if (!_isKnown || changes.Count > 0)
            Begin(seen);
        return changes;
    }

    private List<GroupChange> Missed(GroupSight seen)
    {
        var changes = new List<GroupChange>();
        var now = seen.Members.Select(member => member.MemberId).ToHashSet();
        foreach (var member in _members.Values.Where(member => !now.Contains(member.MemberId)))
            changes.Add(new MemberLeft(member.MemberId, member.InstanceId, member.ClientId, member.ClientHost, ""));
        foreach (var member in seen.Members.Where(member => !_members.ContainsKey(member.MemberId)))
            changes.Add(new MemberJoined(member.MemberId, member.InstanceId, member.ClientId, member.ClientHost));
        // In the midst of a rebalance neither the generation nor what members have is settled.
        if (seen.GenerationId is not { } generation || (!seen.IsStable && seen.Members.Count > 0))
            return changes;
        if (_generation != generation && (seen.IsStable || _members.Count > 0))
            changes.Add(new GenerationStarted(generation, seen.ProtocolName, null, seen.Members.Count));
        if (seen.IsStable && (_assigned != generation || !Places(_members.Values).SetEquals(Places(seen.Members))))
            changes.Add(new GenerationAssigned(generation, seen.ProtocolName, seen.Members));
        return changes;
    }

    private void Begin(GroupSight seen)
    {
        _isKnown = true;
        Adopt(seen.Members);
        _generation = seen.GenerationId ?? _generation;
        _assigned = seen.IsStable ? seen.GenerationId : null;
    }

    private void Adopt(IReadOnlyList<AssignedMember> members)
    {
        _members.Clear();
        foreach (var member in members)
            _members[member.MemberId] = member;
    }

    private static HashSet<(string, TopicPartition)> Places(IEnumerable<AssignedMember> members) =>
        [.. members.SelectMany(member => (member.Partitions ?? []).Select(partition => (member.MemberId, partition)))];
}
