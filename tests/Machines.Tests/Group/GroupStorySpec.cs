using Xunit;

namespace Actors.Machines.Tests.Group;

/// <summary>What somebody who watches a group from afar is told: each change once, whether its news came, came late or were lost.</summary>
public sealed class GroupStorySpec
{
    private static readonly GroupChange Joined = new MemberJoined("a", null, "client", "/host");
    private static readonly GroupChange Assigned = new GenerationAssigned(1, "range", [Member("a", 0, 1)]);

    [Fact]
    public void News_are_told_and_a_look_that_agrees_adds_nothing()
    {
        var story = new GroupStory(isNew: true);
        Assert.True(story.Hear(Joined));
        Assert.True(story.Hear(new GenerationStarted(1, "range", "a", 1)));
        Assert.True(story.Hear(Assigned));
        for (var looks = 0; looks < 3; looks++)
            Assert.Empty(story.See(Stable(1, Member("a", 0, 1))));
        Assert.True(story.Hear(new MemberLeft("a", null, "client", "/host", "left")));
        Assert.True(story.IsEmpty);
    }

    [Fact]
    public void The_first_look_at_a_group_that_was_there_is_where_its_story_begins()
    {
        var story = new GroupStory(isNew: false);
        Assert.Empty(story.See(Stable(7, Member("a", 0), Member("b", 1))));
        Assert.Empty(story.See(Stable(7, Member("a", 0), Member("b", 1))));
        Assert.False(story.Hear(new GenerationAssigned(7, "range", [Member("b", 1), Member("a", 0)])));
        Assert.True(story.Hear(new RebalanceStarted(7)));
    }

    [Fact]
    public void What_news_should_have_told_is_told_when_two_looks_show_it()
    {
        var story = new GroupStory(isNew: false);
        story.See(Stable(1, Member("a", 0, 1)));
        var now = Stable(2, Member("b", 0, 1));
        Assert.Empty(story.See(now));
        var told = story.See(now);
        Assert.Equal(new MemberLeft("a", null, "client", "/host", ""), told[0]);
        Assert.Equal(new MemberJoined("b", null, "client", "/host"), told[1]);
        Assert.Equal(new GenerationStarted(2, "range", null, 1), told[2]);
        Assert.Equal(2, Assert.IsType<GenerationAssigned>(told[3]).GenerationId);
        Assert.Equal(4, told.Count);
        Assert.Empty(story.See(now));
    }

    [Fact]
    public void News_that_come_between_two_looks_are_told_as_they_are_and_nothing_twice()
    {
        var story = new GroupStory(isNew: true);
        Assert.Empty(story.See(Stable(1, Member("a", 0, 1))));
        Assert.True(story.Hear(Joined));
        Assert.True(story.Hear(new GenerationStarted(1, "range", "a", 1)));
        Assert.True(story.Hear(Assigned));
        Assert.Empty(story.See(Stable(1, Member("a", 0, 1))));
        Assert.Empty(story.See(Stable(1, Member("a", 0, 1))));
    }

    [Fact]
    public void News_of_what_two_looks_have_shown_are_not_told_again()
    {
        var story = new GroupStory(isNew: true);
        story.See(Stable(1, Member("a", 0, 1)));
        Assert.Equal(3, story.See(Stable(1, Member("a", 0, 1))).Count);
        Assert.False(story.Hear(Joined));
        Assert.False(story.Hear(new GenerationStarted(1, "range", "a", 1)));
        Assert.False(story.Hear(Assigned));
    }

    [Fact]
    public void A_static_member_that_takes_its_place_again_is_told_within_its_generation()
    {
        var story = new GroupStory(isNew: false);
        story.See(Stable(1, Member("a", 0)));
        Assert.True(story.Hear(new MemberLeft("a", "i", "client", "/host", "was replaced by its next incarnation")));
        Assert.True(story.Hear(new MemberJoined("b", "i", "client", "/host")));
        Assert.True(story.Hear(new GenerationAssigned(1, "range", [Member("b", 0)])));
        Assert.Empty(story.See(Stable(1, Member("b", 0))));
    }

    [Fact]
    public void In_the_midst_of_a_rebalance_a_look_tells_of_members_alone()
    {
        var story = new GroupStory(isNew: false);
        story.See(Stable(1, Member("a", 0)));
        var now = new GroupSight(false, 1, "range", [Member("a", 0), Member("b")]);
        story.See(now);
        Assert.Equal([new MemberJoined("b", null, "client", "/host")], story.See(now));
    }

    [Fact]
    public void A_group_that_is_gone_has_lost_its_members()
    {
        var story = new GroupStory(isNew: false);
        story.See(Stable(1, Member("a", 0)));
        var gone = new GroupSight(false, null, null, []);
        story.See(gone);
        Assert.Equal([new MemberLeft("a", null, "client", "/host", "")], story.See(gone));
        Assert.True(story.IsEmpty);
        Assert.Empty(story.See(gone));
    }

    [Fact]
    public void Looks_alone_tell_that_a_group_became_empty()
    {
        var story = new GroupStory(isNew: false);
        story.See(Stable(1, Member("a", 0)));
        var empty = new GroupSight(false, 2, "", []);
        story.See(empty);
        Assert.Equal([new MemberLeft("a", null, "client", "/host", ""), new GenerationStarted(2, "", null, 0)], story.See(empty));
        Assert.Empty(story.See(empty));
        Assert.Empty(story.See(empty));
    }

    private static GroupSight Stable(int generation, params AssignedMember[] members) => new(true, generation, "range", members);

    private static AssignedMember Member(string id, params int[] partitions) => new(id, null, "client", "/host", [.. partitions.Select(p => new TopicPartition("t", p))]);
}
