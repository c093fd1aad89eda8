namespace Actors.Machines;

/// <summary>What a topic may be called. Source: Kafka's <c>Topic</c>; the reasons are its words.</summary>
public static class TopicName
{
    /// <summary>The longest name, in characters.</summary>
    public const int MaxLength = 249;

    /// <summary>Why a topic cannot have this name, or null.</summary>
    public static string? Validate(string name)
    {
        var reason = name switch
        {
            "" => "the empty string is not allowed",
            "." => "'.' is not allowed",
            ".." => "'..' is not allowed",
            { Length: > MaxLength } => $"the length of '{name}' is longer than the max allowed length {MaxLength}",
            _ when !name.All(IsLegal) => $"'{name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'",
            _ => null,
        };
        return reason is null ? null : $"Topic name is invalid: {reason}";
    }

    /// <summary>The form in which names that differ only in '.' and '_' are the same, as metrics would show them.</summary>
    public static string CollisionForm(string name) => name.Replace('.', '_');

    private static bool IsLegal(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-';
}
