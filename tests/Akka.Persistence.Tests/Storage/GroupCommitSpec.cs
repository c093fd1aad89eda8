using Akka.Persistence.Sql.Storage;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Akka.Persistence.Tests;

/// <summary>The decisions of the group commit, without a database: what a group holds, and who pays for a failure.</summary>
public sealed class GroupCommitSpec
{
    [Fact]
    public void Groups_take_works_in_order_up_to_the_bound_though_always_one() =>
        Prop.ForAll(
            Gen.Choose(0, 50).ListOf().ToArbitrary(),
            Gen.Choose(1, 60).ToArbitrary(),
            (sizes, bound) =>
            {
                var works = sizes.Select((size, i) => (Work)new Sized($"{i}", size)).ToList();
                var waiting = new Queue<Work>(works);
                var taken = new List<Work>();
                var group = new List<Work>();
                while (waiting.Count > 0)
                {
                    GroupCommitter.Take(waiting, group, bound);
                    Assert.NotEmpty(group);
                    Assert.True(group.Count == 1 || group.Sum(w => w.Bytes) <= bound, $"{group.Sum(w => w.Bytes)} bytes of {bound}");
                    Assert.True(!waiting.TryPeek(out var next) || group.Sum(w => w.Bytes) + next.Bytes > bound, "the group left out what would fit");
                    taken.AddRange(group);
                }
                Assert.Equal(works, taken);
            }).QuickCheckThrowOnFailure();

    [Fact]
    public void Whatever_fails_everyone_is_answered_once_and_the_stored_are_those_told_so() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            var database = new FakeDatabase(random);
            using var committer = new GroupCommitter(database, 500, 1000, (e, what) => Assert.Fail($"seed {seed}: {what}: {e}"));
            var works = new List<Work>();
            for (var step = 0; step < 40; step++)
            {
                for (var n = random.Next(6); n > 0; n--)
                {
                    var work = new Sized($"p{random.Next(5)}", random.Next(200)) { IsBad = random.Next(10) == 0 };
                    works.Add(work);
                    committer.Add(work);
                }
                committer.RunOnce();
            }
            while (committer.RunOnce())
            {
            }
            Assert.All(works, w => Assert.True(w.Done.IsCompleted, $"seed {seed}: {w.PersistenceId} was never answered"));
            Assert.Equal(works.Where(w => w.Done.IsCompletedSuccessfully), database.Stored);
            Assert.All(works.Cast<Sized>(), w => Assert.False(w.IsBad && w.Done.IsCompletedSuccessfully, $"seed {seed}: a bad work was stored"));
            // Only its own badness or the whole database's failure may fail a work.
            Assert.All(works.Cast<Sized>(), w => Assert.True(w.IsBad || w.Done.IsCompletedSuccessfully || database.Outages.Contains(w), $"seed {seed}: {w.PersistenceId} paid for another"));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_full_queue_refuses_at_once_and_a_closed_one_too()
    {
        var committer = new GroupCommitter(new FakeDatabase(new Random(1)), 500, 2, (_, _) => { });
        Work first = new Sized("a", 1), second = new Sized("b", 1), third = new Sized("c", 1), late = new Sized("d", 1);
        committer.Add(first);
        committer.Add(second);
        committer.Add(third);
        Assert.False(first.Done.IsCompleted);
        Assert.Contains("buffer-size", third.Done.Exception!.Message, StringComparison.Ordinal);
        committer.Dispose();
        committer.Add(late);
        Assert.IsType<ObjectDisposedException>(late.Done.Exception!.InnerException);
    }

    private sealed class Sized(string persistenceId, long bytes) : Work(persistenceId, bytes)
    {
        public bool IsBad { get; init; }
    }

    private sealed class BadWorkException : Exception;

    /// <summary>Stores in memory; fails groups with a bad work in them, and now and then altogether.</summary>
    private sealed class FakeDatabase(Random random) : WriteSession
    {
        public List<Work> Stored { get; } = [];

        public HashSet<Work> Outages { get; } = [];

        public override void Open()
        {
        }

        public override void CommitTogether(IReadOnlyList<Work> group)
        {
            FailNowAndThen(group);
            if (group.Any(w => ((Sized)w).IsBad)) throw new BadWorkException();
            Stored.AddRange(group);
        }

        public override void CommitSeparately(IReadOnlyList<Work> group, Exception?[] failures)
        {
            FailNowAndThen(group);
            for (var i = 0; i < group.Count; i++)
            {
                if (((Sized)group[i]).IsBad) failures[i] = new BadWorkException();
                else Stored.Add(group[i]);
            }
        }

        public override bool BlamesOneWork(Exception failure) => failure is BadWorkException;

        public override bool DeleteSlice(DeleteEvents deletion) => true;

        public override bool BetweenCommits(bool idle) => false;

        public override void Dispose()
        {
        }

        private void FailNowAndThen(IReadOnlyList<Work> group)
        {
            if (random.Next(8) != 0) return;
            Outages.UnionWith(group);
            throw new IOException("the database is away");
        }
    }
}
