using System.Net;
using System.Text;
using Actors.Cli.Live;
using Actors.Client.Tests.Fakes;
using Spectre.Console;

namespace Actors.Client.Tests.Cli;

/// <summary><c>actors groups watch</c> and <c>actors cluster</c> before a node that tells what these tests let it tell.</summary>
public sealed class WatchSpec : IAsyncDisposable
{
    private const string Story = """
        retry: 1000

        event: cluster
        data: {"nodes":[]}

        event: group
        data: {"group":"other","state":"Stable","assignor":"range","generation":9,"coordinator":1,"lag":0,"members":[]}

        event: group
        data: {"group":"crew","state":"Stable","assignor":"range","generation":3,"coordinator":2,"lag":1234,"members":[
        data: {"member_id":"one-1","group_instance_id":null,"client_id":"one","host":"/10.0.0.1","lag":1234,"assignment":[{"topic":"t","partition":0},{"topic":"t","partition":1},{"topic":"t","partition":2},{"topic":"u","partition":0}]}]}

        event: ready
        data: {}

        : heartbeat

        event: member-joined
        data: {"group":"crew","at":0,"member_id":"two-2","group_instance_id":"two","client_id":"c","host":"/10.0.0.2"}

        event: member-joined
        data: {"group":"other","at":0,"member_id":"x","group_instance_id":null,"client_id":"c","host":"/10.0.0.2"}

        event: generation
        data: {"group":"crew","at":0,"generation":4,"assignor":"range","leader":"one-1","members":2}

        event: assignment
        data: {"group":"crew","at":0,"generation":4,"assignor":"range","members":[{"member_id":"one-1","group_instance_id":null,"client_id":"one","host":"/10.0.0.1","assignment":[{"topic":"t","partition":0}]},{"member_id":"two-2","group_instance_id":"two","client_id":"c","host":"/10.0.0.2","assignment":[{"topic":"t","partition":2},{"topic":"t","partition":1},{"topic":"u","partition":0}]}]}

        event: member-left
        data: {"group":"crew","at":0,"member_id":"one-1","group_instance_id":null,"client_id":"one","host":"/10.0.0.1","reason":"timed out"}

        event: assignment
        data: {"group":"crew","at":0,"generation":5,"assignor":"range","members":[{"member_id":"two-2","group_instance_id":"two","client_id":"c","host":"/10.0.0.2","assignment":[]}]}


        """;

    private readonly FakeCluster _cluster = new();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Who_owns_what_is_told_generation_by_generation()
    {
        var result = await new Shell(_cluster, () => new Node(Story)).RunAsync(["groups", "watch", "--group", "crew", "--max-generations", "2"], []);
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal(
            [
                "generation 3: 1 member (range)", "A one-1 t(0-2) u(0)",
                "+ B two joined from 10.0.0.2",
                "generation 4: 2 members (range)", "A one-1 t(0)", "B two-2 t(1,2) u(0)",
                "- A one timed out",
                "generation 5: 1 member (range)", "B two-2 -",
            ], result.Output.TrimEnd().Split('\n').Select(line => line[13..]));
    }

    [Fact]
    public async Task A_terminal_shows_the_members_and_below_a_row_a_generation()
    {
        var group = new WatchedGroup("crew");
        await foreach (var happened in ServerSentEvents.ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(Story)), CancellationToken.None))
            group.Take(happened);
        var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = 120;
        console.Write(GroupScreen.Draw(group));
        var lines = text.ToString().Split('\n').Select(line => line.TrimEnd()).ToList();
        Assert.Equal("crew  stable  generation 5  range  coordinator 2  lag 1,234", lines[0]);
        Assert.Contains(lines, line => line.Contains("│ A │ one") && line.Contains("4  t(0-2) u(0)"));
        Assert.Matches("generation +at +t 0-2 +u 0-0", lines.Single(line => line.Contains("generation at")));
        Assert.EndsWith("A A A A", lines.Single(line => line.TrimStart().StartsWith("3 ", StringComparison.Ordinal)));
        Assert.Matches("A B B +B +\\+ B two joined", lines.Single(line => line.TrimStart().StartsWith("4 ", StringComparison.Ordinal)));
        Assert.Matches("· · · +· +- A one timed out", lines.Single(line => line.TrimStart().StartsWith("5 ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_generation_that_came_while_no_node_told_is_shown_when_the_next_one_does()
    {
        const string Next = """
            event: group
            data: {"group":"crew","state":"Stable","assignor":"range","generation":7,"coordinator":3,"lag":0,"members":[{"member_id":"two-2","group_instance_id":"two","client_id":"c","host":"/10.0.0.2","lag":0,"assignment":[{"topic":"t","partition":0}]}]}

            event: ready
            data: {}

            event: group
            data: {"group":"crew","state":"Stable","assignor":"range","generation":8,"coordinator":3,"lag":0,"members":[]}

            event: assignment
            data: {"group":"crew","at":0,"generation":8,"assignor":"range","members":[]}


            """;
        var streams = new Queue<string>([Story, Next]);
        var result = await new Shell(_cluster, () => new Node(() => streams.Dequeue())).RunAsync(["groups", "watch", "--group", "crew", "--max-generations", "3"], []);
        Assert.True(result.ExitCode == 0, result.ToString());
        var lines = result.Output.TrimEnd().Split('\n');
        Assert.Contains("ended the stream", lines[^4]);
        Assert.Equal(["generation 7: 1 member (range)", "B two-2 t(0)", "generation 8: 0 members (range)"], lines[^3..].Select(line => line[13..]));

        var group = new WatchedGroup("crew");
        await foreach (var happened in ServerSentEvents.ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(Story)), CancellationToken.None))
            group.Take(happened);
        group.Interrupt("http://a ended the stream");
        var text = new StringWriter();
        AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(text) }).Write(GroupScreen.Draw(group));
        Assert.Contains("http://a ended the stream; trying again", text.ToString());
    }

    [Fact]
    public async Task Of_several_nodes_the_next_is_asked_when_one_does_not_answer()
    {
        var result = await new Shell(_cluster, () => new Node("""{"nodes":[{"id":2,"kafka":"k:1","http":"http://h:2","roles":["broker"],"status":"up","leaders":4,"groups":1,"tasks":0}],"controller":2}""", "http://b:8080/cluster"))
            .RunAsync(["cluster", "--http", "a:8080,b:8080"], []);
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal(["NODE", "STATUS", "KAFKA", "HTTP", "ROLES", "LEADERS", "GROUPS", "TASKS", "CONTROLLER"], Words(result.Output.Split('\n')[0]));
        Assert.Equal(["2", "up", "k:1", "http://h:2", "broker", "4", "1", "0", "yes"], Words(result.Output.Split('\n')[1]));
        var none = await new Shell(_cluster, () => new Node("", "nowhere")).RunAsync(["cluster"], []);
        Assert.Equal(1, none.ExitCode);
        Assert.Contains("Is a node running there?", none.Error);

        static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    private sealed class Node(Func<string> body, string? only = null) : HttpMessageHandler
    {
        public Node(string body, string? only = null)
            : this(() => body, only)
        {
        }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation) => only is not null && request.RequestUri!.ToString() != only
            ? throw new HttpRequestException("refused")
            : Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(body(), Encoding.UTF8) });
    }
}
