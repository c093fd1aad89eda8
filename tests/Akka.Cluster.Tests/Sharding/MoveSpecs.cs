using System.Diagnostics;
using Akka.Actor;
using Akka.Cluster.Sharding;

namespace Akka.Cluster.Tests.Sharding;

/// <summary>Shards that move because nodes come, leave and die.</summary>
public sealed class MoveSpecs : ShardingSpec
{
    /// <summary>Nothing moves to make homes even.</summary>
    private const string Still = "akka.cluster.sharding.rebalance-interval = 1h\n";

    [Fact]
    public void Nodes_that_join_get_shards_and_no_message_is_lost_or_overtakes_another()
    {
        var first = Node();
        var region = Region(first);
        HomesOf(region);
        using var traffic = new Traffic(region, Residents);
        var second = Region(Node());
        Await(() => Residents.Running.Values.Distinct().Count() == 2, () => string.Join(", ", Residents.Running));
        Region(Node());
        Await(() => Even(3), () => string.Join(", ", Residents.Running));
        traffic.EndAndCheck();
        Assert.Equal(HomesOf(region), HomesOf(second));
    }

    [Fact]
    public void A_node_that_leaves_hands_off_its_shards_at_once_and_no_message_is_lost()
    {
        var nodes = new[] { Node(), Node(), Node() };
        var regions = nodes.Select(node => Region(node)).ToList();
        HomesOf(regions[1]);
        // A shard that moves to a node whose region came late starts there with the next message.
        using var traffic = new Traffic(regions[1], Residents);
        Await(() => Even(3), () => string.Join(", ", Residents.Running));
        // The oldest: the coordinator leaves with it.
        var started = Stopwatch.GetTimestamp();
        var ended = nodes[0].Terminate();
        Await(() => Residents.Running.Values.All(home => home != AddressOf(nodes[0])) && Residents.Running.Count == Entities.Count, () => string.Join(", ", Residents.Running));
        var took = Stopwatch.GetElapsedTime(started);
        Assert.True(ended.Wait(Soon * 2), "the node that leaves did not end");
        traffic.EndAndCheck();
        Assert.True(took < TimeSpan.FromSeconds(5), $"the shards took {took}, the longest wait of a message was {traffic.Longest}");
    }

    [Fact]
    public void Shards_of_a_killed_node_start_elsewhere_and_the_others_stay()
    {
        var nodes = new[] { Node(more: Still), Node(more: Still), Node(more: Still) };
        var regions = nodes.Select(node => Region(node)).ToList();
        AwaitRegions(regions[0], 3);
        var before = HomesOf(regions[0]);
        var killed = AddressOf(nodes[2]);
        Residents.Killed(killed);
        Kill(nodes[2]);
        Residents.Killed(killed);
        AwaitUp(nodes[0], nodes[1]);
        var removed = Stopwatch.GetTimestamp();
        var after = HomesOf(regions[0]);
        var took = Stopwatch.GetElapsedTime(removed);
        Assert.DoesNotContain(killed, after.Values);
        Assert.Equal(before.Where(each => each.Value != killed).OrderBy(each => each.Key), after.Where(each => before[each.Key] != killed).OrderBy(each => each.Key));
        Assert.True(took < TimeSpan.FromSeconds(5), $"{took} from the removal until all entities answer");
        Assert.Empty(Residents.Faults);
    }

    [Fact]
    public void The_coordinator_s_state_survives_its_node()
    {
        // A snapshot every five events, and events after the last one.
        var nodes = new[] { Node(more: Still + "akka.cluster.sharding.snapshot-after = 5"), Node(more: Still), Node(more: Still) };
        var regions = nodes.Select(node => Region(node)).ToList();
        AwaitRegions(regions[1], 3);
        var before = HomesOf(regions[1]);
        var killed = AddressOf(nodes[0]);
        Residents.Killed(killed);
        Kill(nodes[0]);
        Residents.Killed(killed);
        AwaitUp(nodes[1], nodes[2]);
        var removed = Stopwatch.GetTimestamp();
        var after = HomesOf(regions[1]);
        var took = Stopwatch.GetElapsedTime(removed);
        Assert.DoesNotContain(killed, after.Values);
        Assert.Equal(after.OrderBy(each => each.Key), HomesOf(regions[2]).OrderBy(each => each.Key));
        Assert.Equal(before.Where(each => each.Value != killed).OrderBy(each => each.Key), after.Where(each => before[each.Key] != killed).OrderBy(each => each.Key));
        Assert.True(took < TimeSpan.FromSeconds(5), $"{took} from the removal until all entities answer");
        Assert.Empty(Residents.Faults);
    }

    private bool Even(int nodes)
    {
        var counts = Residents.Running.GroupBy(each => each.Value).Select(home => home.Select(each => Shard(each.Key)).Distinct().Count()).ToList();
        return counts.Count == nodes && counts.Max() - counts.Min() <= 1;
    }

    /// <summary>Numbers for every entity, one after the other, each answered.</summary>
    private sealed class Traffic : IDisposable
    {
        private readonly IActorRef _region;
        private readonly Residents _residents;
        private readonly Task _sending;
        private readonly List<Task<int>> _answers = [];
        private volatile bool _end;
        private long _longest;
        private int _sent;

        public Traffic(IActorRef region, Residents residents)
        {
            _region = region;
            _residents = residents;
            _sending = Task.Run(SendAsync);
        }

        public TimeSpan Longest => TimeSpan.FromTicks(_longest);

        public void Dispose() => _end = true;

        public void EndAndCheck()
        {
            _end = true;
            Assert.True(_sending.Wait(Soon));
            Assert.True(Task.WhenAll(_answers).Wait(Soon), $"{_answers.Count(answer => !answer.IsCompleted)} of {_answers.Count} messages were not answered");
            var expected = Enumerable.Range(0, _sent).ToList();
            Assert.All(Entities, entity => Assert.Equal(expected, _residents.Received[entity]));
            Assert.Empty(_residents.Faults);
        }

        private async Task SendAsync()
        {
            for (; !_end; _sent++)
            {
                foreach (var entity in Entities) _answers.Add(AskAsync(entity, _sent));
                await Task.Delay(10);
            }
        }

        private async Task<int> AskAsync(string entity, int number)
        {
            var started = Stopwatch.GetTimestamp();
            var answer = await _region.Ask<int>(new ShardingEnvelope(entity, number), Soon);
            var took = Stopwatch.GetElapsedTime(started).Ticks;
            for (var longest = _longest; took > longest && Interlocked.CompareExchange(ref _longest, took, longest) != longest; longest = _longest) { }
            return answer;
        }
    }
}
