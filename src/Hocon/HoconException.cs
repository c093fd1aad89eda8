using System.Text;

namespace Actors.Hocon;

/// <summary>One thing wrong with a configuration: where, at which key (a path expression; empty where none applies), and why.</summary>
public sealed record HoconError(HoconPosition Position, string Path, string Reason)
{
    /// <summary><c>FILE:LINE:COLUMN: KEY: REASON</c>, on one line; without the key where none applies.</summary>
    public override string ToString() => OneLine(Path.Length == 0 ? $"{Position}: {Reason}" : $"{Position}: {Path}: {Reason}");

    /// <summary>The same, followed by the line itself and a mark below the column.</summary>
    public string Explain() => Position.Excerpt() is { } excerpt ? $"{this}\n{excerpt}" : ToString();

    private static string OneLine(string text)
    {
        if (!text.Any(char.IsControl)) return text;
        var clean = new StringBuilder(text.Length);
        foreach (var c in text) clean.Append(char.IsControl(c) ? HoconPrinter.Escape(c) : c.ToString());
        return clean.ToString();
    }
}

/// <summary>A configuration that cannot be read; the only exception this library throws for bad input. Holds one error, or all that a reader collected.</summary>
public sealed class HoconException : Exception
{
    public HoconException(HoconPosition position, string path, string reason) : this([new HoconError(position, path, reason)]) { }

    public HoconException(IReadOnlyList<HoconError> errors) : base(string.Join('\n', errors)) => Errors = errors;

    /// <summary>Everything found wrong, at least one, in the order found. The message has one line for each.</summary>
    public IReadOnlyList<HoconError> Errors { get; }

    /// <summary>The first error's position.</summary>
    public HoconPosition Position => Errors[0].Position;

    /// <summary>The first error's key, as a path expression.</summary>
    public string Path => Errors[0].Path;

    /// <summary>The first error's reason.</summary>
    public string Reason => Errors[0].Reason;

    /// <summary>The message, a line for each error; then, in the same order, the lines of text that are at hand, each with a mark below the place.</summary>
    public string Explain() => string.Join('\n', Errors.Select(error => error.Position.Excerpt()).OfType<string>().Prepend(Message));
}
