using System.Diagnostics;
using Actors.Client;
using Actors.Client.Tests.Fakes;
using Actors.Protocol.Messages;
using Actors.Protocol.Records;
using Actors.Topology.Runtime;
using Xunit.Abstractions;

namespace Actors.Topology.Tests.Runtime;

/// <summary>What a kill at full speed repeats is what no commit covers: an interval's records, however much waits to be read.</summary>
public sealed class CommitUnderLoadSpecs(ITestOutputHelper output) : IAsyncLifetime
{
    private const string Copy = """
        topology {
          name = copy
          commit-interval = 100ms
          sources { lines { topic = lines, key = string, value = string } }
          flows { copy { from = lines, stages = [ { map-values = "UCASE(value)" }, { to { topic = copied, key = string, value = string } } ] } }
        }
        """;

    private readonly RuntimeBed _bed = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _bed.DisposeAsync();

    private static int Records => Environment.GetEnvironmentVariable("ACTORS_LONG") is null ? 600_000 : 3_000_000;

    private static void Fill(FakeLog log, int records, int inBatch)
    {
        using var batch = new RecordBatchBuilder();
        for (var i = 0; i < inBatch; i++) batch.Append(i, "key"u8.ToArray(), "a line of text of forty bytes or about so"u8.ToArray(), null);
        var bytes = batch.Build();
        for (var i = 0; i < records / inBatch; i++) log.Append(bytes);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(50_000)]
    public async Task A_commit_is_made_each_interval_and_what_it_does_not_cover_yet_is_an_intervals_work(int inBatch)
    {
        var source = _bed.Cluster.AddTopic("lines");
        var sink = _bed.Cluster.AddTopic("copied").Logs[0];
        Fill(source.Logs[0], Records, inBatch);
        var (committed, uncommitted, commits) = (0L, 0L, 0);
        _bed.Cluster.On<ProduceRequest>((_, request) =>
        {
            if (request.TopicData.Exists(t => t.Name == "copied")) uncommitted = Math.Max(uncommitted, sink.End - committed);
            return null;
        });
        _bed.Cluster.On<OffsetCommitRequest>((_, request) =>
        {
            (committed, commits) = (request.Topics[0].Partitions[0].CommittedOffset, commits + 1);
            return null;
        });
        var node = _bed.Start();
        await node.Deploy("copy", Copy);
        await RuntimeBed.Until(() => committed == Records, () => $"{committed} committed; {node.Described()}");
        output.WriteLine($"{Records} records in batches of {inBatch}, {commits} commits, at most {uncommitted} records uncommitted");
        Assert.True(uncommitted < Records / 2, $"{uncommitted} of {Records} records were uncommitted at a time");
        Assert.Equal(Records, sink.End);
    }

    [Fact]
    public async Task A_task_at_full_speed_lets_go_as_soon_as_it_is_told()
    {
        Fill(_bed.Cluster.AddTopic("lines").Logs[0], Records, 500);
        var sink = _bed.Cluster.AddTopic("copied").Logs[0];
        var node = _bed.Start();
        await node.Deploy("copy", Copy.Replace("100ms", "1h"));
        await RuntimeBed.Until(() => sink.End > 0, node.Described);
        var clock = Stopwatch.StartNew();
        await node.Stop();
        output.WriteLine($"stopped in {clock.ElapsedMilliseconds} ms after {sink.End} of {Records} records");
        Assert.True(sink.End < Records, "it went on to the end");
        Assert.Equal(sink.End, _bed.Committed("copy", "lines"));
    }
}
