using System.Runtime.CompilerServices;

namespace Actors.Hocon;

/// <summary>One of the values a path was given, and the field it stands in. Direct: reached by its own path, not through a substitution.</summary>
internal readonly record struct Layer(Node Node, FieldStack? Owner, int Index, bool Direct);

/// <summary>What a stack of layers comes to, one level deep: an object's layers (the strongest first), a list's elements, a scalar, or nothing.</summary>
internal sealed class Flat
{
    public List<Layer>? Objects { get; private set; }
    public List<Node>? Items { get; private init; }
    public Node? Scalar { get; private init; }
    public HoconPosition Position { get; private set; }

    /// <summary>The substitutions replaced to get here, the outermost last.</summary>
    public List<SubstitutionNode> Through { get; } = [];

    public bool Defined => Objects is not null || Items is not null || Scalar is not null;

    /// <summary>Whether both are made of the very same values: one within the other then never ends.</summary>
    public bool SameAs(Flat other) =>
        Items is not null ? ReferenceEquals(Items, other.Items)
        : Objects is not null && other.Objects is not null && Objects.Select(layer => layer.Node).SequenceEqual(other.Objects.Select(layer => layer.Node));

    public static Flat Undefined() => new();
    public static Flat OfScalar(Node scalar) => new() { Scalar = scalar, Position = scalar.Position };
    public static Flat OfItems(HoconPosition position, List<Node> items) => new() { Items = items, Position = position };

    public void AddWeaker(IEnumerable<Layer> objects, HoconPosition position)
    {
        if (Objects is null) Position = position;
        (Objects ??= []).AddRange(objects);
    }
}

/// <summary>
/// Replaces substitutions by looking paths up in the merged document, lazily and level by level. While a substitution or a concatenation of a field is
/// worked out, that value of the field and all that override it are hidden, as the specification says: so a field can refer to its own earlier value,
/// and a cycle comes out as a missing value.
/// </summary>
internal sealed partial class Resolver(Node[] layers, Func<string, string?> environment, HoconOptions options)
{
    private readonly List<Layer> _root = [.. layers.Select(node => new Layer(node, null, 0, true))];
    private readonly Dictionary<FieldStack, int> _visible = [];
    private readonly HashSet<Node> _working = new(ReferenceEqualityComparer.Instance);
    private readonly List<Flat> _containing = [];
    private string _where = "";
    private int _depth;
    private long _steps;
    private bool _hidAValue;

    public HoconValue ResolveRoot() => Materialise(_root, "", 0) ?? throw new HoconException(_root[0].Node.Position, "", "the document has no value");

    /// <summary>The resolved value of the layers, or null where they come to nothing.</summary>
    private HoconValue? Materialise(List<Layer> view, string path, int depth)
    {
        var outer = _where;
        _where = path;
        var flat = Flatten(view, view.Count);
        if (!flat.Defined) return Leave(null);
        if (depth > options.MaxDepth) throw new HoconException(flat.Position, path, $"objects and lists nest deeper than {options.MaxDepth}");
        if (flat.Through.Count > 0 && _containing.Exists(flat.SameAs))
            return flat.Through.Exists(each => each.Optional) ? Leave(null) : throw new HoconException(flat.Through[^1].Position, path, $"{flat.Through[^1].Written} contains itself");
        _containing.Add(flat);
        var value = flat switch
        {
            { Objects: { } objects } => MaterialiseObject(objects, flat.Position, path, depth),
            { Items: { } items } => MaterialiseArray(items, flat.Position, path, depth),
            { Scalar: ResolvedNode resolved } => resolved.Value,
            _ => ScalarOf((ScalarNode)flat.Scalar!, path),
        };
        _containing.RemoveAt(_containing.Count - 1);
        return Leave(value);

        HoconValue? Leave(HoconValue? result)
        {
            _where = outer;
            return result;
        }
    }

    private static HoconScalar ScalarOf(ScalarNode scalar, string path) => new(scalar.Position, path, scalar.Text, scalar.Kind);

    private HoconObject MaterialiseObject(List<Layer> objects, HoconPosition position, string path, int depth)
    {
        var keys = new OrderedDictionary<string, HoconPosition>();
        for (var i = objects.Count - 1; i >= 0; i--)
            foreach (var (key, field) in ((ObjectNode)objects[i].Node).Fields) keys[key] = field.KeyPosition;
        var fields = new List<HoconField>(keys.Count);
        foreach (var (key, keyPosition) in keys)
        {
            if (Materialise(ChildOf(objects, key), HoconPath.Join(path, key), depth + 1) is { } value) fields.Add(new HoconField(key, keyPosition, value));
        }
        return new HoconObject(position, path, fields);
    }

    private HoconArray MaterialiseArray(List<Node> items, HoconPosition position, string path, int depth, int numbersFrom = 0)
    {
        var values = new List<HoconValue>(items.Count);
        foreach (var item in items)
        {
            if (Materialise([new Layer(item, null, 0, true)], $"{path}[{numbersFrom + values.Count}]", depth + 1) is { } value) values.Add(value);
        }
        return new HoconArray(position, path, values);
    }

    /// <summary>The first <paramref name="count"/> layers as one value: from the strongest down, objects merge until something else ends them.</summary>
    private Flat Flatten(List<Layer> view, int count)
    {
        var merged = Flat.Undefined();
        for (var i = count - 1; i >= 0; i--)
        {
            var flat = FlattenOne(view, i);
            if (!flat.Defined) continue;
            merged.Through.AddRange(flat.Through);
            if (flat.Objects is { } objects) merged.AddWeaker(objects, flat.Position);
            else if (merged.Defined) break;
            else return flat;
        }
        return merged;
    }

    private Flat FlattenOne(List<Layer> view, int index)
    {
        var layer = view[index];
        Step(1, layer.Node.Position);
        switch (layer.Node)
        {
            case ScalarNode or ResolvedNode: return Flat.OfScalar(layer.Node);
            case ArrayNode array: return Flat.OfItems(array.Position, array.Items);
            case ObjectNode:
                var flat = Flat.Undefined();
                flat.AddWeaker([layer], layer.Node.Position);
                return flat;
            case EarlierValueNode: return Flatten(view, index);
            default: return WorkOut(view, index, layer);
        }
    }

    /// <summary>A substitution or concatenation, with its own field's value hidden meanwhile.</summary>
    private Flat WorkOut(List<Layer> view, int index, Layer layer)
    {
        if (!_working.Add(layer.Node))
        {
            _hidAValue = true;
            return layer.Node is SubstitutionNode { Optional: false } circular ? throw Circular(circular) : Flat.Undefined();
        }
        if (++_depth > 1000 || !RuntimeHelpers.TryEnsureSufficientExecutionStack()) throw Error(layer.Node.Position, "substitutions lead to each other too deeply");
        var hidden = 0;
        var wasHidden = layer.Owner is { } owner && _visible.TryGetValue(owner, out hidden);
        if (layer.Owner is not null) _visible[layer.Owner] = layer.Index;
        var flat = layer.Node is SubstitutionNode substitution ? Substitute(substitution) : Join((ConcatenationNode)layer.Node, view, index);
        if (wasHidden) _visible[layer.Owner!] = hidden;
        else if (layer.Owner is not null) _visible.Remove(layer.Owner);
        _depth--;
        _working.Remove(layer.Node);
        return flat;
    }

    private Flat Substitute(SubstitutionNode substitution)
    {
        var hidBefore = _hidAValue;
        _hidAValue = false;
        var flat = Flat.Undefined();
        if (substitution.Base is { } included) flat = LookUp([new Layer(included, null, 0, false)], substitution.Path);
        if (!flat.Defined && substitution.Prefix.Count > 0) flat = LookUp(_root, [.. substitution.Prefix, .. substitution.Path]);
        if (!flat.Defined) flat = LookUp(_root, substitution.Path);
        if (!flat.Defined) flat = FromEnvironment(substitution);
        if (!flat.Defined && !substitution.Optional)
            throw _hidAValue ? Circular(substitution) : Error(substitution.Position, $"{substitution.Written} is not defined, neither in the configuration nor in the environment");
        _hidAValue = hidBefore;
        var result = flat.Objects is { } objects ? Indirect(objects, flat.Position) : flat;
        if (!ReferenceEquals(result, flat)) result.Through.AddRange(flat.Through);
        result.Through.Add(substitution);
        return result;
    }

    private static Flat Indirect(List<Layer> objects, HoconPosition position)
    {
        var flat = Flat.Undefined();
        flat.AddWeaker(objects.Select(layer => layer with { Direct = false }), position);
        return flat;
    }

    private Flat FromEnvironment(SubstitutionNode substitution)
    {
        var name = string.Join('.', substitution.Path);
        if (!substitution.List) return Variable(name) is { } value ? Flat.OfScalar(value) : Flat.Undefined();
        var items = new List<Node>();
        while (Variable($"{name}_{items.Count}") is { } item) items.Add(item);
        return items.Count == 0 ? Flat.Undefined() : Flat.OfItems(substitution.Position, items);

        ScalarNode? Variable(string variable)
        {
            Step(1, substitution.Position);
            return environment(variable) is { } text ? new ScalarNode(substitution.Position, text, HoconKind.String) : null;
        }
    }

    private Flat LookUp(List<Layer> root, IReadOnlyList<string> path)
    {
        var view = root;
        foreach (var key in path)
        {
            Step(1, root[0].Node.Position);
            if (Flatten(view, view.Count).Objects is not { } objects) return Flat.Undefined();
            view = ChildOf(objects, key);
        }
        return Flatten(view, view.Count);
    }

    /// <summary>The values of a key over all layers of an object, the weakest first, without those that are hidden just now.</summary>
    private List<Layer> ChildOf(List<Layer> objects, string key)
    {
        var view = new List<Layer>();
        foreach (var layer in objects)
        {
            if (!((ObjectNode)layer.Node).Fields.TryGetValue(key, out var field)) continue;
            var count = field.Entries.Count;
            if (_visible.TryGetValue(field, out var visible) && visible < count)
            {
                count = visible;
                _hidAValue = true;
                if (layer.Direct) view.Clear();
            }
            for (var i = count - 1; i >= 0; i--) view.Add(new Layer(field.Entries[i], field, i, layer.Direct));
        }
        view.Reverse();
        return view;
    }

    private void Step(int cost, HoconPosition position)
    {
        _steps += cost;
        if (_steps > options.MaxSteps) throw Error(position, $"resolving takes more than {options.MaxSteps} steps");
    }

    private HoconException Circular(SubstitutionNode substitution) => Error(substitution.Position, $"{substitution.Written} refers to itself and has no earlier value");
    private HoconException Error(HoconPosition position, string reason) => new(position, _where, reason);
}
