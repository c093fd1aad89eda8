using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Actors.Node;

/// <summary>An address to listen on or to tell clients: a name or an IP address, and a port from 0 (any free one) to 65535.</summary>
internal readonly record struct HostAndPort(string Host, int Port)
{
    public static bool TryParse(string text, out HostAndPort address)
    {
        address = default;
        var colon = text.LastIndexOf(':');
        if (colon < 1 || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port > 65535)
            return false;
        var host = text[..colon];
        address = new HostAndPort(host.StartsWith('[') && host.EndsWith(']') ? host[1..^1] : host, port);
        return true;
    }

    /// <exception cref="SocketException">The name has no address.</exception>
    public IPEndPoint Resolve()
    {
        if (IPAddress.TryParse(Host, out var ip))
            return new IPEndPoint(ip, Port);
        var addresses = Dns.GetHostAddresses(Host);
        return new IPEndPoint(addresses.FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork) ?? addresses[0], Port);
    }

    public override string ToString() => Host.Contains(':') ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
