namespace Actors.Topology;

/// <summary>How a key or value stands in a topic: Kafka's serializers of the same names; <c>long</c> and <c>double</c> are 8 bytes, big-endian.</summary>
public enum Format
{
    String,
    Json,
    Long,
    Double,
    Bytes,
}

/// <summary>What a topology promises about its results when something fails.</summary>
public enum Guarantee
{
    AtLeastOnce,
    ExactlyOnce,
}
