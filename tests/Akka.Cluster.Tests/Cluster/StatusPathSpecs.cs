using Akka.Cluster.Membership;
using static Akka.Cluster.MemberStatus;

namespace Akka.Cluster.Tests;

/// <summary>What a reader that comes late is told of a member's way.</summary>
public sealed class StatusPathSpecs
{
    private static readonly MemberStatus[] Seen = [Joining, Up, Leaving, Exiting, Down];

    public static TheoryData<MemberStatus?, MemberStatus, MemberStatus, bool, MemberStatus[]> Paths => new()
    {
        // seen before, now, the status before that, was it ever up, and what is told
        { null, Joining, Joining, false, [Joining] },
        { null, Up, Joining, true, [Joining, Up] },
        { Joining, Exiting, Leaving, true, [Up, Leaving, Exiting] },
        { Joining, Leaving, Joining, false, [Leaving] },
        { Up, Up, Joining, true, [] },
        { Up, Removed, Exiting, true, [Leaving, Exiting, Removed] },
        { Up, Removed, Down, true, [Down, Removed] },
        { Exiting, Removed, Exiting, true, [Removed] },
        { Exiting, Removed, Down, true, [Down, Removed] },
        { Joining, Down, Joining, false, [Down] },
        { Joining, Removed, Down, true, [Up, Down, Removed] },
        { Leaving, Down, Exiting, true, [Down] },
        { Down, Removed, Down, true, [Removed] },
    };

    [Theory]
    [MemberData(nameof(Paths))]
    public void What_was_missed_is_told_in_order(MemberStatus? from, MemberStatus now, MemberStatus before, bool wasUp, MemberStatus[] told) =>
        Assert.Equal(told, StatusPath.Between(from, Row(now, before, wasUp)));

    [Fact]
    public void Every_step_of_every_path_is_one_that_a_member_may_take()
    {
        foreach (var from in Seen)
            foreach (var now in Seen.Append(Removed))
                foreach (var before in (MemberStatus[])[Down, Exiting])
                    foreach (var wasUp in (bool[])[true, false])
                    {
                        if (!Reachable(from, now) || !wasUp && (from == Up || now == Up)) continue;
                        var member = Row(from, from, wasUp).At(from);
                        foreach (var status in StatusPath.Between(from, Row(now, before, wasUp))) member = member.Copy(status);
                        Assert.Equal(now, member.Status);
                    }
    }

    private static bool Reachable(MemberStatus from, MemberStatus to) => from == to || Member.Allowed[from].Any(next => Reachable(next, to));

    private static MemberRow Row(MemberStatus status, MemberStatus before, bool wasUp) =>
        new(ModelCluster.Node(1), [], status, before, wasUp ? 1 : Member.NotUpYet, 0, false, 0);
}
