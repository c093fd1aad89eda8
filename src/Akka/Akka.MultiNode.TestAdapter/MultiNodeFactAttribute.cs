using Xunit;
using Xunit.Sdk;

namespace Akka.MultiNode.TestAdapter;

/// <summary>
/// Marks a method of a <c>MultiNodeSpec</c> that runs on all its nodes at once. <see cref="FactAttribute.Timeout"/> (milliseconds,
/// three minutes when not set) bounds the whole run.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("Akka.MultiNode.TestAdapter.MultiNodeFactDiscoverer", "Akka.MultiNode.TestAdapter")]
public class MultiNodeFactAttribute : FactAttribute
{
    /// <summary>Why it is skipped outside continuous integration (where the variable CI is not set).</summary>
    public string? SkipLocal { get; set; }

    public override string? Skip
    {
        get => base.Skip ?? (SkipLocal is not null && Environment.GetEnvironmentVariable("CI") is null ? SkipLocal : null);
        set => base.Skip = value;
    }
}
