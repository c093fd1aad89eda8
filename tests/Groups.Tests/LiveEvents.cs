using System.Diagnostics;
using System.Text.Json;

namespace Actors.Groups.Tests;

/// <summary>What a node's /events told.</summary>
public sealed record LiveEvent(string Name, JsonElement Data)
{
    /// <summary>When it came, on this process's monotonic clock.</summary>
    public long Came { get; } = Stopwatch.GetTimestamp();

    public DateTimeOffset At => DateTimeOffset.FromUnixTimeMilliseconds(Data.GetProperty("at").GetInt64());

    public bool IsOf(string group) => Data.TryGetProperty("group", out var of) && of.GetString() == group;

    public override string ToString() => $"{Name} {Data}";
}

/// <summary>A listener at /events from when it is ready on.</summary>
public sealed class LiveEvents : IDisposable
{
    private readonly HttpClient _http;
    private readonly CancellationTokenSource _over = new();
    private readonly Lock _gate = new();
    private readonly List<LiveEvent> _events = [];
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public LiveEvents(Uri node)
    {
        _http = new HttpClient { BaseAddress = node };
        _ = ReadAsync();
        if (!_ready.Task.Wait(TimeSpan.FromSeconds(10)))
            throw new TimeoutException("/events told nothing within 10 s");
    }

    /// <summary>All so far.</summary>
    public IReadOnlyList<LiveEvent> All
    {
        get
        {
            lock (_gate)
                return [.. _events];
        }
    }

    public int Heartbeats { get; private set; }

    public void Dispose()
    {
        _over.Cancel();
        _http.Dispose();
    }

    private async Task ReadAsync()
    {
        try
        {
            using var lines = new StreamReader(await _http.GetStreamAsync("events", _over.Token));
            var name = "";
            while (await lines.ReadLineAsync(_over.Token) is { } line)
            {
                if (line.StartsWith("event: ", StringComparison.Ordinal))
                    name = line[7..];
                else if (line.StartsWith("data: ", StringComparison.Ordinal))
                    Add(new LiveEvent(name, JsonDocument.Parse(line[6..]).RootElement));
                else if (line == ": heartbeat")
                    Heartbeats++;
            }
        }
        catch (OperationCanceledException) when (_over.IsCancellationRequested)
        {
            // Nobody listens any more.
        }
        catch (Exception e)
        {
            _ready.TrySetException(e);
        }
    }

    private void Add(LiveEvent happened)
    {
        lock (_gate)
            _events.Add(happened);
        if (happened.Name == "ready")
            _ready.TrySetResult();
    }
}
