using Akka.Actor;
using Akka.Serialization;

namespace Akka.Remote.Serialization;

/// <summary>Serialises messages on their way to a selection.</summary>
public class MessageContainerSerializer(ExtendedActorSystem system) : Serializer(system)
{
    public override int Identifier => 6;

    public override bool IncludeManifest => false;

    public override byte[] ToBinary(object obj)
    {
        if (obj is not ActorSelectionMessage selection) throw new ArgumentException($"Cannot serialize object of type [{obj.GetType()}]", nameof(obj));
        var writer = new PayloadWriter().Message(system, selection.Message).Bool(selection.WildCardFanOut).Int(selection.Elements.Length);
        foreach (var element in selection.Elements)
        {
            switch (element)
            {
                case SelectChildName name: writer.Byte(0).Text(name.Name); break;
                case SelectChildPattern pattern: writer.Byte(1).Text(pattern.PatternStr); break;
                default: writer.Byte(2); break;
            }
        }
        return writer.ToBytes();
    }

    public override object FromBinary(byte[] bytes, Type type)
    {
        var reader = new PayloadReader(bytes);
        var message = reader.Message(system);
        var fanOut = reader.Bool();
        var count = reader.Int();
        if (count < 0 || count > bytes.Length) throw new FormatException($"a selection of {count} elements in {bytes.Length} bytes");
        var elements = new SelectionPathElement[count];
        for (var i = 0; i < count; i++)
        {
            elements[i] = reader.Byte() switch
            {
                0 => new SelectChildName(reader.Text()),
                1 => new SelectChildPattern(reader.Text()),
                _ => new SelectParent(),
            };
        }
        return new ActorSelectionMessage(message, elements, fanOut);
    }
}
