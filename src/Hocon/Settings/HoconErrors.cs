namespace Actors.Hocon;

/// <summary>Collects everything wrong with a configuration, so that a user sees it at once rather than one by one.</summary>
public sealed class HoconErrors
{
    private const int MaxErrors = 1000;
    private readonly List<HoconError> _errors = [];

    /// <summary>The errors in the order of their files and lines; the first thousand.</summary>
    public IReadOnlyList<HoconError> All => [.. _errors.OrderBy(error => error.Position.File, StringComparer.Ordinal).ThenBy(error => error.Position.Line).ThenBy(error => error.Position.Column)];
    public bool Any => _errors.Count > 0;

    public void Add(HoconError error)
    {
        if (_errors.Count < MaxErrors && !_errors.Contains(error)) _errors.Add(error);
    }

    public void Add(HoconValue value, string reason) => Add(value.Error(reason));

    /// <exception cref="HoconException">There are errors; it holds all of them.</exception>
    public void ThrowIfAny()
    {
        if (Any) throw new HoconException(All);
    }
}
