using System;
using System.Globalization;

namespace Actors.Protocol.Generator;

/// <summary>Versions from one to another, both included: "3", "0-12" or "3+".</summary>
internal readonly struct VersionRange
{
    public const int Open = short.MaxValue;

    private VersionRange(int first, int last)
    {
        First = first;
        Last = last;
    }

    public static VersionRange None { get; } = new(1, 0);

    public int First { get; }

    public int Last { get; }

    public bool IsEmpty => First > Last;

    public static bool TryParse(string text, out VersionRange range)
    {
        range = None;
        var dash = text.IndexOf('-');
        var open = text.EndsWith("+", StringComparison.Ordinal);
        var firstText = open ? text.Substring(0, text.Length - 1) : dash > 0 ? text.Substring(0, dash) : text;
        var lastText = open ? Open.ToString(CultureInfo.InvariantCulture) : dash > 0 ? text.Substring(dash + 1) : text;
        if (!int.TryParse(firstText, NumberStyles.None, CultureInfo.InvariantCulture, out var first)) return false;
        if (!int.TryParse(lastText, NumberStyles.None, CultureInfo.InvariantCulture, out var last)) return false;
        if (first > last || last > Open) return false;
        range = new VersionRange(first, last);
        return true;
    }

    public bool Contains(VersionRange other) => other.IsEmpty || (First <= other.First && Last >= other.Last);

    public bool Contains(int version) => First <= version && version <= Last;

    public VersionRange Intersect(VersionRange other) => new(Math.Max(First, other.First), Math.Min(Last, other.Last));

    /// <summary>The C# test whether the local variable version, known to be among some versions, is among these: "true", "false" or a comparison.</summary>
    public string Test(VersionRange known)
    {
        if (Intersect(known).IsEmpty) return "false";
        if (Contains(known)) return "true";
        if (First <= known.First) return $"version <= {Last}";
        if (Last >= known.Last) return $"version >= {First}";
        return First == Last ? $"version == {First}" : $"version is >= {First} and <= {Last}";
    }

    public override string ToString() => Last == Open ? $"{First}+" : First == Last ? $"{First}" : $"{First}-{Last}";
}
