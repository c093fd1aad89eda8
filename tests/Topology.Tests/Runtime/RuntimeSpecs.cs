using Actors.Client.Tests.Fakes;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Actors.Topology.Runtime;

namespace Actors.Topology.Tests.Runtime;

public sealed class RuntimeSpecs : IAsyncLifetime
{
    private const string Ratings = """
        topology {
          name = ratings
          commit-interval = 50ms
          sources { ratings { topic = ratings_json, key = string, value = json } }
          flows { by-brand { from = ratings, stages = [
            { group-by = brand }
            { aggregate { cnt = "COUNT(*)", stars = "SUM(rating)" } }
            { to { topic = per_brand, key = string, value = json } } ] } }
        }
        """;

    private const string Filtered = """
        topology {
          name = good
          commit-interval = 50ms
          sources { ratings { topic = ratings_json, key = string, value = json } }
          flows { good { from = ratings, stages = [ { filter = "rating >= 4" }, { to { topic = good_ratings, key = string, value = json } } ] } }
        }
        """;

    private readonly RuntimeBed _bed = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _bed.DisposeAsync();

    private Task Rate(int from, int count) => _bed.Produce("ratings_json", [.. Enumerable.Range(from, count).Select(i =>
        ((string?)$"user{i}", (string?)$$"""{"brand":"{{(i % 3 == 0 ? "Acme" : "Globex")}}","rating":{{i % 5 + 1}}}""", (long)i))]);

    private static Dictionary<string, long> Counts(int count) => new()
    {
        ["Acme"] = Enumerable.Range(0, count).Count(i => i % 3 == 0),
        ["Globex"] = Enumerable.Range(0, count).Count(i => i % 3 != 0),
    };

    [Fact]
    public async Task Records_go_through_a_flow_to_its_topic()
    {
        _bed.Cluster.AddTopic("ratings_json", 3);
        var node = _bed.Start();
        await node.Deploy("good", Filtered);
        await Rate(0, 100);
        await RuntimeBed.Until(() => _bed.Records("good_ratings").Count == 40, () => $"found {_bed.Records("good_ratings").Count}");
        var status = await node.UntilState("good", TopologyState.Running);
        Assert.Equal(["0_0", "0_1", "0_2"], status.Tasks.Select(t => t.Id.ToString()));
        Assert.All(status.Tasks, t => Assert.Equal((1, TopologyState.Running, 0L), (t.Node, t.State, t.Lag)));
    }

    [Fact]
    public async Task Groups_are_counted_across_a_repartition_and_offsets_are_committed_in_the_topologys_group()
    {
        _bed.Cluster.AddTopic("ratings_json", 2);
        var node = _bed.Start();
        await node.Deploy("ratings", Ratings);
        await Rate(0, 300);
        await _bed.UntilCounts("per_brand", "cnt", Counts(300));
        await RuntimeBed.Until(() => _bed.Committed("ratings", "ratings_json", 0) + _bed.Committed("ratings", "ratings_json", 1) == 300, () => "not committed");
        var members = _bed.Cluster.Groups["ratings"].Members.Values;
        Assert.Equal(["ratings-1"], members.Select(m => m.InstanceId));
        var made = _bed.Cluster.SeenOf<CreateTopicsRequest>().SelectMany(r => r.Topics).ToDictionary(t => t.Name);
        var repartition = Assert.Single(made.Values, t => t.Name.EndsWith("-repartition"));
        Assert.StartsWith("ratings-by-brand-", repartition.Name);
        Assert.Equal(2, repartition.NumPartitions);
        var changeLog = Assert.Single(made.Values, t => t.Name.EndsWith("-changelog"));
        Assert.Contains(changeLog.Configs, c => c is { Name: "cleanup.policy", Value: "compact" });
        Assert.Equal(-1, made["per_brand"].NumPartitions);
        Assert.Contains(made["__actors_topologies"].Configs, c => c is { Name: "cleanup.policy", Value: "compact" });
    }

    [Fact]
    public async Task Committed_records_of_a_repartition_topic_are_deleted_and_nothing_else()
    {
        _bed.Cluster.AddTopic("ratings_json");
        var node = _bed.Start(change: s => s with { RepartitionPurgeInterval = TimeSpan.FromMilliseconds(100) });
        await node.Deploy("ratings", Ratings);
        await Rate(0, 120);
        await _bed.UntilCounts("per_brand", "cnt", Counts(120));
        var repartition = _bed.Cluster.Topics.Single(t => t.Key.EndsWith("-repartition")).Value;
        await RuntimeBed.Until(() => repartition.Logs[0].Start == 120, () => $"it begins at {repartition.Logs[0].Start}; {node.Described()}");
        Assert.All(_bed.Cluster.SeenOf<DeleteRecordsRequest>(), r => Assert.True(r.Topics[0].Partitions[0].Offset <= _bed.Committed("ratings", repartition.Name)));
        Assert.All(_bed.Cluster.Topics.Values.Where(t => t != repartition), t => Assert.All(t.Logs, log => Assert.Equal(0, log.Start)));
    }

    [Fact]
    public async Task A_topology_waits_for_its_source_topic_and_says_so()
    {
        var node = _bed.Start();
        await node.Deploy("good", Filtered);
        await RuntimeBed.Until(() => node.Deployments.GetAsync("good").Result is { State: TopologyState.Restoring, Reason: "ratings_json" }, () => node.Described());
        var topic = _bed.Cluster.AddTopic("ratings_json");
        var clock = System.Diagnostics.Stopwatch.StartNew();
        await node.UntilState("good", TopologyState.Running);
        // A second is what it has; three times that is what a busy machine gets here.
        Assert.True(clock.ElapsedMilliseconds < 3000, $"took {clock.ElapsedMilliseconds} ms to start");
        await Rate(0, 5);
        await RuntimeBed.Until(() => _bed.Records("good_ratings").Count == 2, () => node.Described());
    }

    [Fact]
    public async Task After_an_orderly_stop_counts_go_on_exactly()
    {
        _bed.Cluster.AddTopic("ratings_json", 2);
        var first = _bed.Start();
        await first.Deploy("ratings", Ratings);
        await Rate(0, 100);
        await _bed.UntilCounts("per_brand", "cnt", Counts(100));
        await first.Stop();
        await Rate(100, 50);
        var second = _bed.Start();
        await _bed.UntilCounts("per_brand", "cnt", Counts(150));
        Assert.Equal(TopologyState.Running, (await second.UntilState("ratings", TopologyState.Running)).State);
        Assert.Equal(150, _bed.Last("per_brand", "cnt").Values.Sum());
    }

    [Fact]
    public async Task Stores_are_restored_from_the_change_log_alone()
    {
        _bed.Cluster.AddTopic("ratings_json");
        var first = _bed.Start();
        await first.Deploy("ratings", Ratings);
        await Rate(0, 100);
        await _bed.UntilCounts("per_brand", "cnt", Counts(100));
        await first.Stop();
        Directory.Delete(_bed.SnapshotDirectory(), recursive: true);
        _bed.Start();
        await Rate(100, 10);
        await _bed.UntilCounts("per_brand", "cnt", Counts(110));
    }

    [Fact]
    public async Task A_killed_nodes_counts_are_exact_when_it_had_committed()
    {
        _bed.Cluster.AddTopic("ratings_json");
        var first = _bed.Start();
        await first.Deploy("ratings", Ratings);
        await Rate(0, 100);
        await _bed.UntilCounts("per_brand", "cnt", Counts(100));
        var repartition = _bed.Cluster.Topics.Keys.Single(t => t.EndsWith("-repartition"));
        await RuntimeBed.Until(() => _bed.Committed("ratings", "ratings_json") == 100 && _bed.Committed("ratings", repartition) == 100, () => "not committed");
        first.Kill();
        await Rate(100, 50);
        _bed.Start();
        await RuntimeBed.Until(() => _bed.Committed("ratings", "ratings_json") == 150 && _bed.Committed("ratings", repartition) == 150, () => "not committed");
        Assert.Equal(Counts(150), _bed.Last("per_brand", "cnt"));
    }

    [Fact]
    public async Task A_kill_between_commits_leaves_the_state_as_the_last_commit_did()
    {
        _bed.Cluster.AddTopic("ratings_json");
        var first = _bed.Start();
        await first.Deploy("ratings", Ratings.Replace("50ms", "1h"));
        await Rate(0, 100);
        // The repartition topic is read once it has been written, commit or not.
        await _bed.UntilCounts("per_brand", "cnt", Counts(100));
        Assert.Empty(_bed.Records(_bed.Cluster.Topics.Keys.Single(t => t.EndsWith("-changelog"))));
        first.Kill();
        _bed.Start();
        await Rate(100, 50);
        await RuntimeBed.Until(() => _bed.Records(_bed.Cluster.Topics.Keys.Single(t => t.EndsWith("-repartition"))).Count == 250, () => "not read again");
        await RuntimeBed.Until(() => _bed.Last("per_brand", "cnt").Values.Sum() >= 250, () => string.Join(", ", _bed.Last("per_brand", "cnt")));
        // The first sub-topology read its 100 records twice, which at least once allows; the second counted each record of its topic once.
        Assert.Equal(250, _bed.Last("per_brand", "cnt").Values.Sum());
    }

    [Fact]
    public async Task A_change_log_has_a_rows_last_state_of_each_commit_only()
    {
        _bed.Cluster.AddTopic("ratings_json");
        var node = _bed.Start();
        await node.Deploy("ratings", Ratings.Replace("50ms", "300ms"));
        await Rate(0, 3000);
        await _bed.UntilCounts("per_brand", "cnt", Counts(3000));
        var changeLog = _bed.Cluster.Topics.Keys.Single(t => t.EndsWith("-changelog"));
        await RuntimeBed.Until(() => _bed.Records(changeLog).Count > 0, () => "no change-log");
        Assert.InRange(_bed.Records(changeLog).Count, 2, 40);
    }

    [Fact]
    public async Task A_node_killed_at_any_time_counts_nothing_too_low()
    {
        _bed.Cluster.AddTopic("ratings_json", 2);
        var node = _bed.Start();
        await node.Deploy("ratings", Ratings);
        var random = new Random(7);
        for (var round = 0; round < 4; round++)
        {
            await Rate(round * 200, 200);
            await Task.Delay(random.Next(80));
            node.Kill();
            node = _bed.Start();
        }
        await node.UntilState("ratings", TopologyState.Running);
        await RuntimeBed.Until(() => node.Deployments.GetAsync("ratings").Result!.Tasks.All(t => t.Lag == 0) && _bed.Last("per_brand", "cnt").Values.Sum() >= 800,
            () => $"{string.Join(", ", _bed.Last("per_brand", "cnt"))}; {node.Described()}");
        foreach (var (brand, count) in Counts(800)) Assert.True(_bed.Last("per_brand", "cnt")[brand] >= count, $"{brand} is below {count}");
    }

    [Fact]
    public async Task Offsets_are_never_committed_before_outputs_are_acknowledged()
    {
        _bed.Cluster.AddTopic("ratings_json");
        var hang = true;
        _bed.Cluster.On<ProduceRequest>((_, request) => hang && request.TopicData.Exists(t => t.Name == "good_ratings") ? (null, Fault.DropBefore) : null);
        var node = _bed.Start();
        await node.Deploy("good", Filtered);
        await Rate(0, 20);
        // So many tries take longer than the commit interval.
        await RuntimeBed.Until(() => _bed.Cluster.SeenOf<ProduceRequest>().Count(r => r.TopicData.Exists(t => t.Name == "good_ratings")) >= 10, () => node.Described());
        Assert.Equal(-1, _bed.Committed("good", "ratings_json"));
        hang = false;
        await RuntimeBed.Until(() => _bed.Committed("good", "ratings_json") == 20, () => node.Described());
        Assert.Equal(8, _bed.Records("good_ratings").Count);
    }

    [Fact]
    public async Task A_task_whose_output_is_refused_fails_says_why_and_starts_again_from_its_last_commit()
    {
        _bed.Cluster.AddTopic("ratings_json");
        var refuse = true;
        _bed.Cluster.On<ProduceRequest>((_, request) => refuse && request.TopicData.Exists(t => t.Name == "good_ratings")
            ? (new ProduceResponse
            {
                Responses = [new ProduceResponse.TopicProduceResponse
                {
                    Name = "good_ratings", PartitionResponses = [new ProduceResponse.PartitionProduceResponse { Index = 0, ErrorCode = (short)ErrorCode.TopicAuthorizationFailed }],
                }],
            }, Fault.None)
            : null);
        var node = _bed.Start(change: s => s with { RestartPause = TimeSpan.FromMilliseconds(500) });
        await node.Deploy("good", Filtered);
        await Rate(0, 20);
        var failed = await node.UntilState("good", TopologyState.Failed);
        Assert.Contains("TOPIC_AUTHORIZATION_FAILED", failed.Reason);
        refuse = false;
        await RuntimeBed.Until(() => _bed.Records("good_ratings").Count == 8, () => node.Described());
        await node.UntilState("good", TopologyState.Running);
    }

    [Fact]
    public async Task A_member_that_lost_its_place_joins_again_and_goes_on()
    {
        _bed.Cluster.AddTopic("ratings_json");
        var node = _bed.Start();
        await node.Deploy("ratings", Ratings);
        await Rate(0, 60);
        await _bed.UntilCounts("per_brand", "cnt", Counts(60));
        var repartition = _bed.Cluster.Topics.Keys.Single(t => t.EndsWith("-repartition"));
        await RuntimeBed.Until(() => _bed.Committed("ratings", repartition) == 60, () => "not committed");
        _bed.Cluster.Groups.Expel("ratings");
        await Rate(60, 60);
        await RuntimeBed.Until(() => _bed.Last("per_brand", "cnt").Values.Sum() >= 120 && _bed.Committed("ratings", repartition) >= 120, () => node.Described());
    }

    [Fact]
    public async Task Tasks_are_shared_with_another_node_and_come_back()
    {
        _bed.Cluster.AddTopic("ratings_json", 4);
        var one = _bed.Start(1);
        await one.Deploy("good", Filtered);
        await one.UntilState("good", TopologyState.Running);
        var two = _bed.Start(2);
        await RuntimeBed.Until(() => new[] { one, two }.All(n => n.Deployments.GetAsync("good").Result!.Tasks.Select(t => t.Node).Order().SequenceEqual([1, 1, 2, 2])),
            () => $"{one.Described()} | {two.Described()}");
        await Rate(0, 100);
        await RuntimeBed.Until(() => _bed.Records("good_ratings").Count == 40, () => $"found {_bed.Records("good_ratings").Count}");
        await two.Stop();
        _bed.Cluster.Groups.Expel("good");
        await RuntimeBed.Until(() => one.Deployments.GetAsync("good").Result!.Tasks.Count(t => t.Node == 1) == 4, () => one.Described());
        await Rate(100, 100);
        await RuntimeBed.Until(() => _bed.Records("good_ratings").Count >= 80, () => $"found {_bed.Records("good_ratings").Count}");
    }
}
