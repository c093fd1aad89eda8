using Akka.Cluster.Membership;
using Akka.Persistence.Tests;

namespace Akka.Cluster.Tests;

/// <summary>What the statements do, on each database.</summary>
public abstract class MembershipTableSpecs : IDisposable
{
    private static readonly UniqueAddress First = ModelCluster.Node(1, 11);
    private static readonly UniqueAddress Second = ModelCluster.Node(2, -22);

    private readonly ClusterDatabase _database;
    private readonly MembershipTable _table;
    private readonly MembershipTable _other;

    protected MembershipTableSpecs(ClusterDatabase database)
    {
        _database = database;
        _table = MembershipTable.For(database.Journal, "model");
        _other = MembershipTable.For(database.Journal, "model");
        _table.Open();
        _other.Open();
    }

    public void Dispose()
    {
        _table.Dispose();
        _other.Dispose();
        _database.Dispose();
    }

    protected void Who_joins_is_read_as_it_joined_and_a_second_time_changes_nothing()
    {
        Assert.True(_table.Join(First, ["broker", "streams"]));
        Assert.False(_table.Join(First, ["broker"]));
        var row = Assert.Single(_other.Read());
        Assert.Equal((First, MemberStatus.Joining, Member.NotUpYet, 0L, false), (row.Node, row.Status, row.UpNumber, row.Renewals, row.ExitingConfirmed));
        Assert.Equal(["broker", "streams"], row.Roles.Order());
        Assert.True(_table.Join(Second, []));
        Assert.Empty(Row(Second).Roles);
    }

    protected void Clusters_of_one_database_do_not_see_each_other()
    {
        using var stranger = MembershipTable.For(_database.Journal, "other");
        stranger.Open();
        _table.Join(First, []);
        Assert.Empty(stranger.Read());
        Assert.False(stranger.Down(First.Address));
    }

    protected void Renewals_count_up_until_the_member_is_down()
    {
        _table.Join(First, []);
        _table.Join(Second, []);
        Assert.True(_table.Renew(First));
        Assert.True(_table.Renew(First));
        Assert.Equal(2, Row(First).Renewals);
        Assert.True(_table.Down(First.Address));
        Assert.False(_table.Renew(First));
        Assert.False(_table.Renew(ModelCluster.Node(3)));
        Assert.Equal(0, Row(Second).Renewals);
    }

    protected void A_change_is_made_only_by_who_has_read_the_last_one()
    {
        _table.Join(First, []);
        var joining = Row(First);
        Assert.True(_table.Apply(new BringUp(First, joining.Version)));
        Assert.False(_other.Apply(new BringUp(First, joining.Version)));
        Assert.False(_other.Apply(new BringUp(First, joining.Version + 1)));
        Assert.Equal((MemberStatus.Up, 1), (Row(First).Status, Row(First).UpNumber));
        Assert.False(_table.Apply(new StartExiting(First, Row(First).Version)));
        Assert.True(_table.Leave(First.Address));
        Assert.False(_table.Leave(First.Address));
        Assert.False(_table.ConfirmExiting(First));
        Assert.True(_table.Apply(new StartExiting(First, Row(First).Version)));
        Assert.True(_table.ConfirmExiting(First));
        Assert.True(Row(First).ExitingConfirmed);
        Assert.True(_table.Apply(new Remove(First, Row(First).Version)));
        Assert.Equal((MemberStatus.Removed, MemberStatus.Exiting), (Row(First).Status, Row(First).PreviousStatus));
        Assert.False(_table.Down(First.Address));
    }

    protected void A_silent_member_goes_down_only_if_it_stayed_silent_and_by_one_that_is_not_down()
    {
        _table.Join(First, []);
        _table.Join(Second, []);
        var silent = Row(Second);
        _table.Renew(Second);
        Assert.False(_table.Apply(new DownSilent(Second, silent.Version, silent.Renewals, First)));
        silent = Row(Second);
        var first = Row(First);
        Assert.True(_table.Apply(new DownSilent(Second, silent.Version, silent.Renewals, First)));
        Assert.False(_other.Apply(new DownSilent(First, first.Version, first.Renewals, Second)));
        Assert.True(_table.Apply(new Remove(Second, Row(Second).Version)));
        Assert.Equal(MemberStatus.Down, Row(Second).PreviousStatus);
    }

    protected void A_restart_ends_the_former_incarnation_and_ages_are_never_given_twice()
    {
        _table.Join(First, []);
        Assert.True(_table.Apply(new BringUp(First, 0)));
        for (var uid = 100; uid < 105; uid++)
        {
            var restarted = ModelCluster.Node(1, uid);
            Assert.True(_table.Join(restarted, []));
            Assert.True(_table.Apply(new BringUp(restarted, 0)));
            Assert.Equal(uid - 98, Row(restarted).UpNumber);
        }
        // The last incarnation but one is still there for those who have not seen its end; the older ones are forgotten.
        Assert.Equal([103, 104], _table.Read().Select(r => r.Node.Uid).Order());
        Assert.Equal((MemberStatus.Removed, MemberStatus.Down), (Row(ModelCluster.Node(1, 103)).Status, Row(ModelCluster.Node(1, 103)).PreviousStatus));
        // An age outlives its member while it is the highest.
        Assert.True(_table.Down(First.Address));
        _table.Apply(new Remove(ModelCluster.Node(1, 104), Row(ModelCluster.Node(1, 104)).Version));
        _table.Join(Second, []);
        _table.Apply(new BringUp(Second, 0));
        Assert.Equal(7, Row(Second).UpNumber);
    }

    protected void Of_the_removed_only_the_last_hundred_or_so_are_kept()
    {
        for (var i = 0; i < 130; i++)
        {
            var node = ModelCluster.Node(i);
            _table.Join(node, []);
            if (i % 3 > 0) _table.Apply(new BringUp(node, 0));
            _table.Down(node.Address);
            _table.Apply(new Remove(node, Row(node).Version));
        }
        _table.Join(Second, []);
        Assert.InRange(_table.Read().Count, 80, 102);
    }

    protected async Task Of_many_that_come_up_at_once_each_has_its_own_age()
    {
        const int Count = 16;
        for (var i = 0; i < Count; i++) _table.Join(ModelCluster.Node(i), []);
        await Task.WhenAll(((MembershipTable[])[_table, _other]).Select(table => Task.Run(() =>
        {
            for (var i = 0; i < Count; i++) table.Apply(new BringUp(ModelCluster.Node(i), 0));
        })));
        Assert.Equal(Enumerable.Range(1, Count), _table.Read().Select(r => r.UpNumber).Order());
    }

    protected async Task A_change_is_noticed_by_others()
    {
        using var noticed = new SemaphoreSlim(0);
        using var notifications = _other.Listen(() => noticed.Release());
        _other.HasChanged();
        // Listening begins with a call, for what was before.
        if (notifications is not null) Assert.True(await noticed.WaitAsync(5_000));
        _table.Join(First, []);
        Assert.True(notifications is null ? _other.HasChanged() : await noticed.WaitAsync(5_000));
        Assert.False(_other.HasChanged());
    }

    private MemberRow Row(UniqueAddress node) => _other.Read().Single(r => r.Node == node);
}

public sealed class SqliteMembershipTableSpecs() : MembershipTableSpecs(new SqliteClusterDatabase())
{
    [Fact]
    public void Forgetting() => Of_the_removed_only_the_last_hundred_or_so_are_kept();

    [Fact]
    public void Joining() => Who_joins_is_read_as_it_joined_and_a_second_time_changes_nothing();

    [Fact]
    public void Two_clusters() => Clusters_of_one_database_do_not_see_each_other();

    [Fact]
    public void Renewing() => Renewals_count_up_until_the_member_is_down();

    [Fact]
    public void Comparing_and_setting() => A_change_is_made_only_by_who_has_read_the_last_one();

    [Fact]
    public void Downing() => A_silent_member_goes_down_only_if_it_stayed_silent_and_by_one_that_is_not_down();

    [Fact]
    public void Restarting() => A_restart_ends_the_former_incarnation_and_ages_are_never_given_twice();

    [Fact]
    public Task Ages() => Of_many_that_come_up_at_once_each_has_its_own_age();

    [Fact]
    public Task Noticing() => A_change_is_noticed_by_others();
}

[Collection("PostgreSQL")]
public sealed class PostgresMembershipTableSpecs(PostgresServer server) : MembershipTableSpecs(new PostgresClusterDatabase(server))
{
    [PostgresFact]
    public void Joining() => Who_joins_is_read_as_it_joined_and_a_second_time_changes_nothing();

    [PostgresFact]
    public void Two_clusters() => Clusters_of_one_database_do_not_see_each_other();

    [PostgresFact]
    public void Renewing() => Renewals_count_up_until_the_member_is_down();

    [PostgresFact]
    public void Comparing_and_setting() => A_change_is_made_only_by_who_has_read_the_last_one();

    [PostgresFact]
    public void Downing() => A_silent_member_goes_down_only_if_it_stayed_silent_and_by_one_that_is_not_down();

    [PostgresFact]
    public void Restarting() => A_restart_ends_the_former_incarnation_and_ages_are_never_given_twice();

    [PostgresFact]
    public Task Ages() => Of_many_that_come_up_at_once_each_has_its_own_age();

    [PostgresFact]
    public Task Noticing() => A_change_is_noticed_by_others();
}
