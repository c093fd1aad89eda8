using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Actors.Broker.Network;

/// <summary>Kestrel's hook: each accepted socket is served as a Kafka connection.</summary>
public sealed class KafkaConnectionHandler(KafkaServer server) : ConnectionHandler
{
    /// <inheritdoc/>
    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        var listener = connection.Items.TryGetValue(ListenerName.Key, out var name) && name is string text ? text : ListenerName.Default;
        var stopping = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? CancellationToken.None;
        await server.ServeAsync(connection.Transport, listener, connection.RemoteEndPoint, connection.ConnectionClosed, stopping);
        connection.Abort();
    }
}

/// <summary>The item of a connection that names its listener.</summary>
public static class ListenerName
{
    /// <summary>Kafka's name for the one listener of a plain broker.</summary>
    public const string Default = "PLAINTEXT";

    internal static readonly object Key = new();

    /// <summary>Says which listener the connection came in by.</summary>
    public static void Set(ConnectionContext connection, string name) => connection.Items[Key] = name;
}
