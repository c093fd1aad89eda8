using System.Collections.Immutable;
using Akka.Cluster.Sharding.Internal;
using FsCheck;
using FsCheck.Fluent;

namespace Akka.Cluster.Tests.Sharding;

/// <summary>Which shards the strategy with limits moves.</summary>
public sealed class LeastShardStrategySpecs
{
    private static readonly LeastShardAllocationWithLimits Strategy = new(absoluteLimit: 4, relativeLimit: 1);

    private static List<IImmutableList<string>> Regions(params int[] counts)
    {
        var next = 0;
        return [.. counts.Select(count => (IImmutableList<string>)Enumerable.Range(0, count).Select(_ => $"{next++}").ToImmutableList())];
    }

    [Fact]
    public void Even_regions_keep_what_they_have() => Assert.Empty(Strategy.Moves(Regions(4, 4, 4)));

    [Fact]
    public void A_region_that_joined_gets_shards_within_the_limit() => Assert.Equal(4, Strategy.Moves(Regions(6, 6, 0)).Count);

    [Fact]
    public void One_shard_moves_where_a_region_has_two_more_than_another() => Assert.Single(Strategy.Moves(Regions(2, 2, 0)));

    [Fact]
    public void Rounds_end_with_regions_that_differ_by_at_most_one() => Prop.ForAll(
        Arb.From(Gen.Choose(0, 20).ListOf(4).Select(counts => counts.ToArray())),
        counts =>
        {
            var regions = Regions(counts).Select(shards => shards.ToList()).ToList();
            for (var round = 0; round < 100; round++)
            {
                var moves = Strategy.Moves([.. regions.Select(shards => (IImmutableList<string>)shards.ToImmutableList())]);
                if (moves.IsEmpty) break;
                foreach (var shards in regions) shards.RemoveAll(moves.Contains);
                foreach (var shard in moves) regions.MinBy(shards => shards.Count)!.Add(shard);
            }
            Assert.True(regions.Max(shards => shards.Count) - regions.Min(shards => shards.Count) <= 1, string.Join(", ", regions.Select(shards => shards.Count)));
        }).QuickCheckThrowOnFailure();
}
