using System.Text;

namespace Actors.Hocon;

internal sealed partial class Resolver
{
    /// <summary>A concatenation: undefined parts are left out, the rest are all lists, all objects or all text.</summary>
    private Flat Join(ConcatenationNode concatenation, List<Layer> view, int index)
    {
        var parts = new List<(Node Node, Flat Flat)>();
        var blanks = false;
        foreach (var part in concatenation.Parts)
        {
            if (part is BlankNode)
            {
                blanks = true;
                parts.Add((part, Flat.Undefined()));
                continue;
            }
            var flat = part is EarlierValueNode ? Flatten(view, index) : FlattenOne([new Layer(part, null, 0, true)], 0);
            if (flat.Defined) parts.Add((part, flat));
        }
        var values = parts.FindAll(part => part.Flat.Defined);
        if (values.Count == 0) return blanks ? Flat.OfScalar(new ScalarNode(concatenation.Position, TextOf(parts), HoconKind.String)) : Flat.Undefined();
        if (values.Count == 1 && parts.Count == 1) return values[0].Flat;
        var joined = values.Exists(part => part.Flat.Items is not null) ? JoinLists(concatenation, values)
            : values.Exists(part => part.Flat.Objects is not null) ? JoinObjects(values)
            : Flat.OfScalar(new ScalarNode(concatenation.Position, TextOf(parts), HoconKind.String));
        foreach (var (_, flat) in values) joined.Through.AddRange(flat.Through);
        return joined;
    }

    private string TextOf(List<(Node Node, Flat Flat)> parts)
    {
        var text = new StringBuilder();
        foreach (var (node, flat) in parts)
        {
            var part = node is BlankNode blank ? blank.Text : flat.Scalar switch
            {
                ScalarNode scalar => scalar.Text,
                _ => throw Error(node.Position, "text cannot be joined with a list or an object"),
            };
            Step(1 + part.Length / 16, node.Position);
            text.Append(part);
        }
        return text.ToString();
    }

    private Flat JoinObjects(List<(Node Node, Flat Flat)> parts)
    {
        var joined = Flat.Undefined();
        for (var i = parts.Count - 1; i >= 0; i--)
        {
            if (parts[i].Flat.Objects is not { } objects) throw Error(parts[i].Node.Position, "an object cannot be joined with text");
            joined.AddWeaker(objects, parts[0].Flat.Position);
        }
        return joined;
    }

    private Flat JoinLists(ConcatenationNode concatenation, List<(Node Node, Flat Flat)> parts)
    {
        var items = new List<Node>();
        foreach (var (node, flat) in parts)
        {
            // Elements are worked out now, while the field's own value is hidden: they may refer to its earlier one.
            if (flat.Items is { } elements) items.AddRange(MaterialiseArray(elements, flat.Position, _where, 1, items.Count).Select(value => new ResolvedNode(value)));
            else if (flat.Objects is { } objects && NumberedElements(MaterialiseObject(objects, flat.Position, _where, 1)) is { } numbered) items.AddRange(numbered);
            else throw Error(node.Position, $"a list cannot be joined with {(flat.Objects is null ? "text" : "an object")}");
            Step(items.Count / 16, node.Position);
        }
        return Flat.OfItems(concatenation.Position, items);
    }

    private static IEnumerable<Node>? NumberedElements(HoconObject value) => value.NumberedElements()?.Select(element => new ResolvedNode(element));
}
