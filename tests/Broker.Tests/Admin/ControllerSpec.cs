using Actors.Protocol;
using Actors.Protocol.Messages;
using Xunit;

namespace Actors.Broker.Tests.Admin;

/// <summary>The topics actor of a single node fails a write: what was asked of it is answered all the same.</summary>
public sealed class ControllerSpec : AdminBed
{
    [Fact]
    public void Who_creates_topics_while_its_write_fails_is_answered_once_it_is_back()
    {
        Storage.Holds = true;
        var answers = new Dictionary<string, ErrorCode>();
        foreach (var name in new[] { "a", "b" })
        {
            var create = new CreateTopicsRequest { timeoutMs = 30_000 };
            create.Topics.Add(new CreateTopicsRequest.CreatableTopic { Name = name, NumPartitions = 1, ReplicationFactor = 1 });
            Connect().Send(create, 7, answer => answers.Add(name, (ErrorCode)((CreateTopicsResponse)answer).Topics[0].ErrorCode));
            Run(50);
        }
        Assert.Empty(answers);
        Storage.FailHeld();
        Storage.Holds = false;
        Run(2_000);
        Assert.Equal(new Dictionary<string, ErrorCode> { ["a"] = ErrorCode.None, ["b"] = ErrorCode.None }, answers);
        Produce("a");
        Produce("b");
    }
}
