using Actors.Broker.Network;
using Actors.Machines;
using Actors.Protocol;

namespace Actors.Broker.Topics;

/// <summary>Asked of the cluster's topics actor, at whatever node.</summary>
internal interface IControllerRequest : INodeMessage
{
    /// <summary>How long a client is kept waiting for something that it can ask any node for: should this node be cut off from the controller, another one perhaps is not.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    long Token { get; }

    IControllerRequest With(long token);
}

/// <summary>Its answer.</summary>
internal interface IControllerAnswer : IAnswer, INodeMessage
{
    IControllerAnswer With(long token);
}

/// <summary>A command for the topics' machine.</summary>
internal sealed record TopicsRequest(long Token, TopicsCommand Command) : IControllerRequest
{
    public IControllerRequest With(long token) => this with { Token = token };
}

/// <summary>The machine's reply. For topics created and partitions added it comes when they serve.</summary>
internal sealed record TopicsAnswer(long Token, object Reply) : IControllerAnswer
{
    public IControllerAnswer With(long token) => this with { Token = token };
}

/// <summary>Create what a client asked metadata of.</summary>
internal sealed record CreateMissingTopics(long Token, IReadOnlyList<string> Names) : IControllerRequest
{
    public IControllerRequest With(long token) => this with { Token = token };
}

internal sealed record MissingTopicsAnswer(long Token, IReadOnlyDictionary<string, ErrorCode> Refused) : IControllerAnswer
{
    public IControllerAnswer With(long token) => this with { Token = token };
}

/// <summary>A producer id that nobody else has or will get.</summary>
internal sealed record TakeProducerId(long Token) : IControllerRequest
{
    public IControllerRequest With(long token) => this with { Token = token };
}

internal sealed record ProducerIdAnswer(long Token, long ProducerId) : IControllerAnswer
{
    public IControllerAnswer With(long token) => this with { Token = token };
}
