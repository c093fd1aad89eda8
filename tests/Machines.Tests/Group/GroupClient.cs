using System.Text;
using Actors.Protocol;
using Xunit;

namespace Actors.Machines.Tests;

/// <summary>A consumer as Kafka's clients are: it does the next thing the protocol asks of it whenever it is let.</summary>
internal sealed class GroupClient(int number, string? instance, bool isOld)
{
    private readonly string _name = $"c{number}";

    public string? Instance => instance;

    public string MemberId { get; private set; } = "";

    public int Generation { get; private set; } = -1;

    public string? Protocol { get; private set; }

    /// <summary>Its process is there. A dead one sends nothing; answers to it are lost.</summary>
    public bool IsAlive { get; set; } = true;

    /// <summary>It has its assignment and heartbeats.</summary>
    public bool IsStable { get; private set; }

    public int Joins { get; set; }

    private List<JoinedMember>? _members;
    private bool _mustSync, _waits;

    /// <summary>What it sends next; null while it waits for an answer.</summary>
    public GroupCommand? Next(long token, Guid newId)
    {
        if (!IsAlive || _waits)
            return null;
        // A newer one lets the coordinator keep its heartbeats.
        _waits = !IsStable || !isOld;
        if (IsStable)
            return new Heartbeat(MemberId, instance, Generation, isOld ? null : token);
        if (_mustSync)
            return new SyncGroup(token, MemberId, instance, Generation, isOld ? null : "consumer", isOld ? null : Protocol,
                [.. (_members ?? []).Select(member => new MemberAssignment(member.MemberId, Assignment(member.MemberId)))]);
        Joins++;
        GroupProtocol[] protocols = [new("range", [(byte)number]), new("sticky", [(byte)number])];
        if (number % 2 == 0)
            Array.Reverse(protocols);
        return new JoinGroup(token, MemberId, instance, newId, _name, "/host", 6_000 + number % 3 * 2_000, 5_000 + number % 4 * 5_000, "consumer", protocols, !isOld, !isOld);
    }

    public void Answered(object reply)
    {
        _waits = false;
        switch (reply)
        {
            case JoinReply { Error: ErrorCode.None } join:
                (MemberId, Generation, Protocol) = (join.MemberId, join.GenerationId, join.ProtocolName);
                // Without a list of members it assigns nothing: a replaced static leader of a stable group.
                _members = join.Leader == MemberId && join.Members.Count > 0 ? [.. join.Members] : null;
                (_mustSync, IsStable) = (true, false);
                break;
            case JoinReply { Error: ErrorCode.MemberIdRequired } join:
                Assert.Equal("", MemberId);
                MemberId = join.MemberId;
                break;
            case SyncReply { Error: ErrorCode.None } sync:
                Assert.Equal(Protocol, sync.ProtocolName);
                // A static member that took another's place has what was assigned under the earlier id.
                if (instance is null)
                    Assert.Equal(Assignment(MemberId), sync.Assignment);
                (_mustSync, IsStable) = (false, true);
                break;
            case GroupReply { Error: ErrorCode.None }:
                break;
            case GroupReply { Error: ErrorCode.RebalanceInProgress or ErrorCode.IllegalGeneration or ErrorCode.NotCoordinator }:
                JoinAgain();
                break;
            case GroupReply { Error: ErrorCode.UnknownMemberId }:
                MemberId = "";
                JoinAgain();
                break;
            case GroupReply { Error: ErrorCode.FencedInstanceId }:
                IsAlive = false;
                break;
            default:
                Assert.Fail($"{_name} got {reply}");
                break;
        }
    }

    public override string ToString() => $"{_name} {MemberId} generation {Generation}{(IsAlive ? "" : " dead")}{(IsStable ? " stable" : "")}";

    private byte[] Assignment(string memberId) => Encoding.UTF8.GetBytes($"{memberId}@{Generation}");

    private void JoinAgain() => (_mustSync, IsStable, _members) = (false, false, null);
}
