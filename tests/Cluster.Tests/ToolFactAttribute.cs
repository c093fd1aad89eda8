using Actors.Node.Tests;
using Xunit;

namespace Actors.Cluster.Tests;

/// <summary>A test that needs programs of the machine, by name or path. Where one is missing the test is skipped, but on CI it runs and fails.</summary>
public class ToolFactAttribute : FactAttribute
{
    public ToolFactAttribute(params string[] programs)
    {
        var missing = programs.Where(program => !(program.StartsWith('/') ? Path.Exists(program) : Tool.Exists(program))).ToArray();
        if (missing.Length > 0 && Environment.GetEnvironmentVariable("CI") != "true")
            Skip = $"not installed: {string.Join(", ", missing)}";
    }
}
