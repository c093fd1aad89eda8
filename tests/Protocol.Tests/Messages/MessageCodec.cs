using System.Collections.Concurrent;
using System.Reflection;

namespace Actors.Protocol.Tests.Messages;

/// <summary>Reads and writes any message class by its name.</summary>
internal static class MessageCodec
{
    private delegate object Reader(ref ProtocolReader r, short version);

    private static readonly ConcurrentDictionary<string, Reader> Readers = new();

    /// <summary>Reads the whole of the bytes; bytes left over are a failure.</summary>
    public static IMessage Read(string message, short version, ReadOnlyMemory<byte> bytes)
    {
        var reader = new ProtocolReader(bytes);
        var result = (IMessage)ReaderOf(message)(ref reader, version);
        if (reader.Remaining != 0) throw new InvalidOperationException($"{message} {version} left {reader.Remaining} bytes.");
        return result;
    }

    /// <summary>Reads what the bytes begin with.</summary>
    public static void ReadPrefix(string message, short version, ReadOnlyMemory<byte> bytes)
    {
        var reader = new ProtocolReader(bytes);
        ReaderOf(message)(ref reader, version);
    }

    private static Reader ReaderOf(string message) => Readers.GetOrAdd(message, static name =>
        JsonMapper.TypeOf(name).GetMethod("Read", BindingFlags.Public | BindingFlags.Static)!.CreateDelegate<Reader>());

    public static byte[] Write(IMessage message, short version)
    {
        using var writer = new ProtocolWriter();
        message.Write(writer, version);
        return writer.ToArray();
    }
}
