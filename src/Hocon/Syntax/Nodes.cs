namespace Actors.Hocon;

/// <summary>What the parser makes: values whose substitutions stand unresolved.</summary>
internal abstract class Node(HoconPosition position)
{
    public HoconPosition Position { get; } = position;

    /// <summary>Whether anything in here waits for resolution.</summary>
    public abstract bool HasSubstitution { get; }
}

internal sealed class ScalarNode(HoconPosition position, string text, HoconKind kind) : Node(position)
{
    public string Text { get; } = text;
    public HoconKind Kind { get; } = kind;
    public override bool HasSubstitution => false;
}

/// <summary>Blanks between two parts of a concatenation: text between strings, nothing between lists or objects.</summary>
internal sealed class BlankNode(HoconPosition position, string text) : Node(position)
{
    public string Text { get; } = text;
    public override bool HasSubstitution => false;
}

internal sealed class ArrayNode(HoconPosition position) : Node(position)
{
    public List<Node> Items { get; } = [];
    public override bool HasSubstitution => Items.Exists(item => item.HasSubstitution);
}

/// <summary>A value already resolved, where an object with numeric keys became list elements.</summary>
internal sealed class ResolvedNode(HoconValue value) : Node(value.Position)
{
    public HoconValue Value { get; } = value;
    public override bool HasSubstitution => false;
}

/// <summary><c>${path}</c>. Within an included file the path is first taken below the place of the include, then from the root.</summary>
internal sealed class SubstitutionNode(HoconPosition position, IReadOnlyList<string> path, bool optional) : Node(position)
{
    /// <summary>The path as written.</summary>
    public IReadOnlyList<string> Path { get; } = path;
    public bool Optional { get; } = optional;

    /// <summary>Where the file is included: looked up first; empty in the file read first.</summary>
    public IReadOnlyList<string> Prefix { get; init; } = [];

    /// <summary>The object that an include within a list fills: looked up first, as list elements have no path.</summary>
    public ObjectNode? Base { get; init; }

    /// <summary><c>${name[]}</c>: NAME_0, NAME_1 ... of the environment.</summary>
    public bool List { get; init; }

    public string Written => $"${{{(Optional ? "?" : "")}{HoconPath.Print(Path)}{(List ? "[]" : "")}}}";
    public override bool HasSubstitution => true;
}

/// <summary>The field's own earlier value, for <c>+=</c> within a list, where there is no path to name it by.</summary>
internal sealed class EarlierValueNode(HoconPosition position) : Node(position)
{
    public override bool HasSubstitution => true;
}

internal sealed class ConcatenationNode(HoconPosition position, List<Node> parts) : Node(position)
{
    public List<Node> Parts { get; } = parts;

    /// <summary>The list that <c>+=</c> appends to, so that many of them in a row stay one concatenation.</summary>
    public ArrayNode? Appended { get; init; }
    public override bool HasSubstitution => true;
}

/// <summary>All values a field was given that still matter, the earliest first.</summary>
internal sealed class FieldStack(HoconPosition keyPosition)
{
    public HoconPosition KeyPosition { get; set; } = keyPosition;
    public List<Node> Entries { get; } = [];

    public void Add(Node value)
    {
        switch (value)
        {
            case ScalarNode or ArrayNode:
                // Nothing before a plain value can show through; the value itself stays, for it hides fallbacks from later objects.
                Entries.Clear();
                Entries.Add(value);
                break;
            case ObjectNode added when Entries.Count > 0 && Entries[^1] is ObjectNode last:
                last.Merge(added);
                break;
            case ConcatenationNode { Appended: { Items: [var item] } } when !item.HasSubstitution && Entries.Count > 0 && ListToAppendTo() is { } list:
                list.Items.Add(item);
                break;
            default:
                Entries.Add(value);
                break;
        }
    }

    private ArrayNode? ListToAppendTo() => Entries[^1] switch
    {
        ArrayNode array => array,
        ConcatenationNode { Appended: { } array } => array,
        _ => null,
    };
}

internal sealed class ObjectNode(HoconPosition position) : Node(position)
{
    public OrderedDictionary<string, FieldStack> Fields { get; } = [];
    public override bool HasSubstitution => Fields.Values.Any(stack => stack.Entries.Exists(entry => entry.HasSubstitution));

    public void Add(string key, HoconPosition keyPosition, Node value) => StackOf(key, keyPosition).Add(value);

    /// <summary>The object under the key, made if the key's latest value is not one.</summary>
    public ObjectNode Child(string key, HoconPosition keyPosition)
    {
        var stack = StackOf(key, keyPosition);
        if (stack.Entries.Count > 0 && stack.Entries[^1] is ObjectNode last) return last;
        var child = new ObjectNode(keyPosition);
        stack.Add(child);
        return child;
    }

    public void Merge(ObjectNode later)
    {
        foreach (var (key, field) in later.Fields)
        {
            var stack = StackOf(key, field.KeyPosition);
            foreach (var entry in field.Entries) stack.Add(entry);
        }
    }

    private FieldStack StackOf(string key, HoconPosition keyPosition)
    {
        if (!Fields.TryGetValue(key, out var stack)) Fields.Add(key, stack = new FieldStack(keyPosition));
        stack.KeyPosition = keyPosition;
        return stack;
    }
}
