using System.Globalization;

namespace Akka.Actor;

/// <summary>Where an actor system is: <c>protocol://system@host:port</c>, or <c>protocol://system</c> for the local one.</summary>
public sealed class Address : IEquatable<Address>, IComparable<Address>, IComparable, ICloneable
{
    /// <summary>The address used where all systems are meant.</summary>
    public static readonly Address AllSystems = new("akka", "all-systems");

    private readonly string _text;

    public Address(string protocol, string system, string host = null, int? port = null)
    {
        Protocol = protocol;
        System = system;
        Host = host?.ToLowerInvariant();
        Port = port;
        _text = Host is null ? $"{protocol}://{system}" : $"{protocol}://{system}@{Host}:{port}";
    }

    public string Protocol { get; }

    public string System { get; }

    public string Host { get; }

    public int? Port { get; }

    public bool HasLocalScope => Host is null || string.IsNullOrEmpty(Host);

    public bool HasGlobalScope => !HasLocalScope;

    public static IComparer<Address> Comparer { get; } = Comparer<Address>.Create((a, b) => a.CompareTo(b));

    public int CompareTo(Address other) => other is null ? 1 : string.CompareOrdinal(_text, other._text);

    int IComparable.CompareTo(object obj) => CompareTo((Address)obj);

    public bool Equals(Address other) => other is not null && (ReferenceEquals(this, other) || _text == other._text);

    public override bool Equals(object obj) => Equals(obj as Address);

    public override int GetHashCode() => _text.GetHashCode();

    public override string ToString() => _text;

    public object Clone() => new Address(Protocol, System, Host, Port);

    public string HostPort() => _text[(Protocol.Length + 3)..];

    public Address WithHost(string host = null) => new(Protocol, System, host, Port);

    public Address WithPort(int? port = null) => new(Protocol, System, Host, port);

    public Address WithProtocol(string protocol) => new(protocol, System, Host, Port);

    public Address WithSystem(string system) => new(Protocol, system, Host, Port);

    public static bool operator ==(Address left, Address right) => Equals(left, right);

    public static bool operator !=(Address left, Address right) => !Equals(left, right);

    public static Address Parse(string address) => TryParse(address, out var result) ? result : throw new UriFormatException($"Invalid address [{address}]");

    public static bool TryParse(string path, out Address address) => TryParse(path, out address, out _);

    public static bool TryParse(string path, out Address address, out string absolutUri)
    {
        address = null;
        absolutUri = null;
        var scheme = path?.IndexOf("://", StringComparison.Ordinal) ?? -1;
        if (scheme <= 0) return false;
        var rest = path[(scheme + 3)..];
        var slash = rest.IndexOf('/');
        absolutUri = slash < 0 ? "/" : rest[slash..];
        if (slash >= 0) rest = rest[..slash];
        var at = rest.IndexOf('@');
        var system = at < 0 ? rest : rest[..at];
        if (system.Length == 0) return false;
        if (at < 0) { address = new Address(path[..scheme], system); return true; }
        var hostPort = rest[(at + 1)..];
        var colon = hostPort.LastIndexOf(':');
        if (colon <= 0 || !int.TryParse(hostPort.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)) return false;
        address = new Address(path[..scheme], system, hostPort[..colon], port);
        return true;
    }
}
