using System.Buffers.Binary;
using System.Text;

namespace Actors.Machines;

/// <summary>Reads which topics a consumer subscribes to out of its protocol metadata. Source: Kafka's ConsumerProtocolSubscription, all versions.</summary>
internal static class ConsumerSubscription
{
    /// <summary>The protocol type of consumers.</summary>
    public const string ProtocolType = "consumer";

    /// <summary>The topics; null when the bytes are no subscription.</summary>
    public static IReadOnlyList<string>? Topics(ReadOnlySpan<byte> metadata)
    {
        const int VersionSize = sizeof(short), CountSize = sizeof(int), LengthSize = sizeof(short);
        if (metadata.Length < VersionSize + CountSize || BinaryPrimitives.ReadInt16BigEndian(metadata) < 0)
            return null;
        var count = BinaryPrimitives.ReadInt32BigEndian(metadata[VersionSize..]);
        var rest = metadata[(VersionSize + CountSize)..];
        if (count < 0 || count > rest.Length / LengthSize)
            return null;
        var topics = new List<string>(count);
        for (var i = 0; i < count; i++)
        {
            var length = rest.Length < LengthSize ? -1 : BinaryPrimitives.ReadInt16BigEndian(rest);
            if (length < 0 || length > rest.Length - LengthSize)
                return null;
            topics.Add(Encoding.UTF8.GetString(rest.Slice(LengthSize, length)));
            rest = rest[(LengthSize + length)..];
        }
        return topics;
    }
}
