using System.Collections.Concurrent;
using Actors.Client;
using Actors.Node.Tests;
using Microsoft.Playwright;
using Xunit;

namespace Actors.WebConsole.Tests;

/// <summary>The page in chromium, before a node with consumers that come and go.</summary>
public sealed class PageSpec : IAsyncLifetime
{
    private const string Chromium = "/usr/bin/chromium";

    private const string Topology = """
        topology {
          name = counting
          sources { work { topic = work, key = string, value = string } }
          flows { by-length { from = work, stages = [ { filter = "LEN(value) > 0" }, { group-by = "LEN(value)" }, { aggregate { cnt = "COUNT(*)" } }, { to { topic = lengths, key = string, value = json } } ] } }
        }
        """;

    private readonly NodeUnderTest _node = NodeUnderTest.Start();
    private readonly ConcurrentQueue<string> _complaints = new();
    private ClusterClient _client = null!;
    private IPlaywright? _playwright;
    private IBrowser _browser = null!;

    public sealed class ChromiumFactAttribute : FactAttribute
    {
        public ChromiumFactAttribute()
        {
            if (!File.Exists(Chromium) && Environment.GetEnvironmentVariable("CI") != "true")
                Skip = "chromium is not installed (Debian: apt-get install chromium)";
        }
    }

    public async Task InitializeAsync()
    {
        _client = new ClusterClient(new ClusterOptions { BootstrapServers = _node.Kafka });
        await using var admin = new Admin(_client);
        await admin.CreateTopicAsync(new NewTopic("work", 12));
        if (!File.Exists(Chromium))
            return;
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Chromium,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
    }

    public async Task DisposeAsync()
    {
        if (_playwright is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
        await _client.DisposeAsync();
        _node.Dispose();
    }

    [ChromiumFact]
    public async Task Groups_move_before_the_eyes_of_who_looks()
    {
        var page = await OpenAsync(ColorScheme.Light, 1280, 900);
        await SeesAsync(page, "#nodes .card", "Node 1");
        await SeesAsync(page, "#groups", "");
        var first = Join("first");
        await SeesAsync(page, ".group .facts", "generation 1 · range");
        await SeesAsync(page, ".group .members", "12 partitions");
        var second = Join("second");
        await SeesAsync(page, ".group .pill", "2 members");
        await SeesAsync(page, ".group .story", "second joined");
        await SeesAsync(page, ".group .story li[data-kind=in] i.c1", "B");
        await SeesAsync(page, ".group .story", "generation 2: 2 members, 6 partitions moved (range)");
        Assert.Equal(12, await page.Locator(".group .now .cell").CountAsync());
        Assert.Equal(6, await page.Locator(".group .now .cell.c1").CountAsync());
        Assert.Equal(1, await page.Locator(".group .past div").CountAsync());
        await second.DisposeAsync();
        await SeesAsync(page, ".group .pill", "1 member");
        await SeesAsync(page, "#happened", "second left");

        await using var producer = new Producer(_client);
        await producer.SendAsync(new ProducerRecord("work", null, "hello"u8.ToArray(), 3));
        await SeesAsync(page, ".topic .facts", "12 partitions · 1 records");
        await first.DisposeAsync();
        await SeesAsync(page, ".group .pill", "no members");
        Assert.Empty(_complaints);
    }

    [ChromiumFact]
    public async Task A_topology_is_a_graph_and_a_node_that_goes_away_is_missed()
    {
        var page = await OpenAsync(ColorScheme.Dark, 1280, 900);
        using var http = new HttpClient { BaseAddress = _node.Http };
        using var deployed = await http.PutAsync("topologies/counting", new StringContent(Topology));
        Assert.True(deployed.IsSuccessStatusCode, await deployed.Content.ReadAsStringAsync());
        await SeesAsync(page, ".topology h3", "counting");
        await SeesAsync(page, ".graph .flow", "group-by LEN(value)");
        Assert.Equal(["lengths", "work"], (await page.Locator(".graph .topic .name").AllTextContentsAsync()).Order());
        Assert.Equal(2, await page.Locator(".graph .edge").CountAsync());
        Assert.Empty(_complaints);
        _node.Kill();
        await SeesAsync(page, "#connection", "the node does not answer");
        _node.StartAgain();
        await SeesAsync(page, "#connection", "live");
        await SeesAsync(page, ".topology h3", "counting");
    }

    [ChromiumFact]
    public async Task It_fits_a_phone_and_both_schemes()
    {
        var (light, dark, phone) = (await OpenAsync(ColorScheme.Light, 1280, 900), await OpenAsync(ColorScheme.Dark, 1280, 900), await OpenAsync(ColorScheme.Dark, 360, 700));
        await using var member = Join("a-consumer-with-quite-a-long-name-that-a-phone-cannot-show");
        foreach (var page in (IPage[])[light, dark, phone])
        {
            await SeesAsync(page, ".group .pill", "1 member");
            Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), "the page is wider than its window");
        }
        Assert.NotEqual(await BackgroundAsync(light), await BackgroundAsync(dark));
        Assert.Empty(_complaints);

        static Task<string> BackgroundAsync(IPage page) => page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");
    }

    private async Task<IPage> OpenAsync(ColorScheme scheme, int width, int height)
    {
        var page = await _browser.NewPageAsync(new BrowserNewPageOptions { ColorScheme = scheme, ViewportSize = new ViewportSize { Width = width, Height = height } });
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                _complaints.Enqueue(message.Text);
        };
        page.PageError += (_, error) => _complaints.Enqueue(error);
        await page.GotoAsync(_node.Http.ToString());
        await page.Locator("body[data-ready]").WaitForAsync(new LocatorWaitForOptions { Timeout = 15_000 });
        return page;
    }

    private static async Task SeesAsync(IPage page, string where, string text) =>
        await Assertions.Expect(page.Locator(where).First).ToContainTextAsync(text, new LocatorAssertionsToContainTextOptions { Timeout = 15_000 });

    /// <summary>Members of one process are told apart by their client ids.</summary>
    private OwnConsumer Join(string name) => new(_node.Kafka, name);

    private sealed class OwnConsumer : IAsyncDisposable
    {
        private readonly ClusterClient _client;
        private readonly Consumer _consumer;

        public OwnConsumer(string bootstrap, string name)
        {
            _client = new ClusterClient(new ClusterOptions { BootstrapServers = bootstrap, ClientId = name });
            _consumer = new Consumer(_client, new ConsumerOptions { Group = new GroupOptions { GroupId = "crew", Topics = ["work"] } });
        }

        public async ValueTask DisposeAsync()
        {
            await _consumer.DisposeAsync();
            await _client.DisposeAsync();
        }
    }
}
