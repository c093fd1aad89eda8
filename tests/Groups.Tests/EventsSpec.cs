using System.Diagnostics;
using System.Net;
using Actors.Client;
using Actors.Node.Tests;
using Xunit;

namespace Actors.Groups.Tests;

/// <summary>What those who look see: /events, /groups/{g}, <c>actors groups watch</c> and <c>describe</c>, <c>actors cluster</c>.</summary>
public sealed class EventsSpec : IAsyncLifetime, IDisposable
{
    private readonly NodeUnderTest _node = NodeUnderTest.Start();
    private readonly ClusterClient _client;

    public EventsSpec() => _client = new ClusterClient(new ClusterOptions { BootstrapServers = _node.Kafka, ClientId = "watched" });

    public async Task InitializeAsync()
    {
        await using var admin = new Admin(_client);
        await admin.CreateTopicAsync(new NewTopic("work", 4));
    }

    public async Task DisposeAsync() => await _client.DisposeAsync();

    public void Dispose() => _node.Dispose();

    [Fact]
    public async Task Members_that_come_and_go_are_told_as_it_happens()
    {
        using var events = new LiveEvents(_node.Http);
        Assert.Equal("cluster", events.All[0].Name);
        await using var first = Join();
        Until(events, e => e.Name == "assignment" && Members(e) == 1, "the first assignment");
        await using var second = Join();
        var both = Until(events, e => e.Name == "assignment" && Members(e) == 2, "the second assignment");
        Assert.Equal(4, both.Data.GetProperty("members").EnumerateArray().Sum(m => m.GetProperty("assignment").GetArrayLength()));
        await second.DisposeAsync();
        Until(events, e => e.Name == "member-left" && e.Data.GetProperty("reason").GetString() == "left", "the second's leaving");
        Polling.Until(() => string.Join('\n', events.All.Where(e => e.IsOf("crew"))), _ => events.All.Count(e => e.IsOf("crew") && e.Name == "assignment") == 3, 15, "the third assignment");
        Polling.Until(() => events.All.Last(e => e.IsOf("crew") && e.Name == "group").Data, group => group.GetProperty("members").GetArrayLength() == 1 && group.GetProperty("state").GetString() == "Stable", 15, "the group's state");
        var told = events.All.Where(e => e.IsOf("crew") && e.Name is "member-joined" or "member-left" or "generation" or "rebalance" or "assignment").Select(e => e.Name);
        Assert.Equal(
            ["member-joined", "generation", "assignment", "member-joined", "rebalance", "generation", "assignment", "member-left", "rebalance", "generation", "assignment"], told);
        Polling.Until(() => events.Heartbeats, beats => beats > 0, 15, "a heartbeat");
    }

    [Fact]
    public async Task A_group_is_shown_with_its_generation_its_owners_and_what_they_have_left_to_read()
    {
        await ProduceAsync(20);
        await using var consumer = Join();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        for (var read = 0; read < 20;)
        {
            var chunk = await consumer.ReadAsync(patience.Token);
            read += (int)(chunk.NextOffset - chunk.Offset);
        }
        await consumer.CommitAsync();
        await ProduceAsync(8);
        using var http = new HttpClient { BaseAddress = _node.Http };
        var text = Polling.Until(() => http.GetStringAsync("groups/crew").Result, shown => shown.Contains("\"committed_offset\":5,"), 10, "the group over HTTP");
        using var group = System.Text.Json.JsonDocument.Parse(text);
        Assert.Equal("Stable", group.RootElement.GetProperty("state").GetString());
        Assert.Equal(1, group.RootElement.GetProperty("generation").GetInt32());
        Assert.Equal(8, group.RootElement.GetProperty("lag").GetInt64());
        var member = Assert.Single(group.RootElement.GetProperty("members").EnumerateArray());
        Assert.Equal(8, member.GetProperty("lag").GetInt64());
        Assert.Equal(4, member.GetProperty("assignment").GetArrayLength());
        Assert.All(group.RootElement.GetProperty("offsets").EnumerateArray(), offset => Assert.Equal(2, offset.GetProperty("lag").GetInt64()));

        using var absent = await http.GetAsync("groups/absent");
        Assert.Equal(HttpStatusCode.NotFound, absent.StatusCode);
        var members = Actors("groups", "describe", "--group", "crew", "--members", "--verbose", "--bootstrap-server", _node.Kafka);
        Assert.Contains("work(0,1,2,3)", members.Lines[1]);
        Assert.Matches("^crew +[0-9.]+:[0-9]+ \\(1\\) +range +Stable +1$", Actors("groups", "describe", "--group", "crew", "--state", "--bootstrap-server", _node.Kafka).Lines[1]);
        Assert.Matches($"^1 +up +{_node.Kafka} +http://127.0.0.1:[0-9]+ +broker,streams +[0-9]+ +[0-9]+ +0 +yes$", Actors("cluster", "--http", _node.Http.ToString()).Lines[1]);
    }

    [Fact]
    public async Task Watching_tells_a_line_a_member_and_ends_after_the_assignments_asked_for()
    {
        await using var first = Join();
        Polling.Until(() => first.Member.Assignment.Count, count => count == 4, 10, "the first assignment");
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        foreach (var argument in (string[])[NodeUnderTest.Find("src/Cli", "Actors.Cli.dll"), "groups", "watch", "--group", "crew", "--max-generations", "1", "--http", $"{_node.Http}"])
            start.ArgumentList.Add(argument);
        using var watch = Process.Start(start)!;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        Assert.Matches("^[0-9:.]+ generation 1: 1 member \\(range\\)$", await watch.StandardOutput.ReadLineAsync(patience.Token));
        Assert.Matches("^ +A watched-[0-9a-f-]+ work\\(0-3\\)$", await watch.StandardOutput.ReadLineAsync(patience.Token));
        await using var second = Join();
        Assert.Matches("^[0-9:.]+ \\+ B watched joined from 127.0.0.1$", await watch.StandardOutput.ReadLineAsync(patience.Token));
        Assert.Matches("^[0-9:.]+ generation 2: 2 members \\(range\\)$", await watch.StandardOutput.ReadLineAsync(patience.Token));
        var rest = await watch.StandardOutput.ReadToEndAsync(patience.Token);
        Assert.Equal(["work(0,1)", "work(2,3)"], rest.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line[(line.LastIndexOf(' ') + 1)..]).Order());
        await watch.WaitForExitAsync(patience.Token);
        Assert.Equal(0, watch.ExitCode);
    }

    [Fact]
    public async Task A_group_is_deleted_once_it_has_no_members()
    {
        await using var admin = new Admin(_client);
        var consumer = Join();
        Polling.Until(() => consumer.Member.Assignment.Count, count => count == 4, 10, "the assignment");
        var refused = Tool.Run("dotnet", [NodeUnderTest.Find("src/Cli", "Actors.Cli.dll"), "groups", "delete", "--group", "crew", "--bootstrap-server", _node.Kafka]);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("NON_EMPTY_GROUP", refused.Error);
        await consumer.DisposeAsync();
        Assert.Equal("Deletion of requested consumer groups ('crew') was successful.\n", Actors("groups", "delete", "--group", "crew", "--bootstrap-server", _node.Kafka).Text);
        Assert.Equal("Dead", (await admin.DescribeGroupAsync("crew")).State);
        var gone = await Assert.ThrowsAsync<KafkaException>(async () => await admin.DeleteGroupAsync("crew"));
        Assert.Equal(Protocol.ErrorCode.GroupIdNotFound, gone.Error);
    }

    private static int Members(LiveEvent e) => e.Data.GetProperty("members").GetArrayLength();

    private static LiveEvent Until(LiveEvents events, Func<LiveEvent, bool> isIt, string what)
    {
        Polling.Until(() => string.Join('\n', events.All.Where(e => e.IsOf("crew"))), _ => events.All.Any(e => e.IsOf("crew") && isIt(e)), 15, what);
        return events.All.First(e => e.IsOf("crew") && isIt(e));
    }

    private Consumer Join() => new(_client, new ConsumerOptions
    {
        Group = new GroupOptions { GroupId = "crew", Topics = ["work"] },
        AutoCommit = null,
    });

    private async Task ProduceAsync(int count)
    {
        await using var producer = new Producer(_client);
        for (var i = 0; i < count; i++)
            await producer.SendAsync(new ProducerRecord("work", null, "x"u8.ToArray(), i % 4));
    }

    private static ToolResult Actors(params string[] arguments) => Tool.Run("dotnet", [NodeUnderTest.Find("src/Cli", "Actors.Cli.dll"), .. arguments], seconds: 40).Succeeded();
}
