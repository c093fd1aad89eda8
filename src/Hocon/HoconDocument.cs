using System.Security;
using System.Text;

namespace Actors.Hocon;

/// <summary>A parsed text, or several merged, with its substitutions not yet resolved. Immutable.</summary>
public sealed class HoconDocument
{
    private readonly Node[] _layers;
    private readonly HoconOptions _options;

    private HoconDocument(Node[] layers, HoconOptions options)
    {
        _layers = layers;
        _options = options;
    }

    /// <summary>A document of no fields.</summary>
    public static HoconDocument Empty { get; } = Parse("", "(empty)");

    /// <summary>Reads a text. <paramref name="fileName"/> names it in positions and is what relative includes are relative to.</summary>
    /// <exception cref="HoconException">The text, or one it includes, is not HOCON.</exception>
    public static HoconDocument Parse(string text, string fileName, HoconOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(fileName);
        options ??= HoconOptions.Default;
        var parser = new Parser(new SourceText(fileName, text), new ParseBudget(options), PathScope.Root);
        return new HoconDocument([parser.ParseDocument()], options);
    }

    /// <summary>This document over another: objects merge, else this one's value wins. Substitutions see the merged whole.</summary>
    public HoconDocument WithFallback(HoconDocument fallback)
    {
        ArgumentNullException.ThrowIfNull(fallback);
        return new HoconDocument([.. fallback._layers, .. _layers], _options);
    }

    /// <summary>The whole with every substitution replaced; what the document lacks is asked of <paramref name="environment"/> (null: no environment).</summary>
    /// <exception cref="HoconException">A substitution is undefined or circular, values cannot be joined, or the root is a list.</exception>
    public HoconObject Resolve(Func<string, string?>? environment = null) =>
        ResolveRoot(environment) is { } root
            ? root as HoconObject ?? throw new HoconException(root.Position, "", "the document is a list; fields are expected")
            : throw new HoconException(default, "", "the document has no value");

    /// <summary>As <see cref="Resolve(Func{string,string?})"/>, for a document that may also be a list.</summary>
    public HoconValue ResolveRoot(Func<string, string?>? environment = null) =>
        new Resolver(_layers, environment ?? (_ => null), _options).ResolveRoot();

    /// <summary>Resolves with the variables of a dictionary.</summary>
    public HoconObject Resolve(IReadOnlyDictionary<string, string> environment) => Resolve(name => environment.TryGetValue(name, out var value) ? value : null);
}

/// <summary>Reads documents from files.</summary>
public static class HoconFile
{
    /// <summary>Reads a UTF-8 file; its includes are files relative to it, unless the options say otherwise.</summary>
    /// <exception cref="HoconException">The file cannot be read (position: its name, line 1) or is not HOCON.</exception>
    public static HoconDocument Load(string path, HoconOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        options ??= new HoconOptions { Includes = HoconIncludes.Files };
        HoconText? found;
        try
        {
            found = HoconIncludes.ReadFile(path);
        }
        catch (Exception e) when (Unreadable(e))
        {
            throw new HoconException(new HoconPosition(path, 1, 1), "", $"the file cannot be read: {e.Message}");
        }
        return found is null
            ? throw new HoconException(new HoconPosition(path, 1, 1), "", "there is no such file")
            : HoconDocument.Parse(found.Text, path, options);
    }

    internal static bool Unreadable(Exception e) =>
        e is IOException or UnauthorizedAccessException or DecoderFallbackException or ArgumentException or NotSupportedException or SecurityException;
}
