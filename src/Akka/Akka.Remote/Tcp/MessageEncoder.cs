using Akka.Actor;
using Akka.Event;
using Akka.Serialization;

namespace Akka.Remote.Tcp;

/// <summary>Writes messages to one node as frames. Used by one thread at a time.</summary>
internal sealed class MessageEncoder(Remoting remoting)
{
    private const int MaxSenders = 1024;

    private readonly Dictionary<IActorRef, byte[]> _senders = new(ReferenceEqualityComparer.Instance);
    private readonly Information _information = new(remoting.DefaultAddress, remoting.System);

    /// <summary>References in messages are written with this node's address from here on, until <see cref="Leave"/>.</summary>
    internal Information Enter() => Akka.Serialization.Serialization.ExchangeTransport(_information);

    internal static void Leave(Information before) => Akka.Serialization.Serialization.ExchangeTransport(before);

    /// <summary>Adds the message's frame; one that cannot be sent is logged and left out.</summary>
    internal void Encode(in Outbound item, FrameWriter writer)
    {
        if (TryEncode(item, writer) || item.Sequence == 0) return;
        // System messages are numbered without gaps: a number alone stands for the one left out.
        writer.Begin(FrameKind.SystemMessage);
        writer.Long(item.Sequence);
        writer.End();
    }

    private bool TryEncode(in Outbound item, FrameWriter writer)
    {
        var message = item.Message!;
        writer.Begin(item.Sequence == 0 ? FrameKind.Message : FrameKind.SystemMessage);
        try
        {
            if (item.Sequence != 0) writer.Long(item.Sequence);
            var serializer = remoting.System.Serialization.FindSerializerFor(message);
            var payload = serializer.ToBinary(message);
            writer.Int(serializer.Identifier);
            writer.Text(Akka.Serialization.Serialization.ManifestFor(serializer, message));
            writer.Text(item.Recipient!.WirePath);
            writer.Text(SenderPath(item.Sender));
            if (writer.BodyLength + payload.Length <= remoting.Tcp.MaximumFrameSize)
            {
                writer.Bytes(payload);
                writer.End();
                return true;
            }
            remoting.Log.Error(
                "Discarding oversized payload sent to {0}: max allowed size {1} bytes, actual size of encoded {2} was {3} bytes.",
                item.Recipient,
                remoting.Tcp.MaximumFrameSize,
                message.GetType(),
                writer.BodyLength + payload.Length);
        }
        // What a serialiser, which may be a user's, cannot write must not take the connection with it.
        catch (Exception e)
        {
            remoting.Log.Error(e, "Message of type [{0}] to [{1}] is dropped: {2}", message.GetType(), item.Recipient!, e.Message);
        }
        writer.Abandon();
        return false;
    }

    private byte[] SenderPath(IActorRef? sender)
    {
        switch (sender)
        {
            case null or Nobody: return [];
            // The references behind asks are used once.
            case MinimalActorRef: return WirePaths.Of(sender, remoting.Addresses);
        }
        if (_senders.TryGetValue(sender, out var known)) return known;
        if (_senders.Count >= MaxSenders) _senders.Clear();
        return _senders[sender] = WirePaths.Of(sender, remoting.Addresses);
    }
}
