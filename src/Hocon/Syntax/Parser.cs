namespace Actors.Hocon;

/// <summary>Turns one text into nodes, includes read on the way.</summary>
internal sealed partial class Parser(SourceText source, ParseBudget budget, PathScope scope)
{
    private readonly Scanner _scanner = new(source);

    public Node ParseDocument()
    {
        budget.Begin(source);
        _scanner.SkipToNext();
        Node root;
        if (!_scanner.AtEnd && _scanner.Current == '[') root = ParseArray(scope);
        else if (!_scanner.AtEnd && _scanner.Current == '{') root = ParseObject(scope);
        else
        {
            var fields = new ObjectNode(_scanner.Position);
            ParseFields(fields, scope, null);
            root = fields;
        }
        _scanner.SkipToNext();
        if (!_scanner.AtEnd) throw _scanner.Error($"{_scanner.Found} after the end of the document");
        budget.End();
        return root;
    }

    private ObjectNode ParseObject(PathScope at)
    {
        var open = _scanner.Position;
        CheckDepth(at.Depth);
        _scanner.Advance();
        var fields = new ObjectNode(open);
        ParseFields(fields, at, open);
        return fields;
    }

    private ArrayNode ParseArray(PathScope at)
    {
        var array = new ArrayNode(_scanner.Position);
        CheckDepth(at.Depth);
        var inside = at.InList();
        _scanner.Advance();
        while (true)
        {
            _scanner.SkipToNext();
            if (_scanner.TryTake(']')) return array;
            if (_scanner.AtEnd) throw _scanner.Error(array.Position, "the list is not closed");
            if (_scanner.Current == ',') throw _scanner.Error("a comma without an element before it");
            array.Items.Add(ParseValue(inside));
            var newline = _scanner.SkipToNext();
            if (!_scanner.TryTake(',') && !newline && !_scanner.AtEnd && _scanner.Current != ']')
                throw _scanner.Error($"a comma, a newline or ']' is expected, {_scanner.Found} was found");
        }
    }

    /// <summary>Fields up to the closing brace, or to the end of the file where the root has no braces (<paramref name="open"/> is null).</summary>
    private void ParseFields(ObjectNode target, PathScope at, HoconPosition? open)
    {
        while (true)
        {
            _scanner.SkipToNext();
            if (_scanner.AtEnd)
            {
                if (open is { } position) throw _scanner.Error(position, "the object is not closed");
                return;
            }
            if (open is not null && _scanner.TryTake('}')) return;
            if (_scanner.Current == ',') throw _scanner.Error("a comma without a field before it");
            if (_scanner.AtWord("include")) ParseInclude(target, at);
            else ParseField(target, at);
            var newline = _scanner.SkipToNext();
            if (!_scanner.TryTake(',') && !newline && !_scanner.AtEnd && !(open is not null && _scanner.Current == '}'))
                throw _scanner.Error($"a comma, a newline{(open is null ? "" : " or '}'")} is expected, {_scanner.Found} was found");
        }
    }

    private void ParseField(ObjectNode target, PathScope at)
    {
        var path = HoconPath.Read(_scanner);
        var below = at.Below(path);
        CheckDepth(below.Depth);
        _scanner.SkipToNext();
        var append = !_scanner.AtEnd && _scanner.Current == '+' && _scanner.Next == '=';
        if (append) _scanner.TryTake("+=");
        else if (!_scanner.TryTake(':') && !_scanner.TryTake('=') && (_scanner.AtEnd || _scanner.Current != '{'))
            throw _scanner.Error($"':', '=' or '{{' is expected after the key, {_scanner.Found} was found", HoconPath.Print(path.Select(element => element.Key)));
        _scanner.SkipToNext();
        var value = append ? ParseAppended(below) : ParseValue(below);
        var into = target;
        for (var i = 0; i < path.Count - 1; i++) into = into.Child(path[i].Key, path[i].Position);
        into.Add(path[^1].Key, path[^1].Position, value);
    }

    /// <summary><c>a += b</c> means <c>a = ${?a} [b]</c>.</summary>
    private ConcatenationNode ParseAppended(PathScope at)
    {
        var position = _scanner.Position;
        var list = new ArrayNode(position);
        list.Items.Add(ParseValue(at.InList()));
        Node earlier = at.Keys is null
            ? new EarlierValueNode(position)
            : new SubstitutionNode(position, [.. at.Keys.Skip(at.Prefix.Count)], optional: true) { Prefix = at.Prefix };
        return new ConcatenationNode(position, [earlier, list]) { Appended = list };
    }

    private Node ParseValue(PathScope at)
    {
        CheckDepth(at.Depth);
        var parts = new List<Node>();
        while (true)
        {
            var blankStart = _scanner.Position;
            var blanks = _scanner.TakeBlanks();
            if (AtEndOfValue()) break;
            var part = ParsePart(at);
            if (blanks.Length > 0 && parts.Count > 0 && !IsContainer(parts[^1]) && !IsContainer(part)) parts.Add(new BlankNode(blankStart, blanks));
            parts.Add(part);
        }
        if (parts.Count == 0) throw _scanner.Error($"a value is expected, {_scanner.Found} was found", at.Keys is null ? "" : HoconPath.Print(at.Keys));
        return Concatenation.OfLiterals(parts);
    }

    private bool AtEndOfValue() => _scanner.AtEnd || _scanner.Current is '\n' or ',' or ']' or '}' || _scanner.AtComment;

    private static bool IsContainer(Node part) => part is ObjectNode or ArrayNode;

    private Node ParsePart(PathScope at)
    {
        var position = _scanner.Position;
        switch (_scanner.Current)
        {
            case '"': return new ScalarNode(position, _scanner.TakeQuoted(), HoconKind.String);
            case '{': return ParseObject(at);
            case '[': return ParseArray(at);
            case '$': return ParseSubstitution(at);
        }
        if (!_scanner.AtUnquoted) throw _scanner.Error($"{_scanner.Found} is not allowed in a value; put the text in quotes", at.Keys is null ? "" : HoconPath.Print(at.Keys));
        var (text, number) = _scanner.TakeUnquoted();
        var kind = number ? HoconKind.Number : text switch
        {
            "true" or "false" => HoconKind.Boolean,
            "null" => HoconKind.Null,
            _ => HoconKind.String,
        };
        return new ScalarNode(position, text, kind);
    }

    private SubstitutionNode ParseSubstitution(PathScope at)
    {
        var position = _scanner.Position;
        if (!_scanner.TryTake("${")) throw _scanner.Error("'$' is reserved for ${...}; put the text in quotes");
        var optional = _scanner.TryTake('?');
        var path = HoconPath.Read(_scanner);
        if (path.Count > budget.Options.MaxDepth) throw _scanner.Error(position, $"the path has more than {budget.Options.MaxDepth} keys");
        var list = _scanner.TryTake("[]");
        _scanner.TakeBlanks();
        if (!_scanner.TryTake('}')) throw _scanner.Error($"'}}' is expected at the end of a substitution, {_scanner.Found} was found");
        return new SubstitutionNode(position, [.. path.Select(element => element.Key)], optional) { Prefix = at.Prefix, Base = at.Base, List = list };
    }

    private void CheckDepth(int depth)
    {
        if (depth > budget.Options.MaxDepth) throw _scanner.Error($"objects and lists nest deeper than {budget.Options.MaxDepth}");
    }
}
