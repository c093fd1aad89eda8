using System.Text;
using System.Text.Json;
using Actors.Client;

namespace Actors.Node.Testing;

/// <summary>A record as a test looks at it.</summary>
/// <param name="Partition">Where it was.</param>
/// <param name="Offset">Its offset there.</param>
/// <param name="Timestamp">Its time, in whole milliseconds.</param>
/// <param name="KeyBytes">Null where it has no key.</param>
/// <param name="ValueBytes">Null: a tombstone.</param>
public sealed record TestRecord(TopicPartition Partition, long Offset, DateTimeOffset Timestamp, byte[]? KeyBytes, byte[]? ValueBytes)
{
    /// <summary>The key as text.</summary>
    public string? Key => KeyBytes is null ? null : Encoding.UTF8.GetString(KeyBytes);

    /// <summary>The value as text.</summary>
    public string? Value => ValueBytes is null ? null : Encoding.UTF8.GetString(ValueBytes);

    /// <summary>The value as JSON: <c>record.Json["cnt"]</c>.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public System.Text.Json.Nodes.JsonObject Json => System.Text.Json.Nodes.JsonNode.Parse(ValueBytes)!.AsObject();

    /// <summary>The value's JSON as an object; names match without regard to case.</summary>
    /// <exception cref="JsonException">It is none of that type.</exception>
    public T As<T>() => JsonSerializer.Deserialize<T>(ValueBytes, JsonSerializerOptions.Web)!;

    /// <inheritdoc/>
    public override string ToString() => $"{Partition}@{Offset} {Key ?? "null"}: {Value ?? "null"}";
}
