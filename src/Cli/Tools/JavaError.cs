using System.Globalization;
using Actors.Client;
using Actors.Protocol;

namespace Actors.Cli.Tools;

/// <summary>An error as Kafka's Java client names it, and a line of its log. Source: Apache Kafka 3.9.0, <c>Errors</c> and <c>tools-log4j.properties</c>.</summary>
internal static class JavaError
{
    private const string Package = "org.apache.kafka.common.errors.";

    /// <summary>The exception's message: the broker's own, or the code's where the broker gave none.</summary>
    public static string Text(Exception error) => error is not KafkaException kafka ? error.Message : kafka.BrokerMessage ?? kafka.Error switch
    {
        ErrorCode.UnknownTopicOrPartition => "This server does not host this topic-partition.",
        ErrorCode.TopicAlreadyExists => "Topic with this name already exists.",
        ErrorCode.InvalidTopicException => "The request attempted to perform an operation on an invalid topic.",
        ErrorCode.InvalidPartitions => "Number of partitions is below 1.",
        ErrorCode.InvalidReplicationFactor => "Replication factor is below 1 or larger than the number of available brokers.",
        ErrorCode.InvalidConfig => "Configuration is invalid.",
        ErrorCode.NonEmptyGroup => "The group is not empty.",
        ErrorCode.GroupIdNotFound => "The group id does not exist.",
        ErrorCode.InvalidGroupId => "The group id is invalid.",
        ErrorCode.GroupSubscribedToTopic => "Deleting offsets of a topic is forbidden while the consumer group is actively subscribed to it.",
        ErrorCode.UnsupportedVersion => "The version of API is not supported.",
        ErrorCode.UnknownMemberId => "The coordinator is not aware of this member.",
        _ => kafka.Message,
    };

    /// <summary>The exception's class.</summary>
    public static string Class(Exception error) => error is not KafkaException { Error: var code } ? "java.lang.IllegalArgumentException" : Package + code switch
    {
        ErrorCode.TopicAlreadyExists => "TopicExistsException",
        ErrorCode.InvalidTopicException => "InvalidTopicException",
        ErrorCode.InvalidConfig => "InvalidConfigurationException",
        ErrorCode.NonEmptyGroup => "GroupNotEmptyException",
        ErrorCode.GroupSubscribedToTopic => "GroupSubscribedToTopicException",
        ErrorCode.NetworkException or ErrorCode.RequestTimedOut or ErrorCode.BrokerNotAvailable => "TimeoutException",
        _ => $"{code}Exception",
    };

    /// <summary>Class and message, as Java's <c>toString</c> gives them.</summary>
    public static string Whole(Exception error) => $"{Class(error)}: {Text(error)}";

    /// <summary>A line of the tools' log, which goes to standard error.</summary>
    public static string Log(string level, string message, string logger) =>
        string.Create(CultureInfo.InvariantCulture, $"[{DateTime.Now:yyyy-MM-dd HH:mm:ss,fff}] {level} {message} ({logger})");

    /// <summary>What a user may do about it, beyond Kafka's words; null where they say it.</summary>
    public static string? Remedy(Exception error) => error is KafkaException { Error: ErrorCode.NetworkException or ErrorCode.RequestTimedOut or ErrorCode.BrokerNotAvailable }
        ? "Is a node running there? Name another with --bootstrap-server HOST:PORT."
        : null;
}
