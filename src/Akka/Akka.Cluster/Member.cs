using System.Collections.Immutable;
using Akka.Actor;

namespace Akka.Cluster;

/// <summary>
/// A node of the cluster as it was seen: its address, roles, status and age. Two are equal if they are the same incarnation of a
/// node, whatever the status.
/// </summary>
public class Member : IComparable, IComparable<Member>
{
    /// <summary>By host, then by port.</summary>
    public static readonly IComparer<Address> AddressOrdering = Comparer<Address>.Create(CompareAddresses);

    /// <summary>The oldest first; those that are not up yet last, by address.</summary>
    public static readonly IComparer<Member> AgeOrdering = Comparer<Member>.Create((a, b) => a.Equals(b) ? 0 : a.IsOlderThan(b) ? -1 : 1);

    /// <summary>The age of a member that is not up yet.</summary>
    internal const int NotUpYet = int.MaxValue;

    private Member(UniqueAddress uniqueAddress, int upNumber, MemberStatus status, ImmutableHashSet<string> roles)
    {
        UniqueAddress = uniqueAddress;
        UpNumber = upNumber;
        Status = status;
        Roles = roles;
    }

    public UniqueAddress UniqueAddress { get; }

    public Address Address => UniqueAddress.Address;

    public MemberStatus Status { get; }

    public ImmutableHashSet<string> Roles { get; }

    /// <summary>How many members came up before this one, and one.</summary>
    internal int UpNumber { get; }

    internal static Member Create(UniqueAddress uniqueAddress, int upNumber, MemberStatus status, ImmutableHashSet<string> roles) => new(uniqueAddress, upNumber, status, roles);

    public bool HasRole(string role) => Roles.Contains(role);

    /// <summary>Whether this member came up before the other one.</summary>
    public bool IsOlderThan(Member other) => UpNumber == other.UpNumber ? CompareAddresses(Address, other.Address) < 0 : UpNumber < other.UpNumber;

    /// <summary>The member with another status.</summary>
    /// <exception cref="InvalidOperationException">No member goes from the one to the other.</exception>
    public Member Copy(MemberStatus status) =>
        status == Status ? this
        : Allowed[Status].Contains(status) ? new Member(UniqueAddress, UpNumber, status, Roles)
        : throw new InvalidOperationException($"Invalid member status transition [{Status} -> {status}]");

    /// <summary>The member as it comes up.</summary>
    public Member CopyUp(int upNumber) => new(UniqueAddress, upNumber, Copy(MemberStatus.Up).Status, Roles);

    public int CompareTo(Member other) => UniqueAddress.CompareTo(other.UniqueAddress);

    int IComparable.CompareTo(object obj) => obj is Member other ? CompareTo(other) : throw new ArgumentException($"Cannot compare {obj} to a {nameof(Member)}", nameof(obj));

    public override bool Equals(object obj) => obj is Member other && UniqueAddress.Equals(other.UniqueAddress);

    public override int GetHashCode() => UniqueAddress.GetHashCode();

    public override string ToString() => $"Member(address = {Address}, Uid={UniqueAddress.Uid} status = {Status}, role=[{string.Join(",", Roles.Order(StringComparer.Ordinal))}], upNumber={UpNumber})";

    internal static readonly ImmutableDictionary<MemberStatus, ImmutableHashSet<MemberStatus>> Allowed = new Dictionary<MemberStatus, ImmutableHashSet<MemberStatus>>
    {
        [MemberStatus.Joining] = [MemberStatus.WeaklyUp, MemberStatus.Up, MemberStatus.Leaving, MemberStatus.Down, MemberStatus.Removed],
        [MemberStatus.WeaklyUp] = [MemberStatus.Up, MemberStatus.Leaving, MemberStatus.Down, MemberStatus.Removed],
        [MemberStatus.Up] = [MemberStatus.Leaving, MemberStatus.Down, MemberStatus.Removed],
        [MemberStatus.Leaving] = [MemberStatus.Exiting, MemberStatus.Down, MemberStatus.Removed],
        [MemberStatus.Exiting] = [MemberStatus.Removed, MemberStatus.Down],
        [MemberStatus.Down] = [MemberStatus.Removed],
        [MemberStatus.Removed] = [],
    }.ToImmutableDictionary();

    private static int CompareAddresses(Address a, Address b)
    {
        if (a.Equals(b)) return 0;
        var byHost = string.CompareOrdinal(a.Host ?? string.Empty, b.Host ?? string.Empty);
        return byHost != 0 ? byHost : (a.Port ?? 0).CompareTo(b.Port ?? 0);
    }
}

/// <summary>Where a member is on its way through the cluster.</summary>
public enum MemberStatus
{
    Joining = 0,
    Up = 1,
    Leaving = 2,
    Exiting = 3,
    Down = 4,
    Removed = 5,
    WeaklyUp = 6,
}
