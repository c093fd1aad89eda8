using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Broker.Tests.Simulation;

/// <summary>Commits growing offsets and fetches them back: what was acknowledged, or shown once, is never less again.</summary>
internal sealed class SimulatedCommitter(SimulatedRun run, string topic)
{
    private SimulatedConnection? _connection;
    private SimulatedNode? _node;
    private bool _waiting;
    private bool _found;
    private long _sent;
    private long _known = -1;

    public int Acknowledged { get; private set; }

    public void Step(SimulatedNode node)
    {
        if (_waiting)
            return;
        if (!ReferenceEquals(node, _node))
            (_node, _connection) = (node, node.Connect());
        if (!_found)
            Find();
        else if (run.Next(3) > 0)
            Commit();
        else
            Fetch();
    }

    public void Receive() => _connection?.Receive();

    public void ConnectionLost(SimulatedNode node)
    {
        if (ReferenceEquals(node, _node))
            (_connection, _node, _waiting) = (null, null, false);
    }

    /// <summary>Without faults the offset is to be had.</summary>
    public void Settle(SimulatedNode node, Action advance)
    {
        var before = Fetched;
        for (var i = 0; i < 400 && Fetched == before; i++)
        {
            if (!_waiting)
            {
                if (!ReferenceEquals(node, _node))
                    (_node, _connection) = (node, node.Connect());
                if (_found)
                    Fetch();
                else
                    Find();
            }
            advance();
        }
        if (Fetched == before)
            throw new InvalidOperationException("the committed offset was not answered within 20 s without faults");
    }

    private int Fetched { get; set; }

    /// <summary>As every client does first: whoever asks for a coordinator has the topic of the groups created.</summary>
    private void Find()
    {
        _waiting = true;
        _connection!.Send(new FindCoordinatorRequest { Key = "simulated" }, 3, response =>
        {
            _waiting = false;
            _found = ((FindCoordinatorResponse)response).ErrorCode == 0;
        });
    }

    private void Commit()
    {
        var offset = ++_sent;
        var request = new OffsetCommitRequest { GroupId = "simulated", GenerationIdOrMemberEpoch = -1, MemberId = "" };
        var part = new OffsetCommitRequest.OffsetCommitRequestTopic { Name = topic };
        part.Partitions.Add(new OffsetCommitRequest.OffsetCommitRequestPartition { PartitionIndex = 0, CommittedOffset = offset, CommittedLeaderEpoch = -1, CommittedMetadata = "" });
        request.Topics.Add(part);
        _waiting = true;
        _connection!.Send(request, 8, response =>
        {
            _waiting = false;
            if (((OffsetCommitResponse)response).Topics[0].Partitions[0].ErrorCode != 0)
                return;
            run.Tell($"committed {offset}");
            Acknowledged++;
            _known = Math.Max(_known, offset);
        });
    }

    private void Fetch()
    {
        var request = new OffsetFetchRequest { GroupId = "simulated", Topics = [new OffsetFetchRequest.OffsetFetchRequestTopic { Name = topic, PartitionIndexes = [0] }] };
        var (atLeast, atMost) = (_known, _sent);
        _waiting = true;
        _connection!.Send(request, 7, response =>
        {
            _waiting = false;
            var answer = (OffsetFetchResponse)response;
            if (answer.ErrorCode != 0)
                return;
            var offset = answer.Topics[0].Partitions[0].CommittedOffset;
            if (offset < atLeast || offset > atMost)
                throw new InvalidOperationException($"committed offset {offset} is shown, {atLeast} was acknowledged or shown before, {atMost} is the last one sent");
            Fetched++;
            _known = offset;
        });
    }
}
