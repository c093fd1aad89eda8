namespace Akka.Cluster.Sharding.Regions;

/// <summary>What region and shard ask about a message: envelopes and start commands name their entity themselves.</summary>
internal sealed class Extraction(IMessageExtractor extractor)
{
    /// <summary>Null or empty: the message is for no entity.</summary>
    public string EntityId(object message) => message switch
    {
        ShardingEnvelope envelope => envelope.EntityId,
        ShardRegion.StartEntity start => start.EntityId,
        _ => extractor.EntityId(message),
    };

    public string ShardId(object message) => message switch
    {
        ShardingEnvelope envelope => extractor.ShardId(envelope.EntityId, envelope.Message),
        ShardRegion.StartEntity start => extractor.ShardId(start.EntityId, start),
        _ => extractor.ShardId(message),
    };

    public object EntityMessage(object message) => message is ShardingEnvelope envelope ? envelope.Message : extractor.EntityMessage(message);
}
