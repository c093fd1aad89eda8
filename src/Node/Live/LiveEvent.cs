using System.Text;
using System.Text.Json;

namespace Actors.Node.Live;

/// <summary>One server-sent event, written once for all listeners.</summary>
/// <param name="Kind">Its name.</param>
/// <param name="Bytes">As it goes out.</param>
internal sealed record LiveEvent(string Kind, byte[] Bytes)
{
    public static LiveEvent Of(string kind, object value) => new(kind, Encoding.UTF8.GetBytes($"event: {kind}\ndata: {JsonSerializer.Serialize(value, HttpApi.Json)}\n\n"));

    public bool Says(LiveEvent? other) => other is not null && Bytes.AsSpan().SequenceEqual(other.Bytes);
}
