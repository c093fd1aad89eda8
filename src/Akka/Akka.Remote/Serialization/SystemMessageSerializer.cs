using Akka.Actor;
using Akka.Dispatch.SysMsg;
using Akka.Serialization;

namespace Akka.Remote.Serialization;

/// <summary>Serialises the system messages that cross nodes: watching, ends, and the order to stop.</summary>
public sealed class SystemMessageSerializer(ExtendedActorSystem system) : Serializer(system)
{
    private const byte WatchCode = 1;
    private const byte UnwatchCode = 2;
    private const byte DeathCode = 3;
    private const byte TerminateCode = 4;

    public override int Identifier => 22;

    public override bool IncludeManifest => false;

    public override byte[] ToBinary(object obj) => obj switch
    {
        Watch watch => new PayloadWriter().Byte(WatchCode).Ref(watch.Watchee).Ref(watch.Watcher).ToBytes(),
        Unwatch unwatch => new PayloadWriter().Byte(UnwatchCode).Ref(unwatch.Watchee).Ref(unwatch.Watcher).ToBytes(),
        DeathWatchNotification death => new PayloadWriter().Byte(DeathCode).Ref(death.Actor).Bool(death.ExistenceConfirmed).Bool(death.AddressTerminated).ToBytes(),
        Terminate => new PayloadWriter().Byte(TerminateCode).ToBytes(),
        _ => throw new ArgumentException($"Cannot serialize object of type [{obj.GetType()}]: it never crosses nodes", nameof(obj)),
    };

    public override object FromBinary(byte[] bytes, Type type)
    {
        var reader = new PayloadReader(bytes);
        switch (reader.Byte())
        {
            case WatchCode: return new Watch(Actor(reader), Actor(reader));
            case UnwatchCode: return new Unwatch(Actor(reader), Actor(reader));
            case DeathCode: return new DeathWatchNotification(Actor(reader), reader.Bool(), reader.Bool());
            case TerminateCode: return new Terminate();
            case var code: throw new FormatException($"no system message has the code {code}");
        }
    }

    private IInternalActorRef Actor(PayloadReader reader) => (IInternalActorRef)(reader.Ref(system) ?? ActorRefs.Nobody);
}
