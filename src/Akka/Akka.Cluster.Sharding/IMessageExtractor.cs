using Akka.Actor;
using Akka.Util;

namespace Akka.Cluster.Sharding;

/// <summary>The entity's id and the message for it; none for a message that is for no entity.</summary>
public delegate Option<(string, object)> ExtractEntityId(object message);

/// <summary>The id of the shard that a message is for.</summary>
public delegate string ExtractShardId(object message);

/// <summary>Says of a message which entity, in which shard, it is for. Must say the same on every node.</summary>
public interface IMessageExtractor
{
    /// <summary>Null for a message that is for no entity.</summary>
    string EntityId(object message);

    /// <summary>What the entity gets: the message, or what it wraps.</summary>
    object EntityMessage(object message);

    string ShardId(object message);

    string ShardId(string entityId, object messageHint = null);
}

/// <summary>Shards by the hash of the entity's id: "0" to the number of shards less one.</summary>
public abstract class HashCodeMessageExtractor : IMessageExtractor
{
    public readonly int MaxNumberOfShards;

    protected HashCodeMessageExtractor(int maxNumberOfShards)
    {
        if (maxNumberOfShards <= 0) throw new ArgumentException("There must be at least one shard", nameof(maxNumberOfShards));
        MaxNumberOfShards = maxNumberOfShards;
    }

    public static HashCodeMessageExtractor Create(int maxNumberOfShards, Func<object, string> entityIdExtractor, Func<object, object> messageExtractor = null) =>
        new Functions(maxNumberOfShards, entityIdExtractor, messageExtractor);

    public abstract string EntityId(object message);

    public virtual object EntityMessage(object message) => message;

    public virtual string ShardId(object message) => EntityId(message) is { } id ? ShardId(id, message) : null;

    public virtual string ShardId(string entityId, object messageHint = null) =>
        (Math.Abs((long)Hash(entityId)) % MaxNumberOfShards).ToString(System.Globalization.CultureInfo.InvariantCulture);

    // Murmur3 as Scala's library hashes strings: the same on every node and run, which string.GetHashCode is not.
    internal static int Hash(string text)
    {
        unchecked
        {
            const uint seed = 0xf7ca7fd2;
            var hash = ((uint)text.Length * seed) ^ 0x971e137b;
            uint a = 0x95543787, b = 0x2ad7eb25;
            var at = 0;
            for (; at + 1 < text.Length; at += 2)
            {
                hash = Extend(hash, ((uint)text[at] << 16) + text[at + 1], a, b);
                a = a * 5 + 0x7b7d159c;
                b = b * 5 + 0x6bce6396;
            }
            if (at < text.Length) hash = Extend(hash, text[at], a, b);
            hash = (hash ^ (hash >> 16)) * 0x85ebca6b;
            hash = (hash ^ (hash >> 13)) * 0xc2b2ae35;
            return (int)(hash ^ (hash >> 16));
        }
    }

    private static uint Extend(uint hash, uint value, uint a, uint b) => unchecked((hash ^ (System.Numerics.BitOperations.RotateLeft(value * a, 11) * b)) * 3 + 0x52dce729);

    private sealed class Functions(int shards, Func<object, string> entityId, Func<object, object> entityMessage) : HashCodeMessageExtractor(shards)
    {
        public override string EntityId(object message) => message is ShardingEnvelope envelope ? envelope.EntityId : entityId(message);

        public override object EntityMessage(object message) => message switch
        {
            ShardingEnvelope envelope => envelope.Message,
            _ => entityMessage is null ? message : entityMessage(message),
        };
    }
}

/// <summary>A message with the id of the entity that it is for.</summary>
public sealed class ShardingEnvelope : IWrappedMessage, IClusterShardingSerializable, IEquatable<ShardingEnvelope>
{
    public ShardingEnvelope(string entityId, object message)
    {
        ArgumentNullException.ThrowIfNull(entityId);
        ArgumentNullException.ThrowIfNull(message);
        EntityId = entityId;
        Message = message;
    }

    public string EntityId { get; }

    public object Message { get; }

    public bool Equals(ShardingEnvelope other) => other is not null && EntityId == other.EntityId && Equals(Message, other.Message);

    public override bool Equals(object obj) => Equals(obj as ShardingEnvelope);

    public override int GetHashCode() => HashCode.Combine(EntityId, Message);

    public override string ToString() => $"ShardingEnvelope({EntityId}, {Message})";
}

/// <summary>Marks what sharding's serialiser reads and writes.</summary>
public interface IClusterShardingSerializable;

// Two functions as an extractor; ids are asked for only with a message at hand.
internal sealed class DelegatingExtractor(ExtractEntityId entity, ExtractShardId shard) : IMessageExtractor
{
    public string EntityId(object message) => entity(message) is { HasValue: true } found ? found.Value.Item1 : null;

    public object EntityMessage(object message) => entity(message) is { HasValue: true } found ? found.Value.Item2 : null;

    public string ShardId(object message) => shard(message);

    public string ShardId(string entityId, object messageHint = null) => shard(new ShardRegion.StartEntity(entityId));
}
