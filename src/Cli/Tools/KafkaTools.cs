namespace Actors.Cli.Tools;

/// <summary>Which of Kafka's tools a name stands for.</summary>
internal static class KafkaTools
{
    public static readonly string[] Names = ["kafka-topics", "kafka-console-producer", "kafka-console-consumer", "kafka-consumer-groups", "kafka-configs"];

    /// <summary>The tool; null where the name is none of theirs.</summary>
    public static KafkaTool? Find(string name, Terminal terminal) => name switch
    {
        "kafka-topics" => new KafkaTopics(terminal),
        "kafka-console-producer" => new KafkaConsoleProducer(terminal),
        "kafka-console-consumer" => new KafkaConsoleConsumer(terminal),
        "kafka-consumer-groups" => new KafkaConsumerGroups(terminal),
        "kafka-configs" => new KafkaConfigs(terminal),
        _ => null,
    };
}
