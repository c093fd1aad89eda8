using System.Buffers.Binary;
using Akka.Actor;
using Akka.Serialization;

namespace Akka.Remote.Tests;

/// <summary>A user's message: a number, who sent it, and a payload.</summary>
public sealed record Numbered(int Number, IActorRef? From, byte[] Payload);

/// <summary>A message that no serialiser is bound to.</summary>
public sealed record Unbound(int Number);

public sealed class NumberedSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    public override int Identifier => 9100;

    public override string Manifest(object o) => "N1";

    public override byte[] ToBinary(object obj)
    {
        var numbered = (Numbered)obj;
        if (numbered.Number == -1) throw new InvalidOperationException("this number is not written");
        var path = System.Text.Encoding.UTF8.GetBytes(Akka.Serialization.Serialization.SerializedActorPath(numbered.From));
        var bytes = new byte[8 + path.Length + numbered.Payload.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, numbered.Number);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), path.Length);
        path.CopyTo(bytes, 8);
        numbered.Payload.CopyTo(bytes, 8 + path.Length);
        return bytes;
    }

    public override object FromBinary(byte[] bytes, string manifest)
    {
        var number = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (number == -2) throw new InvalidOperationException("this number is not read");
        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(4));
        var path = System.Text.Encoding.UTF8.GetString(bytes, 8, length);
        return new Numbered(number, path.Length == 0 ? null : system.Serialization.DeserializeActorRef(path), bytes[(8 + length)..]);
    }
}
