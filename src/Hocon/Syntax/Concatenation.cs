namespace Actors.Hocon;

/// <summary>Joins what stands side by side in one value: strings to a string, lists to a list, objects to an object.</summary>
internal static class Concatenation
{
    /// <summary>Joins at once where nothing waits for resolution, so that a literal that cannot be joined is refused by the parser.</summary>
    public static Node OfLiterals(List<Node> parts)
    {
        if (parts.Count == 1) return parts[0];
        if (parts.Exists(part => part is SubstitutionNode))
        {
            if (parts.Find(part => part is ScalarNode) is { } scalar && parts.Find(part => part is ArrayNode or ObjectNode) is { } container) throw Mixed(scalar, container);
            return new ConcatenationNode(parts[0].Position, parts);
        }
        if (parts.TrueForAll(part => part is ScalarNode or BlankNode)) return new ScalarNode(parts[0].Position, string.Concat(parts.Select(TextOf)), HoconKind.String);
        if (parts.TrueForAll(part => part is ObjectNode)) return parts.Cast<ObjectNode>().Aggregate((first, next) => { first.Merge(next); return first; });
        if (parts.TrueForAll(part => part is ArrayNode)) return parts.Cast<ArrayNode>().Aggregate((first, next) => { first.Items.AddRange(next.Items); return first; });
        if (parts.Find(part => part is ScalarNode) is { } text) throw Mixed(text, parts.Find(part => part is ArrayNode or ObjectNode)!);
        return new ConcatenationNode(parts[0].Position, parts);
    }

    public static string TextOf(Node part) => part switch
    {
        ScalarNode scalar => scalar.Text,
        BlankNode blank => blank.Text,
        _ => throw new InvalidOperationException($"{part.GetType().Name} has no text"),
    };

    private static HoconException Mixed(Node scalar, Node container) =>
        new(scalar.Position, "", $"text and {(container is ArrayNode ? "a list" : "an object")} stand side by side; a comma or a newline may be missing");
}
