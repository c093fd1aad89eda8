namespace Actors.Hocon;

/// <summary>Where in the document the parser is: the path from the root, or within a list, where there is none.</summary>
internal sealed record PathScope
{
    public static PathScope Root { get; } = new();

    /// <summary>Keys from the root of the file read first; null within a list.</summary>
    public IReadOnlyList<string>? Keys { get; init; } = [];

    /// <summary>Where the file being read is included.</summary>
    public IReadOnlyList<string> Prefix { get; init; } = [];

    /// <summary>The object an include within a list fills.</summary>
    public ObjectNode? Base { get; init; }

    public int Depth { get; init; }

    public PathScope InList() => this with { Keys = null, Depth = Depth + 1 };

    public PathScope Below(IReadOnlyList<PathElement> path) =>
        this with { Keys = Keys is null ? null : [.. Keys, .. path.Select(element => element.Key)], Depth = Depth + path.Count };

    /// <summary>The scope of a file included into the object.</summary>
    public PathScope Included(ObjectNode into) => this with { Prefix = Keys ?? [], Base = Keys is null ? into : null };
}

/// <summary>What remains to be read under the bounds, over all files of one document.</summary>
internal sealed class ParseBudget(HoconOptions options)
{
    private const int MaxIncludes = 1000;
    private const int MaxIncludeDepth = 50;
    private readonly List<string> _reading = [];
    private long _characters;
    private int _includes;

    public HoconOptions Options { get; } = options;

    public void Begin(SourceText source)
    {
        _characters += source.Text.Length;
        if (_characters > Options.MaxCharacters) throw new HoconException(new HoconPosition(source, 1, 1), "", $"more than {Options.MaxCharacters} characters in all");
        _reading.Add(source.Name);
    }

    public void End() => _reading.RemoveAt(_reading.Count - 1);

    public void BeginInclude(HoconPosition position, string fileName)
    {
        if (_reading.Contains(fileName)) throw new HoconException(position, "", $"the file includes itself: {string.Join(" -> ", _reading)} -> {fileName}");
        if (_reading.Count > MaxIncludeDepth) throw new HoconException(position, "", $"includes nest deeper than {MaxIncludeDepth}");
        if (++_includes > MaxIncludes) throw new HoconException(position, "", $"more than {MaxIncludes} includes");
    }
}
