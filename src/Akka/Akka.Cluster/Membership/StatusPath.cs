#nullable enable
namespace Akka.Cluster.Membership;

/// <summary>
/// The statuses a member went through between two readings of its row. Nobody waits until all have seen a status, so a reader
/// that comes late fills in what it missed, in order.
/// </summary>
internal static class StatusPath
{
    private static readonly MemberStatus[] Orderly = [MemberStatus.Joining, MemberStatus.Up, MemberStatus.Leaving, MemberStatus.Exiting];

    /// <summary>From a status (null: never seen) to that of the row, without the former, with the latter.</summary>
    public static IReadOnlyList<MemberStatus> Between(MemberStatus? from, MemberRow row)
    {
        if (from == row.Status) return [];
        return row.Status switch
        {
            MemberStatus.Removed when row.PreviousStatus == MemberStatus.Exiting && from != MemberStatus.Down => [.. Steps(from, MemberStatus.Exiting, row), MemberStatus.Removed],
            MemberStatus.Removed when from == MemberStatus.Down => [MemberStatus.Removed],
            MemberStatus.Removed => [.. UntilUp(from, row), MemberStatus.Down, MemberStatus.Removed],
            MemberStatus.Down => [.. UntilUp(from, row), MemberStatus.Down],
            var orderly => [.. Steps(from, orderly, row)],
        };
    }

    // What it did after it came up does not matter to one that hears of its death.
    private static IEnumerable<MemberStatus> UntilUp(MemberStatus? from, MemberRow row) =>
        from is null or MemberStatus.Joining ? Steps(from, row.WasUp ? MemberStatus.Up : MemberStatus.Joining, row) : [];

    private static IEnumerable<MemberStatus> Steps(MemberStatus? from, MemberStatus to, MemberRow row)
    {
        var first = from is { } seen ? Array.IndexOf(Orderly, seen) + 1 : 0;
        var last = Array.IndexOf(Orderly, to);
        for (var i = first; i <= last; i++)
        {
            if (Orderly[i] != MemberStatus.Up || row.WasUp) yield return Orderly[i];
        }
    }
}
