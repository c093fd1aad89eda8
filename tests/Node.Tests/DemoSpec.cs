using System.Diagnostics;
using Xunit;
using Xunit.Abstractions;

namespace Actors.Node.Tests;

/// <summary><c>--demo</c> as a newcomer sees it, and what a node takes to start and to be there.</summary>
public sealed class DemoSpec(ITestOutputHelper output)
{
    [Fact]
    public void The_demo_is_ready_first_and_then_shows_both_brands_and_ends_with_0()
    {
        using var node = NodeUnderTest.Start("--demo");
        var text = Polling.Until(
            () => node.Output, lines => lines.Contains("Acme cnt=") && lines.Contains("Globex cnt=") && lines.Contains("window "), 15, "rows of both brands and a window");
        Assert.StartsWith("ready: kafka ", text);
        output.WriteLine(text);
        Assert.Equal(0, node.Terminate());
    }

    [Fact]
    public void It_starts_soon_and_stays_small()
    {
        using var node = NodeUnderTest.Start();
        AwaitRest(node.Process);
        var megabytes = node.Process.WorkingSet64 / 1e6;
        output.WriteLine($"ready after {node.StartedIn.TotalSeconds:F2} s (goal 1.5 s), {megabytes:F0} MB resident at rest (goal 150 MB)");
        // A machine that builds and tests beside it gets three times as long.
        Assert.True(node.StartedIn < TimeSpan.FromSeconds(4.5), $"ready only after {node.StartedIn}");
        Assert.True(megabytes < 150, $"{megabytes:F0} MB resident");
    }

    [Fact]
    public void With_a_topology_at_work_it_stops_orderly_within_ten_seconds()
    {
        using var node = NodeUnderTest.Start("--demo");
        Polling.Until(() => node.Output, lines => lines.Contains("Acme cnt="), 15, "rows");
        var watch = Stopwatch.StartNew();
        Assert.Equal(0, node.Terminate());
        output.WriteLine($"stopped in {watch.Elapsed.TotalSeconds:F2} s");
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"it took {watch.Elapsed}");
    }

    /// <summary>Returns once the process has done next to nothing between two looks.</summary>
    private static void AwaitRest(Process process)
    {
        var before = TimeSpan.Zero;
        Polling.Until(() =>
        {
            process.Refresh();
            var (spent, now) = (process.TotalProcessorTime - before, process.TotalProcessorTime);
            before = now;
            return spent;
        }, spent => spent < TimeSpan.FromMilliseconds(10), 15, "a node at rest");
    }
}
