using System.CommandLine;
using System.Globalization;
using System.Xml;
using Actors.Client;

namespace Actors.Cli.Groups;

/// <summary>Where a group's offsets shall go: one of kafka-consumer-groups' scenarios.</summary>
internal abstract record ResetTarget
{
    public sealed record To(long Offset) : ResetTarget;

    /// <summary>The first record of this time or later; milliseconds since 1970 UTC.</summary>
    public sealed record ToTime(long Timestamp) : ResetTarget;

    public sealed record Shift(long By) : ResetTarget;

    public sealed record Current : ResetTarget;

    public sealed record Listed(IReadOnlyDictionary<string, Dictionary<TopicPartition, long>> ByGroup) : ResetTarget;
}

/// <summary>The scenarios' flags, shared by <c>actors groups reset-offsets</c> and kafka-consumer-groups.</summary>
internal sealed class ResetFlags
{
    public Option<bool> ToEarliest { get; } = Flags.Of<bool>("--to-earliest");

    public Option<bool> ToLatest { get; } = Flags.Of<bool>("--to-latest");

    public Option<bool> ToCurrent { get; } = Flags.Of<bool>("--to-current");

    public Option<long?> ToOffset { get; } = Flags.Of<long?>("--to-offset");

    public Option<string?> ToDateTime { get; } = Flags.Of<string?>("--to-datetime");

    public Option<string?> ByDuration { get; } = Flags.Of<string?>("--by-duration");

    public Option<long?> ShiftBy { get; } = Flags.Of<long?>("--shift-by");

    public Option<string?> FromFile { get; } = Flags.Of<string?>("--from-file");

    public IReadOnlyList<Option> All => [ToOffset, ShiftBy, ToDateTime, ByDuration, ToEarliest, ToLatest, FromFile, ToCurrent];

    /// <summary>The one scenario that is given; null where there is none, or more than one.</summary>
    /// <exception cref="UsageException">A value that is not as it must be.</exception>
    public ResetTarget? Target(ParseResult parsed, IReadOnlyCollection<string> groups)
    {
        if (All.Count(parsed.Has) != 1) return null;
        if (parsed.Has(ToEarliest)) return new ResetTarget.To(LogicalOffset.Earliest);
        if (parsed.Has(ToLatest)) return new ResetTarget.To(LogicalOffset.Latest);
        if (parsed.Has(ToCurrent)) return new ResetTarget.Current();
        if (parsed.GetValue(ToOffset) is { } offset) return new ResetTarget.To(Math.Max(offset, 0));
        if (parsed.GetValue(ShiftBy) is { } by) return new ResetTarget.Shift(by);
        if (parsed.GetValue(ToDateTime) is { } time) return new ResetTarget.ToTime(Time(time));
        if (parsed.GetValue(ByDuration) is { } duration) return new ResetTarget.ToTime(DateTimeOffset.UtcNow.Subtract(Duration(duration)).ToUnixTimeMilliseconds());
        return new ResetTarget.Listed(OffsetsFile.Read(parsed.GetValue(FromFile)!, groups));
    }

    /// <exception cref="UsageException">Neither form.</exception>
    public static long Time(string text)
    {
        string[] formats = ["yyyy-MM-dd'T'HH:mm:ss.fffK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFK"];
        return DateTimeOffset.TryParseExact(text, formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time.ToUnixTimeMilliseconds()
            : throw new UsageException($"--to-datetime {text}: YYYY-MM-DDThh:mm:ss.sss is meant, in UTC unless Z or ±hh:mm follows");
    }

    /// <exception cref="UsageException">No ISO 8601 duration.</exception>
    public static TimeSpan Duration(string text)
    {
        try
        {
            return XmlConvert.ToTimeSpan(text);
        }
        catch (FormatException)
        {
            throw new UsageException($"--by-duration {text}: PnDTnHnMnS is meant, as in PT1H30M");
        }
    }
}
