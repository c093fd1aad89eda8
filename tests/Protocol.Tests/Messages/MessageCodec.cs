using System.Reflection;

namespace Actors.Protocol.Tests.Messages;

/// <summary>Reads and writes any message class by its name.</summary>
internal static class MessageCodec
{
    private delegate object Reader(ref ProtocolReader r, short version);

    /// <summary>Reads the whole of the bytes; bytes left over are a failure.</summary>
    public static IMessage Read(string message, short version, ReadOnlyMemory<byte> bytes)
    {
        var reader = new ProtocolReader(bytes);
        var read = JsonMapper.TypeOf(message).GetMethod("Read", BindingFlags.Public | BindingFlags.Static)!.CreateDelegate<Reader>();
        var result = (IMessage)read(ref reader, version);
        if (reader.Remaining != 0) throw new InvalidOperationException($"{message} {version} left {reader.Remaining} bytes.");
        return result;
    }

    public static byte[] Write(IMessage message, short version)
    {
        using var writer = new ProtocolWriter();
        message.Write(writer, version);
        return writer.ToArray();
    }
}
