#nullable enable
using System.Net.Sockets;
using Akka.Actor;

namespace Akka.Cluster.Membership;

/// <summary>Tries whether a process listens where a member should.</summary>
internal static class PortProbe
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    /// <summary>True only if the address refused; silence and unknown names prove nothing.</summary>
    public static async Task<bool> Refuses(Address address)
    {
        if (address is not { Host: { } host, Port: { } port }) return false;
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var patience = new CancellationTokenSource(LongestWait);
        try
        {
            await socket.ConnectAsync(host, port, patience.Token).ConfigureAwait(false);
            return false;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode == SocketError.ConnectionRefused;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
