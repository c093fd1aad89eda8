using Actors.Node.Tests;

namespace Actors.Cluster.Tests;

/// <summary>A test whose nodes have names for each other of their own: each its own <c>/etc/hosts</c>, which takes a mount namespace.</summary>
public sealed class CutFactAttribute : ClientsFactAttribute
{
    /// <summary>A user namespace besides where this is not root's process.</summary>
    public static readonly string[] Unshare = Environment.UserName == "root" ? ["unshare", "--mount"] : ["unshare", "--map-root-user", "--mount"];

    public CutFactAttribute() : base("/usr/lib/postgresql/15/bin/initdb", "curl", "unshare")
    {
        if (Skip is null && Environment.GetEnvironmentVariable("CI") != "true" && !IsAllowed())
            Skip = $"{string.Join(' ', Unshare)} is not allowed here";
    }

    private static bool IsAllowed() => Tool.Run(Unshare[0], [.. Unshare[1..], "mount", "--bind", "/etc/hosts", "/etc/hosts"]).ExitCode == 0;
}
