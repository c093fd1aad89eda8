using System.Globalization;
using System.Text.RegularExpressions;

namespace Actors.Machines;

/// <summary>What may stand in a configuration, read from the text with which Kafka's validators describe themselves; the reasons are their words.</summary>
internal sealed partial class ConfigurationBounds
{
    private enum Kind
    {
        Any,
        Range,
        Words,
        WordsOfAnyCase,
        NotEmpty,
        Replicas,
        Versions,
    }

    private Kind _kind;
    private double _least = double.NegativeInfinity, _most = double.PositiveInfinity;
    private double? _also;
    private string[] _words = [];

    public static ConfigurationBounds Parse(string? text)
    {
        var bounds = new ConfigurationBounds();
        if (text is null)
            return bounds;
        if (RangeText().Match(text) is { Success: true } range)
        {
            bounds._kind = Kind.Range;
            bounds._least = double.Parse(range.Groups[1].Value, CultureInfo.InvariantCulture);
            if (range.Groups[2].Success)
                bounds._most = double.Parse(range.Groups[2].Value, CultureInfo.InvariantCulture);
            if (range.Groups[3].Success)
                bounds._also = double.Parse(range.Groups[3].Value, CultureInfo.InvariantCulture);
        }
        else if (text.StartsWith("[partitionId]", StringComparison.Ordinal))
            bounds._kind = Kind.Replicas;
        else if (text.StartsWith("non-empty", StringComparison.Ordinal))
            bounds._kind = Kind.NotEmpty;
        else if (WordsText().Match(text) is { Success: true } words)
        {
            bounds._words = words.Groups[2].Value.Split(", ");
            bounds._kind = bounds._words[0] == "0.8.0" ? Kind.Versions : words.Groups[1].Success ? Kind.WordsOfAnyCase : Kind.Words;
        }
        return bounds;
    }

    public string? OfNumber(double number)
    {
        if (number == _also || (number >= _least && number <= _most))
            return null;
        if (_also is { } also)
            return string.Create(CultureInfo.InvariantCulture, $"Value must be between {_least} and {_most} or equal to {also}");
        return number < _least
            ? string.Create(CultureInfo.InvariantCulture, $"Value must be at least {_least}")
            : string.Create(CultureInfo.InvariantCulture, $"Value must be no more than {_most}");
    }

    public string? OfText(string value) => _kind switch
    {
        Kind.Words when !_words.Contains(value) => $"String must be one of: {string.Join(", ", _words)}",
        Kind.WordsOfAnyCase when !_words.Contains(value, StringComparer.OrdinalIgnoreCase) => $"String must be one of (case insensitive): {string.Join(", ", _words)}",
        Kind.NotEmpty when value.Length == 0 => "String must be non-empty",
        Kind.Versions when !IsVersion(value) => $"Version {value} is not a valid version",
        _ => null,
    };

    /// <summary>The item that is wrong, or the list as Java shows it.</summary>
    public (string? Offending, string? Reason) OfList(string name, string value)
    {
        string[] items = value.Length == 0 ? [] : value.Split(',', StringSplitOptions.TrimEntries);
        switch (_kind)
        {
            case Kind.Words when Array.Find(items, item => !_words.Contains(item)) is { } unknown:
                return (unknown, OfText(unknown));
            case Kind.Replicas when items is not ["*"] && Array.Exists(items, item => !Replica().IsMatch(item)):
                return ($"[{string.Join(", ", items)}]", $"{name} must be the literal '*' or a list of replicas in the following format: [partitionId]:[brokerId],[partitionId]:[brokerId],...");
            default:
                return default;
        }
    }

    /// <summary>Also a release's short name, or a later patch of it, as Kafka reads them: 3.0, 2.8.1.</summary>
    private bool IsVersion(string value)
    {
        var release = string.Join('.', value.Split('.').Take(value.StartsWith("0.", StringComparison.Ordinal) ? 3 : 2));
        return _words.Contains(release) || Array.Exists(_words, word => word.StartsWith(release + "-IV", StringComparison.Ordinal));
    }

    [GeneratedRegex(@"^\[(-?[\d.]+?),\.\.\.(?:,([\d.]+))?\](?: or (-?\d+))?$")]
    private static partial Regex RangeText();

    [GeneratedRegex(@"^(\(case insensitive\) )?\[(.+)\]$")]
    private static partial Regex WordsText();

    [GeneratedRegex(@"^\d+:\d+$")]
    private static partial Regex Replica();
}
