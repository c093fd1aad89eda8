namespace Akka.Remote.TestKit;

/// <summary>The name of a node in a multi-node spec.</summary>
public sealed class RoleName(string name) : IEquatable<RoleName>
{
    public string Name { get; } = name;

    public bool Equals(RoleName? other) => other is not null && Name == other.Name;

    public override bool Equals(object? obj) => Equals(obj as RoleName);

    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Name;

    public static bool operator ==(RoleName? left, RoleName? right) => Equals(left, right);

    public static bool operator !=(RoleName? left, RoleName? right) => !Equals(left, right);
}

/// <summary>What was asked of the conductor has been done.</summary>
public sealed class Done
{
    private Done() { }

    internal static Done Instance { get; } = new();
}
