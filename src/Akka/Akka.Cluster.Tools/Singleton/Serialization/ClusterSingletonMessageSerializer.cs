using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Serialization;

namespace Akka.Cluster.Tools.Singleton.Serialization;

/// <summary>What singleton managers tell each other: a manifest, and for one a uid.</summary>
public class ClusterSingletonMessageSerializer : SerializerWithStringManifest
{
    public ClusterSingletonMessageSerializer(ExtendedActorSystem system)
        : base(system)
    {
    }

    // The system's serialisers may have been read before the singleton's defaults came.
    internal static void Bind(ExtendedActorSystem system)
    {
        system.Settings.InjectTopLevelFallback(ClusterSingletonManager.DefaultConfig());
        var serializer = new ClusterSingletonMessageSerializer(system);
        system.Serialization.AddSerializer("akka-singleton", serializer);
        system.Serialization.AddSerializationMap(typeof(IClusterSingletonMessage), serializer);
    }

    public override string Manifest(object o) => o switch
    {
        HandOverToMe => "A",
        HandOverInProgress => "B",
        HandOverDone => "C",
        TakeOverFromMe => "D",
        _ => throw new ArgumentException($"Cannot serialize object of type [{o.GetType()}] in [{GetType()}]", nameof(o)),
    };

    public override byte[] ToBinary(object obj)
    {
        _ = Manifest(obj);
        return obj is HandOverToMe asked ? BitConverter.GetBytes(asked.NodeUid) : [];
    }

    public override object FromBinary(byte[] bytes, string manifest) => manifest switch
    {
        "A" => new HandOverToMe(BitConverter.ToInt32(bytes)),
        "B" => new HandOverInProgress(),
        "C" => new HandOverDone(),
        "D" => new TakeOverFromMe(),
        _ => throw new SerializationException($"Unimplemented deserialization of message with manifest [{manifest}] in [{GetType()}]"),
    };
}
