using Actors.Protocol;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Actors.Machines.Tests;

/// <summary>What fetch sessions keep is bounded by all their partitions together, whatever clients ask for.</summary>
public class FetchSessionProperties
{
    private const int Slots = 6, StaleMs = 1_000, MostPartitions = 20, MostTogether = 50;

    private enum Step
    {
        Create,
        CreateLarge,
        Change,
        Grow,
        Shrink,
        End,
        Wait,
        Count,
    }

    [Fact]
    public void All_sessions_together_never_pass_the_bound_and_leave_nothing_behind()
    {
        var step = Gen.Choose(0, 1_000_000).Select(number => (Step: (Step)(number % 8), Number: number / 8));
        Prop.ForAll(Arb.From(step.ListOf(200).Select(list => list.ToList())), run =>
        {
            var model = new Model();
            foreach (var (kind, number) in run)
                model.Do(kind, number);
            model.EndAll();
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Stale_sessions_make_room_as_many_as_it_takes_and_those_in_use_do_not()
    {
        var model = new Model();
        int[] created = [model.Create(20), model.Create(15), model.Create(15)];
        Assert.DoesNotContain(0, created);
        Assert.Equal(0, model.Create(1));
        model.Now += StaleMs;
        Assert.Equal(15, model.Fetch(created[2], [], []));
        model.Now++;
        Assert.NotEqual(0, model.Create(18));
        Assert.Equal((1, 48), (model.Sessions.Evictions, model.Sessions.Partitions));
        Assert.NotEqual(0, model.Create(17));
        Assert.Equal((2, 50), (model.Sessions.Evictions, model.Sessions.Partitions));
        Assert.Equal(0, model.Create(1));
        Assert.Equal(15, model.Fetch(created[2], [], []));
    }

    [Fact]
    public void A_session_that_would_grow_past_the_bound_ends()
    {
        var model = new Model();
        var grows = model.Create(10);
        model.Create(20);
        model.Create(15);
        Assert.Equal(15, model.Fetch(grows, [.. Enumerable.Range(100, 5)], []));
        Assert.Null(model.Fetch(grows, [200], []));
        Assert.Equal((2, 35), (model.Sessions.Count, model.Sessions.Partitions));
        Assert.NotEqual(0, model.Create(15));
    }

    private sealed class Model
    {
        private static readonly int[] None = [];
        private readonly Dictionary<int, (int Epoch, HashSet<int> Partitions)> _known = [];

        public FetchSessions Sessions { get; } = new(Slots, StaleMs, MostPartitions, MostTogether);

        public long Now { get; set; } = 10_000;

        public void Do(Step step, int number)
        {
            Now += number % 40;
            var session = _known.Count == 0 ? 0 : _known.Keys.ElementAt(number % _known.Count);
            switch (step)
            {
                case Step.Create: Create(1 + number % 12); break;
                case Step.CreateLarge: Create(1 + number % (MostPartitions + 4)); break;
                case Step.Change: Fetch(session, [number % 30], [number % 17]); break;
                case Step.Grow: Fetch(session, [.. Enumerable.Range(number % 50, 8)], None); break;
                case Step.Shrink: Fetch(session, None, [.. Enumerable.Range(number % 10, 10)]); break;
                case Step.End: End(session); break;
                case Step.Wait: Now += number % (2 * StaleMs); break;
                case Step.Count:
                    Assert.Equal(Sessions.Partitions, _known.Keys.ToList().Sum(id => Fetch(id, None, None) ?? 0));
                    Assert.Equal(Sessions.Count, _known.Count);
                    break;
            }
            Assert.InRange(Sessions.Partitions, 0, MostTogether);
            Assert.InRange(Sessions.Count, 0, Slots);
        }

        /// <summary>Its id, or 0.</summary>
        public int Create(int partitions)
        {
            var fetch = Sessions.Begin(0, FetchSessions.InitialEpoch, false, Asked(Enumerable.Range(0, partitions)), [], Now);
            var id = Sessions.Finish(fetch, new PartitionNews[partitions], Now, 1).SessionId;
            if (id != 0)
                _known[id] = (1, [.. Enumerable.Range(0, partitions)]);
            return id;
        }

        /// <summary>The partitions that it reads then; null when the session is gone.</summary>
        public int? Fetch(int id, int[] asked, int[] forgotten)
        {
            if (!_known.TryGetValue(id, out var session))
                return null;
            var fetch = Sessions.Begin(id, session.Epoch, false, Asked(asked), [.. forgotten.Select(Named)], Now);
            session.Partitions.UnionWith(asked);
            session.Partitions.ExceptWith(forgotten);
            if (fetch.Session is null)
            {
                Assert.Equal(session.Partitions.Count == 0 && fetch.Error == ErrorCode.None ? ErrorCode.None : ErrorCode.FetchSessionIdNotFound, fetch.Error);
                _known.Remove(id);
                return null;
            }
            Assert.Equal(session.Partitions.Order(), fetch.Partitions.Select(partition => partition.Partition.Partition).Order());
            Sessions.Finish(fetch, new PartitionNews[fetch.Partitions.Count], Now, 1);
            _known[id] = session with { Epoch = session.Epoch + 1 };
            return fetch.Partitions.Count;
        }

        public void EndAll()
        {
            foreach (var id in _known.Keys.ToList())
                End(id);
            Assert.Equal((0, 0), (Sessions.Count, Sessions.Partitions));
            Assert.NotEqual(0, Create(MostPartitions));
            Assert.NotEqual(0, Create(MostPartitions));
        }

        private void End(int id)
        {
            Sessions.Begin(id, FetchSessions.FinalEpoch, false, [], [], Now);
            _known.Remove(id);
        }

        private static List<AskedPartition> Asked(IEnumerable<int> partitions) => [.. partitions.Select(partition => new AskedPartition(Named(partition), 0, 100, -1))];

        private static FetchedPartition Named(int partition) => new(Guid.Empty, "t", partition);
    }
}
