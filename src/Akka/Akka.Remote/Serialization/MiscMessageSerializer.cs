using Akka.Actor;
using Akka.Serialization;

namespace Akka.Remote.Serialization;

/// <summary>Serialises the messages of Akka itself that users' actors exchange, and references.</summary>
public sealed class MiscMessageSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    public override int Identifier => 16;

    public override string Manifest(object obj) => obj switch
    {
        Identify => "ID",
        ActorIdentity => "AID",
        IActorRef => "AR",
        PoisonPill => "PP",
        Kill => "K",
        Status.Success => "SS",
        Status.Failure => "SF",
        Address => "A",
        Done => "D",
        bool => "B",
        RemoteWatcher.Heartbeat => "RWHB",
        RemoteWatcher.HeartbeatRsp => "RWHR",
        _ => throw new ArgumentException($"Cannot serialize object of type [{obj.GetType()}] in [{nameof(MiscMessageSerializer)}]", nameof(obj)),
    };

    public override byte[] ToBinary(object obj) => obj switch
    {
        Identify identify => new PayloadWriter().Message(system, identify.MessageId).ToBytes(),
        ActorIdentity identity => new PayloadWriter().Message(system, identity.MessageId).Ref(identity.Subject).ToBytes(),
        IActorRef actor => new PayloadWriter().Ref(actor).ToBytes(),
        Status.Success success => new PayloadWriter().Message(system, success.Status).ToBytes(),
        Status.Failure failure => new PayloadWriter().Text(failure.Cause is null ? null : Exceptions.NameOf(failure.Cause)).Text(failure.Cause?.Message).Message(system, failure.State).ToBytes(),
        Address address => new PayloadWriter().Text(address.ToString()).ToBytes(),
        RemoteWatcher.HeartbeatRsp answer => new PayloadWriter().Int(answer.AddressUid).ToBytes(),
        bool value => new PayloadWriter().Bool(value).ToBytes(),
        PoisonPill or Kill or Done or RemoteWatcher.Heartbeat => [],
        _ => throw new ArgumentException($"Cannot serialize object of type [{obj.GetType()}]", nameof(obj)),
    };

    public override object FromBinary(byte[] bytes, string manifest)
    {
        var reader = new PayloadReader(bytes);
        switch (manifest)
        {
            case "ID": return new Identify(reader.Message(system));
            case "AID":
                var id = reader.Message(system);
                return new ActorIdentity(id, reader.Ref(system));
            case "AR": return reader.Ref(system) ?? ActorRefs.Nobody;
            case "PP": return PoisonPill.Instance;
            case "K": return Kill.Instance;
            case "SS": return new Status.Success(reader.Message(system));
            case "SF":
                var (name, text) = (reader.Text(), reader.Text());
                return new Status.Failure(name is null ? null : Exceptions.Of(name, text ?? ""), reader.Message(system));
            case "A": return Address.Parse(reader.Text() ?? "");
            case "D": return Done.Instance;
            case "B": return reader.Bool();
            case "RWHB": return RemoteWatcher.Heartbeat.Instance;
            case "RWHR": return new RemoteWatcher.HeartbeatRsp(reader.Int());
            default: throw new ArgumentException($"Unimplemented deserialization of message with manifest [{manifest}] in [{nameof(MiscMessageSerializer)}]", nameof(manifest));
        }
    }

    // Failures cross by name and message; a name that is not one of these comes out as a RemoteTransportException that tells it.
    private static class Exceptions
    {
        private static readonly Dictionary<string, Func<string, Exception>> Known = new()
        {
            [nameof(ArgumentException)] = text => new ArgumentException(text),
            [nameof(InvalidOperationException)] = text => new InvalidOperationException(text),
            [nameof(NotSupportedException)] = text => new NotSupportedException(text),
            [nameof(TimeoutException)] = text => new TimeoutException(text),
            [nameof(TaskCanceledException)] = text => new TaskCanceledException(text),
            [nameof(OperationCanceledException)] = text => new OperationCanceledException(text),
            [nameof(IOException)] = text => new IOException(text),
            [nameof(AskTimeoutException)] = text => new AskTimeoutException(text),
            [nameof(ActorNotFoundException)] = text => new ActorNotFoundException(text),
        };

        internal static string NameOf(Exception exception) => exception.GetType().Name;

        internal static Exception Of(string name, string text) => Known.TryGetValue(name, out var make) ? make(text) : new RemoteTransportException($"{name}: {text}");
    }
}
