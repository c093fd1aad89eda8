using System.Text;
using Akka.Actor;

namespace Akka.Remote.Serialization;

/// <summary>Writes the small formats of remoting's own messages: little endian, texts and payloads after their lengths.</summary>
internal sealed class PayloadWriter
{
    private readonly MemoryStream _stream = new();
    private readonly BinaryWriter _writer;

    internal PayloadWriter() => _writer = new BinaryWriter(_stream, Encoding.UTF8);

    internal PayloadWriter Byte(byte value)
    {
        _writer.Write(value);
        return this;
    }

    internal PayloadWriter Bool(bool value)
    {
        _writer.Write(value);
        return this;
    }

    internal PayloadWriter Int(int value)
    {
        _writer.Write(value);
        return this;
    }

    internal PayloadWriter Text(string? value)
    {
        _writer.Write(value is not null);
        if (value is not null) _writer.Write(value);
        return this;
    }

    internal PayloadWriter Ref(IActorRef? actor) => Text(Akka.Serialization.Serialization.SerializedActorPath(actor));

    /// <summary>Any message, through the serialiser bound to it.</summary>
    internal PayloadWriter Message(ExtendedActorSystem system, object? message)
    {
        var serializer = system.Serialization.FindSerializerFor(message);
        var bytes = serializer.ToBinary(message);
        _writer.Write(serializer.Identifier);
        _writer.Write(message is null ? "" : Akka.Serialization.Serialization.ManifestFor(serializer, message));
        _writer.Write(bytes.Length);
        _writer.Write(bytes);
        return this;
    }

    internal byte[] ToBytes()
    {
        _writer.Flush();
        return _stream.ToArray();
    }
}

/// <summary>Reads what <see cref="PayloadWriter"/> wrote.</summary>
internal sealed class PayloadReader(byte[] bytes)
{
    private readonly BinaryReader _reader = new(new MemoryStream(bytes, writable: false), Encoding.UTF8);

    internal byte Byte() => _reader.ReadByte();

    internal bool Bool() => _reader.ReadBoolean();

    internal int Int() => _reader.ReadInt32();

    internal string? Text() => _reader.ReadBoolean() ? _reader.ReadString() : null;

    internal IActorRef? Ref(ExtendedActorSystem system) => Text() is { Length: > 0 } path ? system.Provider.ResolveActorRef(path) : null;

    internal object? Message(ExtendedActorSystem system)
    {
        var id = _reader.ReadInt32();
        var manifest = _reader.ReadString();
        var length = _reader.ReadInt32();
        if (length < 0 || length > bytes.Length) throw new FormatException($"a payload of {length} bytes in {bytes.Length}");
        return system.Serialization.Deserialize(_reader.ReadBytes(length), id, manifest);
    }
}
