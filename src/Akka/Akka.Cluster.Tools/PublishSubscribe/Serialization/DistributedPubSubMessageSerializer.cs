using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Serialization;

namespace Akka.Cluster.Tools.PublishSubscribe.Serialization;

/// <summary>What mediators tell each other.</summary>
public class DistributedPubSubMessageSerializer : SerializerWithStringManifest
{
    public DistributedPubSubMessageSerializer(ExtendedActorSystem system)
        : base(system)
    {
    }

    public override string Manifest(object o) => o switch
    {
        Topics => "A1",
        TopicsAck => "B1",
        Relayed => "C1",
        Publish => "D1",
        _ => throw new ArgumentException($"Can't serialize object of type [{o.GetType()}] in [{GetType()}]", nameof(o)),
    };

    public override byte[] ToBinary(object obj) => Wire.Write(system, to =>
    {
        switch (obj)
        {
            case Topics m:
                to.Number(m.NodeUid);
                to.Number(m.Version);
                to.Many(m.Names, to.Text);
                break;
            case TopicsAck m:
                to.Number(m.NodeUid);
                to.Number(m.Version);
                break;
            case Relayed m:
                to.Text(m.Topic);
                to.Payload(m.Message);
                break;
            case Publish m:
                to.Text(m.Topic);
                to.Payload(m.Message);
                break;
            default: throw new ArgumentException($"Can't serialize object of type [{obj.GetType()}]", nameof(obj));
        }
    });

    public override object FromBinary(byte[] bytes, string manifest)
    {
        var from = new Wire.Reader(system, bytes);
        return manifest switch
        {
            "A1" => new Topics((int)from.Number(), from.Number(), [.. from.Many(from.Text)]),
            "B1" => new TopicsAck((int)from.Number(), from.Number()),
            "C1" => new Relayed(from.Text(), from.Payload()),
            "D1" => new Publish(from.Text(), from.Payload()),
            _ => throw new SerializationException($"Unimplemented deserialization of message with manifest [{manifest}] in [{GetType()}]"),
        };
    }
}
