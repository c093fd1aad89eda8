using System.Collections.Immutable;
using System.Diagnostics;
using Actors.Node.Tests;

namespace Actors.Groups.Tests;

/// <summary>A consumer of a real client library in a process of its own, and what it said so far.</summary>
public sealed class Member : IDisposable
{
    private readonly Process _process;
    private readonly Lock _gate = new();
    private readonly List<(TimeSpan At, ImmutableSortedSet<int> Partitions)> _owned = [];
    private readonly List<string> _lines = [];
    private readonly List<Place> _read = [];
    private readonly List<Place> _committed = [];
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously), _silent = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Member(Stopwatch watch, string client, string bootstrap, string topic, string group, string name, string strategy, int heartbeatMs, string? instance = null, bool counts = false)
    {
        Name = name;
        string[] more = counts ? ["--counts"] : [];
        string[] arguments = client == "kafkajs"
            ? [Path.Combine(Clients.Folder, "member.js"), bootstrap, topic, group, name, $"{heartbeatMs}", .. more]
            : [Path.Combine(Clients.Folder, "member.py"), client, bootstrap, topic, group, name, strategy, $"{heartbeatMs}", .. instance is null ? Array.Empty<string>() : [instance], .. more];
        var start = new ProcessStartInfo(client == "kafkajs" ? "node" : "/usr/bin/python3") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Read(watch, line.Data);
        _process.ErrorDataReceived += (_, line) => Note(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Name { get; }

    /// <summary>Its partitions now; none before it has joined.</summary>
    public ImmutableSortedSet<int> Owned
    {
        get
        {
            lock (_gate)
                return _owned.Count == 0 ? [] : _owned[^1].Partitions;
        }
    }

    /// <summary>Every assignment it had, with the time since the watch was started.</summary>
    public IReadOnlyList<(TimeSpan At, ImmutableSortedSet<int> Partitions)> History
    {
        get
        {
            lock (_gate)
                return [.. _owned];
        }
    }

    /// <summary>The records it got, in order, when it counts.</summary>
    public IReadOnlyList<Place> Reads
    {
        get
        {
            lock (_gate)
                return [.. _read];
        }
    }

    /// <summary>The offsets that its group's coordinator told it are committed, when it counts.</summary>
    public IReadOnlyList<Place> Commits
    {
        get
        {
            lock (_gate)
                return [.. _committed];
        }
    }

    /// <summary>What else it said.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_gate)
                return [.. _lines];
        }
    }

    public void Leave() => Tool.Run("kill", ["-TERM", $"{_process.Id}"]);

    /// <summary>Leaves, and waits until it has left and said all.</summary>
    public void LeaveAndEnd()
    {
        Leave();
        AwaitEnd();
    }

    /// <summary>Waits until it has left and said all.</summary>
    public void AwaitEnd()
    {
        if (!Task.WhenAny(_silent.Task, _closed.Task).Wait(TimeSpan.FromSeconds(20)))
            throw new TimeoutException($"{Name} did not leave within 20 s: {string.Join('\n', Lines)}");
        // librdkafka sometimes never comes to an end of its own after that, although it has left its group and waits for nobody: it counts references to connections that are gone.
        if (!_silent.Task.Wait(TimeSpan.FromSeconds(2)) && !_process.HasExited)
            _process.Kill();
        if (!_silent.Task.Wait(TimeSpan.FromSeconds(20)))
            throw new TimeoutException($"{Name} did not end within 20 s: {string.Join('\n', Lines)}");
    }

    /// <summary>Leaves and waits for its last words: the longest pause of each partition that it kept throughout.</summary>
    public IReadOnlyDictionary<int, TimeSpan> LeaveAndTellPauses()
    {
        LeaveAndEnd();
        return Lines.Where(line => line.StartsWith("paused ", StringComparison.Ordinal)).Select(line => line.Split(' '))
            .ToDictionary(words => int.Parse(words[1]), words => TimeSpan.FromMilliseconds(int.Parse(words[2])));
    }

    /// <summary>SIGKILL: the group hears nothing.</summary>
    public void Crash()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    public override string ToString() => $"{Name} [{string.Join(',', Owned)}] {string.Join("; ", Lines)}";

    private void Read(Stopwatch watch, string? line)
    {
        if (line is null)
        {
            _silent.TrySetResult();
            return;
        }
        var words = line.Split(' ');
        if (words[0] is "read" or "committed")
        {
            lock (_gate)
                (words[0] == "read" ? _read : _committed).Add(new Place(int.Parse(words[1]), long.Parse(words[2]), long.Parse(words[3])));
            return;
        }
        if (words[0] != "owns")
        {
            Note(line);
            return;
        }
        lock (_gate)
            _owned.Add((watch.Elapsed, [.. line[5..].Split(',', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)]));
    }

    private void Note(string? line)
    {
        if (line is null)
            return;
        if (line.StartsWith("%7|", StringComparison.Ordinal))
        {
            if (line.Contains("|CLOSE|", StringComparison.Ordinal) && line.EndsWith("Consumer closed", StringComparison.Ordinal))
                _closed.TrySetResult();
            return;
        }
        lock (_gate)
            _lines.Add(line);
    }
}

/// <summary>A record's or a commit's place, and when the member had it, in milliseconds since 1970.</summary>
public sealed record Place(int Partition, long Offset, long AtMs);
