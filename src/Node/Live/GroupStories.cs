using Actors.Broker;
using Actors.Machines;

namespace Actors.Node.Live;

/// <summary>What is told of the groups: the news of their coordinators, and what pictures show when news were lost.</summary>
internal sealed class GroupStories
{
    private readonly Dictionary<string, GroupStory> _stories = [];
    private readonly HashSet<string> _heardOf = [];
    private bool _hasBegun;

    /// <summary>A picture is being taken from now on: news that come meanwhile may be in it or not.</summary>
    public void PictureBegins() => _heardOf.Clear();

    /// <summary>Whether a picture that was begun then may show the group as it was before the latest news.</summary>
    public bool MayBeOld(string group) => _heardOf.Contains(group);

    /// <summary>Takes news; says whether they are to be told.</summary>
    public bool Hear(GroupEvent news)
    {
        _heardOf.Add(news.Group);
        return Of(news.Group).Hear(news.Change);
    }

    /// <summary>Takes a picture and says what must have happened that nobody was told.</summary>
    public IReadOnlyList<GroupEvent> See(Picture picture)
    {
        var missed = new List<GroupEvent>();
        foreach (var name in _stories.Keys.Union(picture.SeenGroups).Order(StringComparer.Ordinal).ToList())
        {
            var isSeen = picture.SeenGroups.Contains(name);
            if (MayBeOld(name) || !(isSeen || picture.HasAllGroups))
                continue;
            var view = isSeen ? picture.Groups.GetValueOrDefault(name) : null;
            var story = Of(name);
            missed.AddRange(story.See(Sight(view)).Select(change => new GroupEvent(name, picture.At.ToUnixTimeMilliseconds(), change)));
            if (view is null && story.IsEmpty)
                _stories.Remove(name);
        }
        // From now on a group that was never seen is a new one, as long as none is left out.
        _hasBegun = picture.HasAllGroups;
        return missed;
    }

    public void Forget()
    {
        _stories.Clear();
        _heardOf.Clear();
        _hasBegun = false;
    }

    private GroupStory Of(string group)
    {
        if (!_stories.TryGetValue(group, out var story))
            _stories.Add(group, story = new GroupStory(_hasBegun));
        return story;
    }

    private static GroupSight Sight(GroupView? group) => group is null
        ? new GroupSight(false, null, null, [])
        : new GroupSight(group.State == "Stable", group.Generation, group.Assignor, [.. group.Members.Select(Sight)]);

    private static AssignedMember Sight(MemberView member) => new(
        member.MemberId, member.GroupInstanceId, member.ClientId, member.Host, [.. member.Assignment.Select(p => new TopicPartition(p.Topic, p.Partition))]);
}
