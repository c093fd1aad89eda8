namespace Actors.Protocol.Records;

/// <summary>Keeps null and empty apart: C#'s own conversion of a null array to memory gives an empty one.</summary>
internal static class NullableBytes
{
    public static ReadOnlyMemory<byte>? Of(byte[]? bytes) => bytes is null ? default(ReadOnlyMemory<byte>?) : new ReadOnlyMemory<byte>(bytes);
}
