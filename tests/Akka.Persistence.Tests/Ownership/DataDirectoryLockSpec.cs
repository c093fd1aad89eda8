using System.Diagnostics;
using Actors.Ownership;
using Xunit;

namespace Akka.Persistence.Tests;

public sealed class DataDirectoryLockSpec : IDisposable
{
    private readonly string _directory = Path.Combine(Directory.CreateTempSubdirectory("actors-tests-").FullName, "data");

    [Fact]
    public void A_second_holder_is_told_that_the_directory_is_in_use()
    {
        using (DataDirectoryLock.Acquire(_directory))
        {
            var refused = Assert.Throws<DataDirectoryInUseException>(() => DataDirectoryLock.Acquire(_directory));
            Assert.Equal(_directory, refused.Directory);
            Assert.Contains("in use by another node", refused.Message, StringComparison.Ordinal);
        }
        DataDirectoryLock.Acquire(_directory).Dispose();
    }

    [Fact]
    public void A_lock_of_a_process_that_was_killed_is_free()
    {
        if (!OperatingSystem.IsLinux()) return;
        Directory.CreateDirectory(_directory);
        using var holder = Process.Start(new ProcessStartInfo("flock", [Path.Combine(_directory, "lock"), "sleep", "60"]))!;
        var deadline = DateTime.UtcNow.AddSeconds(10);
        while (!IsRefused() && DateTime.UtcNow < deadline) Thread.Sleep(20);
        Assert.True(IsRefused(), "another process's lock is not seen");
        holder.Kill(entireProcessTree: true);
        // Its child has the lock too, and is reaped in its own time.
        while (IsRefused() && DateTime.UtcNow < deadline) Thread.Sleep(20);
        Assert.False(IsRefused(), "the lock outlived its process");
    }

    [Fact]
    public void A_directory_that_cannot_be_made_is_another_matter()
    {
        File.WriteAllText(_directory, "a file is in the way");
        var e = Assert.ThrowsAny<IOException>(() => DataDirectoryLock.Acquire(_directory));
        Assert.IsNotType<DataDirectoryInUseException>(e);
    }

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_directory)!, recursive: true);

    private bool IsRefused()
    {
        try
        {
            DataDirectoryLock.Acquire(_directory).Dispose();
            return false;
        }
        catch (DataDirectoryInUseException)
        {
            return true;
        }
    }
}
