using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Client;

/// <summary>JoinGroup and SyncGroup, and what they change.</summary>
public sealed partial class GroupMember
{
    private async ValueTask JoinAsync()
    {
        if (!_cooperative) await GiveUpAsync(_listener.OnRevokedAsync, _stop.Token);
        _joining = true;
        var joined = await SendJoinAsync();
        var members = joined.Leader == joined.MemberId && !joined.SkipAssignment ? joined.Members.ConvertAll(MemberSubscription.Of) : null;
        var assignor = _options.Assignors.FirstOrDefault(a => a.Name == joined.ProtocolName)
            ?? throw new KafkaException(ErrorCode.InconsistentGroupProtocol, $"group {_options.GroupId} agreed on assignor '{joined.ProtocolName}', which this member did not offer");
        var member = new Membership(joined.MemberId, joined.GenerationId, assignor.Name, joined.Leader == joined.MemberId);
        var request = new SyncGroupRequest
        {
            GroupId = _options.GroupId,
            GenerationId = member.Generation,
            MemberId = member.MemberId,
            GroupInstanceId = _options.GroupInstanceId,
            ProtocolType = ConsumerProtocol.Type,
            ProtocolName = assignor.Name,
        };
        if (members is not null)
        {
            foreach (var (memberId, given) in await AssignAsync(assignor, members))
                request.Assignments.Add(new SyncGroupRequest.SyncGroupRequestAssignment { MemberId = memberId, Assignment = ConsumerProtocol.WriteAssignment(given) });
        }
        else
        {
            _groupTopics = [];
            // A static leader that came back assigns nothing, and is still the one who looks for new partitions.
            if (joined.SkipAssignment && member.IsLeader) await WatchTopicsAsync(joined.Members.ConvertAll(MemberSubscription.Of));
        }
        var sentAt = _cluster.Time.GetTimestamp();
        var synced = await _coordinator.SyncAsync(request, _options.RebalanceTimeout + AnswerGrace, _stop.Token);
        Volatile.Write(ref _membership, member);
        HeardOf(sentAt);
        _joining = false;
        var assignment = ConsumerProtocol.ReadAssignment(synced.Assignment);
        assignor.OnAssignment(assignment, member.Generation);
        await WithHeartbeatsAsync(() => TakeOverAsync(assignment));
    }

    private async ValueTask<JoinGroupResponse> SendJoinAsync()
    {
        while (true)
        {
            var known = Current;
            var request = new JoinGroupRequest
            {
                GroupId = _options.GroupId,
                SessionTimeoutMs = (int)_options.SessionTimeout.TotalMilliseconds,
                RebalanceTimeoutMs = (int)_options.RebalanceTimeout.TotalMilliseconds,
                MemberId = known.MemberId,
                GroupInstanceId = _options.GroupInstanceId,
                ProtocolType = ConsumerProtocol.Type,
                Reason = _reason,
                Protocols = [.. _options.Assignors.Select(assignor => new JoinGroupRequest.JoinGroupRequestProtocol
                {
                    Name = assignor.Name,
                    Metadata = ConsumerProtocol.WriteSubscription(_options.Topics, assignor.UserData(_options.Topics), Assignment, known.Generation),
                })],
            };
            var response = await _coordinator.JoinAsync(request, _options.RebalanceTimeout + AnswerGrace, _stop.Token);
            if ((ErrorCode)response.ErrorCode != ErrorCode.MemberIdRequired) return response;
            Volatile.Write(ref _membership, Membership.None with { MemberId = response.MemberId });
        }
    }

    private async ValueTask<IReadOnlyDictionary<string, GroupAssignment>> AssignAsync(IAssignor assignor, List<MemberSubscription> members)
    {
        await WatchTopicsAsync(members);
        return assignor.Assign(_assignedOver, members);
    }

    private async ValueTask WatchTopicsAsync(List<MemberSubscription> members)
    {
        _groupTopics = members.SelectMany(m => m.Topics).ToHashSet();
        _assignedOver = await _cluster.PartitionCountsAsync(_groupTopics, _stop.Token);
    }

    private async Task TakeOverAsync(GroupAssignment assignment)
    {
        var before = Assignment;
        var revoked = before.Except(assignment.Partitions).ToList();
        var added = assignment.Partitions.Except(before).ToList();
        if (revoked.Count > 0) await _listener.OnRevokedAsync(revoked, _stop.Token);
        lock (_gate) _owned = [.. assignment.Partitions];
        try
        {
            await _listener.OnAssignedAsync(added, _stop.Token);
        }
        catch (KafkaException error) when (_cooperative && error.IsRetriable)
        {
            // What is kept over the next rebalance would not be told again.
            lock (_gate) _owned = [.. before.Except(revoked)];
            throw;
        }
        // Who gets what was given up here is decided in another rebalance.
        if (revoked.Count > 0) throw new KafkaException(ErrorCode.RebalanceInProgress, $"group {_options.GroupId}: {revoked.Count} partitions were given up");
    }
}
