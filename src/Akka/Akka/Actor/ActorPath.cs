using System.Globalization;
using System.Text;

namespace Akka.Actor;

/// <summary>An actor's place in the tree. Paths are equal by address and names; the uid tells incarnations apart but does not count.</summary>
public abstract class ActorPath : IEquatable<ActorPath>, IComparable<ActorPath>
{
    private string _text;

    protected ActorPath(Address address, string name)
    {
        Address = address;
        Name = name;
        Parent = this;
        Root = this;
    }

    protected ActorPath(ActorPath parentPath, string name, long uid)
    {
        Address = parentPath.Address;
        Name = name;
        Uid = uid;
        Parent = parentPath;
        Depth = parentPath.Depth + 1;
        Root = parentPath.Root;
    }

    public Address Address { get; }

    public string Name { get; }

    public long Uid { get; }

    public int Depth { get; }

    public ActorPath Parent { get; }

    public ActorPath Root { get; }

    public IReadOnlyList<string> Elements
    {
        get
        {
            var result = new string[Depth];
            var path = this;
            for (var i = Depth - 1; i >= 0; i--, path = path.Parent) result[i] = path.Name;
            return result;
        }
    }

    /// <summary>Letters, digits and <c>-_.*$+:@&amp;=,!~';()</c> or a percent escape; the first character may not be <c>$</c>.</summary>
    public static bool IsValidPathElement(string s)
    {
        if (string.IsNullOrEmpty(s) || s[0] == '$') return false;
        for (var i = 0; i < s.Length; i++)
        {
            if (s[i] == '%')
            {
                if (i + 2 >= s.Length || !char.IsAsciiHexDigit(s[i + 1]) || !char.IsAsciiHexDigit(s[i + 2])) return false;
                i += 2;
            }
            else if (!char.IsAsciiLetterOrDigit(s[i]) && !"\"-_.*$+:@&=,!~';()".Contains(s[i])) return false;
        }
        return true;
    }

    public ActorPath Child(string childName) => this / childName;

    public ActorPath ParentOf(int depth)
    {
        var path = this;
        while (path.Depth > depth) path = path.Parent;
        return path;
    }

    public ActorPath WithUid(long uid) => Depth == 0 || uid == Uid ? this : new ChildActorPath(Parent, Name, uid);

    public static ActorPath operator /(ActorPath path, string name)
    {
        var uidAt = name.IndexOf('#');
        if (uidAt < 0) return new ChildActorPath(path, name, ActorCell.UndefinedUid);
        return new ChildActorPath(path, name[..uidAt], long.Parse(name.AsSpan(uidAt + 1), NumberStyles.None, CultureInfo.InvariantCulture));
    }

    public static ActorPath operator /(ActorPath path, IEnumerable<string> name)
    {
        foreach (var element in name)
        {
            if (element.Length > 0) path /= element;
        }
        return path;
    }

    public static string FormatPathElements(IEnumerable<string> pathElements) => "/" + string.Join('/', pathElements);

    public static ActorPath Parse(string path) => TryParse(path, out var result) ? result : throw new UriFormatException($"Can not parse an ActorPath: {path}");

    public static bool TryParse(string path, out ActorPath actorPath)
    {
        actorPath = null;
        if (!Address.TryParse(path, out var address, out var absolute)) return false;
        // A uid stands at the end, and is a number.
        var uidAt = absolute.IndexOf('#');
        if (uidAt >= 0 && !long.TryParse(absolute.AsSpan(uidAt + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _)) return false;
        actorPath = new RootActorPath(address) / absolute.Split('/');
        return true;
    }

    public static bool TryParseAddress(string path, out Address address) => Address.TryParse(path, out address);

    public bool Equals(ActorPath other)
    {
        if (ReferenceEquals(this, other)) return true;
        if (other is null || other.Depth != Depth || !Address.Equals(other.Address)) return false;
        for (ActorPath a = this, b = other; ; a = a.Parent, b = b.Parent)
        {
            if (ReferenceEquals(a, b)) return true;
            if (a.Name != b.Name) return false;
            if (a.Depth == 0) return true;
        }
    }

    public override bool Equals(object obj) => Equals(obj as ActorPath);

    public override int GetHashCode()
    {
        var hash = Address.GetHashCode();
        for (var path = this; path.Depth > 0; path = path.Parent) hash = hash * 31 + path.Name.GetHashCode();
        return hash;
    }

    public int CompareTo(ActorPath other) => other is null ? 1 : string.CompareOrdinal(ToString(), other.ToString());

    public static bool operator ==(ActorPath left, ActorPath right) => Equals(left, right);

    public static bool operator !=(ActorPath left, ActorPath right) => !Equals(left, right);

    public string ToStringWithoutAddress()
    {
        if (Depth == 0) return "/";
        var result = new StringBuilder();
        foreach (var element in Elements) result.Append('/').Append(element);
        return result.ToString();
    }

    public override string ToString() => _text ??= ToStringWithAddress();

    public string ToStringWithAddress() => ToStringWithAddress(Address);

    /// <summary>The path with <paramref name="address"/> instead of a local one; a remote path keeps its own.</summary>
    public string ToStringWithAddress(Address address) => (Address.HasGlobalScope ? Address : address) + ToStringWithoutAddress();

    public string ToStringWithUid() => AppendUid(ToStringWithAddress());

    public string ToSerializationFormat() => AppendUid(ToStringWithAddress());

    public string ToSerializationFormatWithAddress(Address address) => AppendUid(ToStringWithAddress(address));

    private string AppendUid(string text) => Uid == ActorCell.UndefinedUid ? text : text + "#" + Uid.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The root of an actor system's tree.</summary>
public sealed class RootActorPath(Address address, string name = "") : ActorPath(address, name);

/// <summary>A path below another one.</summary>
public sealed class ChildActorPath(ActorPath parentPath, string name, long uid) : ActorPath(parentPath, name, uid);
