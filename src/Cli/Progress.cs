using System.Globalization;

namespace Actors.Cli;

/// <summary>Tells on standard error how far a long command is, where that is a terminal: nothing in the first second, then twice a second in one line.</summary>
internal sealed class Progress(Terminal terminal, string what, long? all = null) : IDisposable
{
    private const long Patience = 1000, Every = 500;

    private long _next = Environment.TickCount64 + Patience;
    private int _length;

    public void At(long done)
    {
        // Where the output is the same screen, the records themselves tell.
        if (!terminal.ShowsProgress || (terminal.IsScreen && all is null) || Environment.TickCount64 < _next) return;
        _next = Environment.TickCount64 + Every;
        var text = string.Create(CultureInfo.InvariantCulture, $"{done:N0}{(all is { } of ? $" of {of:N0}" : "")} {what}");
        terminal.Error.Write($"\r{text.PadRight(_length)}");
        _length = text.Length;
    }

    /// <summary>Takes the line away.</summary>
    public void Dispose()
    {
        if (_length > 0) terminal.Error.Write($"\r{new string(' ', _length)}\r");
    }
}
