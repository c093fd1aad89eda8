using System.Diagnostics;
using Xunit;

namespace Actors.Node.Tests;

/// <summary>Waiting for what comes about by itself, with a deadline.</summary>
public static class Polling
{
    /// <summary>Looks until it is there; fails with what was there last.</summary>
    public static T Until<T>(Func<T> look, Func<T, bool> isThere, int seconds, string what)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            var found = look();
            if (isThere(found))
                return found;
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(seconds), $"{what}: not within {seconds} s; the last was {found}");
            Thread.Sleep(100);
        }
    }
}
