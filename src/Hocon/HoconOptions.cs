namespace Actors.Hocon;

/// <summary>How a text is read: where includes come from, and the bounds that keep hostile input harmless.</summary>
public sealed record HoconOptions
{
    /// <summary>Includes find nothing; the bounds have their defaults.</summary>
    public static HoconOptions Default { get; } = new();

    /// <summary>Finds what an <c>include</c> names. By default nothing is found: a plain include is then empty, a required one an error.</summary>
    public HoconIncludes Includes { get; init; } = HoconIncludes.None;

    /// <summary>How deep objects and lists may nest, elements of a path counted; 1 to 256, default 128.</summary>
    public int MaxDepth { get; init => field = Math.Clamp(value, 1, 256); } = 128;

    /// <summary>How many characters may be read in all, includes counted; default 16 Mi.</summary>
    public int MaxCharacters { get; init => field = Math.Max(0, value); } = 16 * 1024 * 1024;

    /// <summary>How much work resolving may take, in steps and characters joined; default 300,000.</summary>
    public int MaxSteps { get; init => field = Math.Max(1, value); } = 300_000;
}
