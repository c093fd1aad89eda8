using Akka.Actor;

namespace Akka.Remote;

/// <summary>Tells the incarnations of a node at one address apart: drawn at random by each actor system.</summary>
public class AddressUid : IExtension
{
    public readonly int Uid = Random.Shared.Next(1, int.MaxValue);
}

/// <summary>The extension's id.</summary>
public class AddressUidExtension : ExtensionIdProvider<AddressUid>
{
    public static int Uid(ActorSystem system) => system.WithExtension<AddressUid, AddressUidExtension>().Uid;

    public override AddressUid CreateExtension(ExtendedActorSystem system) => new();
}
