using System.Text;

namespace Actors.Hocon;

/// <summary>The four forms of an include: <c>"name"</c>, <c>file("name")</c>, <c>classpath("name")</c>, <c>url("name")</c>.</summary>
public enum HoconIncludeKind
{
    Name,
    File,
    ClassPath,
    Url,
}

/// <summary>What an include statement asks for, and the file that asks.</summary>
public sealed record HoconIncludeRequest(HoconIncludeKind Kind, string Name, string IncludingFile);

/// <summary>A text found for an include, with the name its positions shall carry.</summary>
public sealed record HoconText(string FileName, string Text);

/// <summary>The answer to an include: texts (later ones win), nothing, or a refusal with its reason.</summary>
public sealed record HoconIncludeResult
{
    private HoconIncludeResult(IReadOnlyList<HoconText> texts, string? refusal)
    {
        Texts = texts;
        Refusal = refusal;
    }

    /// <summary>There is no such text: an error only where the include says <c>required(...)</c>.</summary>
    public static HoconIncludeResult Missing { get; } = new([], null);

    public IReadOnlyList<HoconText> Texts { get; }
    public string? Refusal { get; }

    public static HoconIncludeResult Found(params IReadOnlyList<HoconText> texts) => new(texts, null);

    /// <summary>The include is an error, whether required or not.</summary>
    public static HoconIncludeResult Refused(string reason) => new([], reason);
}

/// <summary>Finds the texts of includes. Use the ready ones, or give a function.</summary>
public sealed class HoconIncludes(Func<HoconIncludeRequest, HoconIncludeResult> find)
{
    private const long MaxFileBytes = 64 * 1024 * 1024;

    /// <summary>Finds nothing.</summary>
    public static HoconIncludes None { get; } = new(_ => HoconIncludeResult.Missing);

    /// <summary>Every include is an error: for texts from strangers.</summary>
    public static HoconIncludes Refused { get; } = new(_ => HoconIncludeResult.Refused("includes are not allowed here"));

    /// <summary>Files, relative names against the including file's directory.</summary>
    public static HoconIncludes Files { get; } = FilesAnd(_ => null);

    /// <summary>Files first, and for <c>classpath("x")</c> and names no file has, what <paramref name="embedded"/> returns for the name (null: nothing).</summary>
    public static HoconIncludes FilesAnd(Func<string, string?> embedded) => new(request => request.Kind switch
    {
        HoconIncludeKind.Url => HoconIncludeResult.Refused("url(...) is not supported; use a file"),
        HoconIncludeKind.ClassPath => Candidates(request.Name, name => Embedded(embedded, name.TrimStart('/'))),
        HoconIncludeKind.File => Candidates(Beside(request), ReadFile),
        _ => Candidates(Beside(request), ReadFile) is { Texts.Count: > 0 } found ? found : Candidates(request.Name, name => Embedded(embedded, name)),
    });

    internal HoconIncludeResult Find(HoconIncludeRequest request) => find(request);

    private static HoconText? Embedded(Func<string, string?> embedded, string name) => embedded(name) is { } text ? new HoconText(name, text) : null;

    private static string Beside(HoconIncludeRequest request) =>
        Path.IsPathRooted(request.Name) ? request.Name : Path.Combine(Path.GetDirectoryName(request.IncludingFile) ?? "", request.Name);

    /// <summary>A name without one of the known endings stands for name.json and name.conf together, the latter winning.</summary>
    private static HoconIncludeResult Candidates(string name, Func<string, HoconText?> read)
    {
        string[] names = Path.GetExtension(name) is ".conf" or ".json" ? [name] : [name, name + ".json", name + ".conf"];
        var found = names.Select(read).OfType<HoconText>().ToArray();
        return found.Length == 0 ? HoconIncludeResult.Missing : HoconIncludeResult.Found(found);
    }

    internal static HoconText? ReadFile(string path)
    {
        if (path.Length == 0 || path.Contains('\0') || !File.Exists(path)) return null;
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        if (stream.Length > MaxFileBytes) throw new IOException($"{path} is larger than {MaxFileBytes} bytes");
        using var reader = new StreamReader(stream, new UTF8Encoding(false, throwOnInvalidBytes: true), detectEncodingFromByteOrderMarks: true);
        return new HoconText(path, reader.ReadToEnd());
    }
}
