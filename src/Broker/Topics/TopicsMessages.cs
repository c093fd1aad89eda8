using Actors.Broker.Network;
using Actors.Machines;
using Actors.Protocol;

namespace Actors.Broker.Topics;

/// <summary>A command for the topics' machine.</summary>
internal sealed record TopicsRequest(long Token, TopicsCommand Command);

/// <summary>The machine's reply. For topics created it comes when their partitions serve.</summary>
internal sealed record TopicsAnswer(long Token, object Reply) : IAnswer;

/// <summary>Create what a client asked metadata of.</summary>
internal sealed record CreateMissingTopics(long Token, IReadOnlyList<string> Names);

internal sealed record MissingTopicsAnswer(long Token, IReadOnlyDictionary<string, ErrorCode> Refused) : IAnswer;

/// <summary>A producer id that nobody else has or will get.</summary>
internal sealed record TakeProducerId(long Token);

internal sealed record ProducerIdAnswer(long Token, long ProducerId) : IAnswer;
