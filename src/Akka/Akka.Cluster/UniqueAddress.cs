using Akka.Actor;

namespace Akka.Cluster;

/// <summary>One incarnation of a node: where it is, and a number that its restart at the same place does not share.</summary>
public class UniqueAddress : IComparable<UniqueAddress>, IEquatable<UniqueAddress>, IComparable
{
    public UniqueAddress(Address address, int uid)
    {
        ArgumentNullException.ThrowIfNull(address);
        Address = address;
        Uid = uid;
    }

    public Address Address { get; }

    public int Uid { get; }

    /// <summary>By address, then by number.</summary>
    public int CompareTo(UniqueAddress uniqueAddress)
    {
        if (uniqueAddress is null) throw new ArgumentNullException(nameof(uniqueAddress));
        var byAddress = Member.AddressOrdering.Compare(Address, uniqueAddress.Address);
        return byAddress != 0 ? byAddress : Uid.CompareTo(uniqueAddress.Uid);
    }

    int IComparable.CompareTo(object obj) => obj is UniqueAddress other ? CompareTo(other) : throw new ArgumentException($"Cannot compare {obj} to a {nameof(UniqueAddress)}", nameof(obj));

    public bool Equals(UniqueAddress other) => other is not null && Uid == other.Uid && Address.Equals(other.Address);

    public override bool Equals(object obj) => Equals(obj as UniqueAddress);

    public override int GetHashCode() => Uid;

    public override string ToString() => $"UniqueAddress: ({Address}, {Uid})";

    public static bool operator ==(UniqueAddress left, UniqueAddress right) => Equals(left, right);

    public static bool operator !=(UniqueAddress left, UniqueAddress right) => !Equals(left, right);
}
