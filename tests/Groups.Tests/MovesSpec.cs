using System.Text.Json;
using Actors.Cluster.Tests;
using Actors.Node.Testing;
using Actors.Node.Tests;
using Actors.Protocol.Messages;
using Xunit;
using Xunit.Abstractions;

namespace Actors.Groups.Tests;

/// <summary>A node comes and goes: who listens at one that stays is told of every leader and every task that moves.</summary>
public sealed class MovesSpec(ITestOutputHelper output)
{
    private const int Partitions = 6;
    private const int Seconds = 30;
    private const string Counting = """
        topology {
          name = counting
          commit-interval = 100ms
          sources { words { topic = words, key = string, value = string } }
          flows { counts { from = words, stages = [
            { group-by = value }
            { aggregate { cnt = "COUNT(*)" } }
            { to { topic = counts, key = string, value = json } } ] } }
        }
        """;

    private readonly string _cluster = $"moves-{Guid.NewGuid():N}";

    [Fact]
    public async Task Leaders_and_tasks_that_move_are_told_one_by_one()
    {
        await using var first = await StartAsync(1);
        await first.CreateTopicAsync("words", Partitions);
        await first.DeployAsync(Counting);
        await first.AwaitRunningAsync("counting");
        using var listener = new LiveEvents(first.Http);
        Polling.Until(() => listener.All.LastOrDefault(e => e.Name == "topology"), told => told?.Data.GetProperty("tasks").GetArrayLength() == 2 * Partitions, Seconds, "all tasks, as /events shows them");
        (int Heard, Places Leaders, Places Tasks) before = (listener.All.Count, Leaders(first), Tasks(first));
        await using var second = await StartAsync(2);
        AssertTold("node 2 came", Partitions / 2);
        before = (listener.All.Count, Leaders(first), Tasks(first));
        await second.DisposeAsync();
        AssertTold("node 2 went", 0);

        void AssertTold(string what, int onSecond)
        {
            AssertTheyAre(what, before.Leaders, () => Leaders(first), onSecond, () => Told(listener, before.Heard, "leader-moved", "topic", "words", "partition"));
            AssertTheyAre(what, before.Tasks, () => Tasks(first), 2 * onSecond, () => Told(listener, before.Heard, "task-moved", "topology", "counting", "task"));
        }
    }

    /// <summary>Waits until so many of them are at the second node, and until each that is not where it was, and no other, has been told of, from where to where.</summary>
    private void AssertTheyAre(string what, Places before, Func<Places> look, int onSecond, Func<SortedDictionary<string, (int From, int To)>> told)
    {
        var after = Polling.Until(look, now => now.AreAllAtNodes && now.At.Count == before.At.Count && now.At.Values.Count(node => node == 2) == onSecond, Seconds, $"{what}: where they are");
        var moved = after.At.Where(each => before.At[each.Key] != each.Value).ToDictionary(each => each.Key, each => (From: before.At[each.Key], To: each.Value));
        Assert.NotEmpty(moved);
        var shown = Polling.Until(
            () => string.Join(", ", told()), _ => told() is var now && moved.All(each => now.TryGetValue(each.Key, out var move) && move.To == each.Value.To),
            Seconds, $"{what}: told of {string.Join(", ", moved)}");
        output.WriteLine($"{what}: {shown}");
        Assert.Equal(moved.OrderBy(each => each.Key, StringComparer.Ordinal), told());
    }

    /// <summary>From where to where each has gone since, by events that follow from each other: for a moment it may have been nobody's.</summary>
    private static SortedDictionary<string, (int From, int To)> Told(LiveEvents listener, int heard, string name, string of, string which, string what)
    {
        var told = new SortedDictionary<string, (int From, int To)>(StringComparer.Ordinal);
        foreach (var moved in listener.All.Skip(heard).Where(e => e.Name == name && e.Data.GetProperty(of).GetString() == which).Select(e => e.Data))
        {
            var (id, from, to) = (moved.GetProperty(what).ToString(), moved.GetProperty("from").GetInt32(), moved.GetProperty("to").GetInt32());
            if (told.TryGetValue(id, out var earlier))
                Assert.Equal(earlier.To, from);
            told[id] = (told.ContainsKey(id) ? earlier.From : from, to);
        }
        return told;
    }

    private Task<TestNode> StartAsync(int id) => TestNode.StartAsync(new TestNodeOptions { NodeId = id, Cluster = _cluster, Patience = TimeSpan.FromSeconds(60) });

    private static Places Leaders(TestNode node)
    {
        using var connection = new RawConnection(node.Kafka);
        var topic = connection.Ask<MetadataResponse>(new MetadataRequest { Topics = [new() { Name = "words" }], AllowAutoTopicCreation = false }, 12).Topics[0];
        return new Places(topic.Partitions.ToDictionary(partition => $"{partition.PartitionIndex}", partition => partition.LeaderId));
    }

    private static Places Tasks(TestNode node)
    {
        using var http = new HttpClient { BaseAddress = node.Http };
        var tasks = JsonDocument.Parse(http.GetStringAsync("topologies/counting").Result).RootElement.GetProperty("tasks");
        return new Places(tasks.EnumerateArray().ToDictionary(task => task.GetProperty("id").GetString()!, task => task.GetProperty("node").GetInt32()));
    }

    /// <summary>The node of each partition or task.</summary>
    private sealed record Places(IReadOnlyDictionary<string, int> At)
    {
        public bool AreAllAtNodes => At.Values.All(node => node > 0);

        public override string ToString() => string.Join(", ", At.OrderBy(each => each.Key, StringComparer.Ordinal).Select(each => $"{each.Key} at {each.Value}"));
    }
}
