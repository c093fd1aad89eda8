using Akka.Actor;
using Akka.Serialization;
using AkkaSerialization = Akka.Serialization.Serialization;

namespace Akka.Persistence.Sql.Storage;

/// <summary>Events and snapshots to bytes and back, by the actor system's serialisers. The bytes are the serialiser's own array, uncopied.</summary>
internal sealed class PayloadCodec(ActorSystem system)
{
    /// <summary>Width of the tables' manifest column, in characters.</summary>
    private const int MaxManifest = 500;

    private readonly AkkaSerialization _serialization = system.Serialization;

    public (byte[] Bytes, string Manifest, int Identifier) Encode(object payload)
    {
        var serializer = _serialization.FindSerializerFor(payload);
        var manifest = serializer switch
        {
            SerializerWithStringManifest named => named.Manifest(payload),
            { IncludeManifest: true } => $"{payload.GetType().FullName}, {payload.GetType().Assembly.GetName().Name}",
            _ => string.Empty,
        };
        if (manifest.Length > MaxManifest)
            throw new ArgumentException($"The manifest of {payload.GetType()} has {manifest.Length} characters; the journal holds {MaxManifest}.");
        return (serializer.ToBinary(payload), manifest, serializer.Identifier);
    }

    public object Decode(byte[] bytes, int identifier, string manifest) => _serialization.Deserialize(bytes, identifier, manifest);
}
