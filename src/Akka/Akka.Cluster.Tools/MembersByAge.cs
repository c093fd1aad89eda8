using static Akka.Cluster.ClusterEvent;

namespace Akka.Cluster.Tools;

/// <summary>The members with a role (all, if it is null) that have been up, oldest first, until they are removed.</summary>
internal sealed class MembersByAge(string role)
{
    private List<Member> _members = [];

    public IReadOnlyList<Member> All => _members;

    /// <summary>The oldest that stays, after those older ones that are going.</summary>
    public IReadOnlyList<Member> Leading
    {
        get
        {
            var stays = _members.FindIndex(member => member.Status == MemberStatus.Up);
            return stays < 0 ? _members : _members.Take(stays + 1).ToList();
        }
    }

    public void Reset(CurrentClusterState state) => _members = [.. state.Members.Where(Counts).OrderBy(member => member, Member.AgeOrdering)];

    /// <summary>True if <see cref="Leading"/> changed.</summary>
    public bool Apply(IMemberEvent change)
    {
        var before = Leading.Select(member => member.UniqueAddress).ToList();
        var others = _members.Where(member => !member.UniqueAddress.Equals(change.Member.UniqueAddress));
        if (change is MemberRemoved) _members = [.. others];
        else if (Counts(change.Member)) _members = [.. others.Append(change.Member).OrderBy(member => member, Member.AgeOrdering)];
        return !before.SequenceEqual(Leading.Select(member => member.UniqueAddress));
    }

    private bool Counts(Member member) =>
        member.Status is MemberStatus.Up or MemberStatus.Leaving or MemberStatus.Exiting or MemberStatus.Down && (role is null || member.HasRole(role));
}
