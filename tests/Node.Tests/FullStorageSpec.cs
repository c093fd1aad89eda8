using Xunit;

namespace Actors.Node.Tests;

/// <summary>A node that starts where there is no room left, on a small file system of its own: it says so, with what to do, and ends with 1; with room again it has what it had.</summary>
public sealed class FullStorageSpec : IDisposable
{
    private const int Unusable = 1;
    private readonly DirectoryInfo _volume = Directory.CreateTempSubdirectory("actors-full-");

    private string Data => Path.Combine(_volume.FullName, "data");

    private string Filler => Path.Combine(_volume.FullName, "filler");

    public FullStorageSpec() => Tool.Run("mount", ["-t", "tmpfs", "-o", "size=6m", "tmpfs", _volume.FullName]).Succeeded();

    public void Dispose()
    {
        Tool.Run("umount", ["--lazy", _volume.FullName]).Succeeded();
        _volume.Delete();
    }

    [MountFact]
    public void A_new_data_directory_finds_no_room()
    {
        LeaveKibibytes(0);
        Refused();
        File.Delete(Filler);
        using var node = NodeUnderTest.StartOn(Data);
        Assert.Equal(0, node.Terminate());
    }

    [MountFact]
    public void A_database_that_cannot_grow_is_named_and_serves_what_it_had_once_there_is_room()
    {
        using (var node = NodeUnderTest.StartOn(Data))
        {
            using var client = new WireClient(node.Kafka);
            client.CreateTopic("t");
            Assert.Equal(0, client.Produce("t", WireClient.Batch(1_000)).ErrorCode);
            Assert.Equal(0, node.Terminate());
        }
        // No room for anything; for the index of the write-ahead log, and nothing in it.
        foreach (var left in (int[])[0, 40])
        {
            LeaveKibibytes(left);
            Refused();
        }
        File.Delete(Filler);
        using var again = NodeUnderTest.StartOn(Data);
        using var reader = new WireClient(again.Kafka);
        Assert.Equal(1, reader.Fetch("t", 0).HighWatermark);
    }

    private void Refused()
    {
        var run = Tool.Run("dotnet", [NodeUnderTest.Dll, "--data", Data, "--kafka", "127.0.0.1:0", "--http", "127.0.0.1:0"]);
        Assert.True(run.ExitCode == Unusable, $"exit code {run.ExitCode}: {run.Error}");
        Assert.Contains("The storage is full", run.Error, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(Data, "actors.db"), run.Error, StringComparison.Ordinal);
        Assert.Contains("Make room", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
    }

    private void LeaveKibibytes(int left)
    {
        File.Delete(Filler);
        var free = new DriveInfo(_volume.FullName).AvailableFreeSpace;
        using var filler = File.Create(Filler);
        filler.Write(new byte[free - (left * 1024)]);
    }
}

/// <summary>A test that mounts a file system, as root on Linux may. Where that cannot be the test is skipped, but on CI it runs and fails.</summary>
public sealed class MountFactAttribute : FactAttribute
{
    private static readonly bool Missing = !OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess;

    public MountFactAttribute()
    {
        if (Missing && Environment.GetEnvironmentVariable("CI") != "true")
            Skip = "only root may mount a file system";
    }
}
