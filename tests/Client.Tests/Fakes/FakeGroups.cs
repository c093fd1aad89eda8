using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Client.Tests.Fakes;

/// <summary>A small coordinator of the classic protocol: enough of it for members that behave, and for errors on demand through the cluster's rules.</summary>
public sealed class FakeGroups(FakeCluster cluster)
{
    /// <summary>How long a rebalance waits for members before it goes on without them.</summary>
    private static readonly TimeSpan JoinWindow = TimeSpan.FromMilliseconds(400);

    private static readonly TimeSpan FirstJoinDelay = TimeSpan.FromMilliseconds(30);

    private readonly Dictionary<string, Group> _groups = [];
    private int _nextMember;

    public Group this[string group]
    {
        get
        {
            lock (cluster.Gate) return _groups.TryGetValue(group, out var found) ? found : _groups[group] = new Group();
        }
    }

    public async ValueTask<JoinGroupResponse> JoinAsync(JoinGroupRequest request)
    {
        Task<JoinGroupResponse> answer;
        lock (cluster.Gate)
        {
            var group = this[request.GroupId];
            var id = request.MemberId;
            if (id != "" && !group.Members.ContainsKey(id) && !group.Promised.Remove(id)) return new JoinGroupResponse { ErrorCode = (short)ErrorCode.UnknownMemberId, ProtocolName = "" };
            if (id == "" && request.GroupInstanceId is null)
            {
                id = $"member-{++_nextMember}";
                group.Promised.Add(id);
                return new JoinGroupResponse { ErrorCode = (short)ErrorCode.MemberIdRequired, MemberId = id, ProtocolName = "" };
            }
            if (id == "")
            {
                var old = group.Members.Values.FirstOrDefault(m => m.InstanceId == request.GroupInstanceId);
                if (old is not null) group.Members.Remove(old.Id);
                id = $"{request.GroupInstanceId}-{++_nextMember}";
            }
            var member = group.Members.TryGetValue(id, out var known) ? known : group.Members[id] = new Member(id, request.GroupInstanceId);
            member.Protocols = request.Protocols.ToDictionary(p => p.Name, p => p.Metadata);
            member.Joining = new TaskCompletionSource<JoinGroupResponse>(TaskCreationOptions.RunContinuationsAsynchronously);
            answer = member.Joining.Task;
            if (group.State != "PreparingRebalance") BeginRebalance(group);
            else if (group.Members.Values.All(m => m.Joining is not null) && group.Generation > 0) CompleteJoin(group);
        }
        return await answer;
    }

    public async ValueTask<SyncGroupResponse> SyncAsync(SyncGroupRequest request)
    {
        Task<SyncGroupResponse> answer;
        lock (cluster.Gate)
        {
            var group = this[request.GroupId];
            if (Refused(group, request.MemberId, request.GenerationId) is var error and not ErrorCode.None) return new SyncGroupResponse { ErrorCode = (short)error };
            if (group.State == "PreparingRebalance") return new SyncGroupResponse { ErrorCode = (short)ErrorCode.RebalanceInProgress };
            var member = group.Members[request.MemberId];
            if (request.MemberId == group.Leader && group.State == "CompletingRebalance")
            {
                foreach (var given in request.Assignments)
                    if (group.Members.TryGetValue(given.MemberId, out var of)) of.Assignment = given.Assignment;
                group.State = "Stable";
                foreach (var waiting in group.Members.Values) waiting.Syncing?.TrySetResult(new SyncGroupResponse { Assignment = waiting.Assignment });
            }
            if (group.State == "Stable") return new SyncGroupResponse { Assignment = member.Assignment };
            member.Syncing = new TaskCompletionSource<SyncGroupResponse>(TaskCreationOptions.RunContinuationsAsynchronously);
            answer = member.Syncing.Task;
        }
        return await answer;
    }

    public HeartbeatResponse Heartbeat(HeartbeatRequest request)
    {
        var group = this[request.GroupId];
        var error = Refused(group, request.MemberId, request.GenerationId);
        if (error == ErrorCode.None && group.State == "PreparingRebalance") error = ErrorCode.RebalanceInProgress;
        return new HeartbeatResponse { ErrorCode = (short)error };
    }

    public LeaveGroupResponse Leave(LeaveGroupRequest request)
    {
        var group = this[request.GroupId];
        var answers = request.Members.ConvertAll(leaver =>
        {
            var member = leaver.MemberId != "" ? leaver.MemberId : group.Members.Values.FirstOrDefault(m => m.InstanceId == leaver.GroupInstanceId)?.Id ?? "";
            var error = group.Members.Remove(member) ? ErrorCode.None : ErrorCode.UnknownMemberId;
            return new LeaveGroupResponse.MemberResponse { MemberId = leaver.MemberId, GroupInstanceId = leaver.GroupInstanceId, ErrorCode = (short)error };
        });
        if (answers.TrueForAll(a => a.ErrorCode != 0)) return new LeaveGroupResponse { Members = answers };
        if (group.Members.Count == 0) group.State = "Empty";
        else BeginRebalance(group);
        return new LeaveGroupResponse { Members = answers };
    }

    /// <summary>The session of every member of the group has run out.</summary>
    public void Expel(string group)
    {
        lock (cluster.Gate)
        {
            this[group].Members.Clear();
            this[group].State = "Empty";
        }
    }

    public OffsetCommitResponse Commit(OffsetCommitRequest request)
    {
        var group = this[request.GroupId];
        var error = request.GenerationIdOrMemberEpoch < 0 && group.Members.Count == 0 ? ErrorCode.None : Refused(group, request.MemberId, request.GenerationIdOrMemberEpoch);
        var response = new OffsetCommitResponse();
        foreach (var topic in request.Topics)
        {
            foreach (var partition in topic.Partitions)
                if (error == ErrorCode.None) group.Offsets[new(topic.Name, partition.PartitionIndex)] = new(partition.CommittedOffset, partition.CommittedMetadata ?? "");
            response.Topics.Add(new OffsetCommitResponse.OffsetCommitResponseTopic
            {
                Name = topic.Name,
                Partitions = [.. topic.Partitions.Select(p => new OffsetCommitResponse.OffsetCommitResponsePartition { PartitionIndex = p.PartitionIndex, ErrorCode = (short)error })],
            });
        }
        return response;
    }

    public OffsetDeleteResponse DeleteOffsets(OffsetDeleteRequest request)
    {
        var group = this[request.GroupId];
        var error = group.Members.Count == 0 ? ErrorCode.None : ErrorCode.GroupSubscribedToTopic;
        var response = new OffsetDeleteResponse();
        foreach (var topic in request.Topics)
        {
            foreach (var partition in topic.Partitions)
                if (error == ErrorCode.None) group.Offsets.Remove(new(topic.Name, partition.PartitionIndex));
            response.Topics.Add(new OffsetDeleteResponse.OffsetDeleteResponseTopic
            {
                Name = topic.Name,
                Partitions = [.. topic.Partitions.Select(p => new OffsetDeleteResponse.OffsetDeleteResponsePartition { PartitionIndex = p.PartitionIndex, ErrorCode = (short)error })],
            });
        }
        return response;
    }

    public OffsetFetchResponse Fetch(OffsetFetchRequest request)
    {
        var offsets = this[request.GroupId].Offsets;
        var wanted = request.Topics is null ? offsets.Keys : request.Topics.SelectMany(t => t.PartitionIndexes.Select(p => new TopicPartition(t.Name, p)));
        return new OffsetFetchResponse
        {
            Topics = [.. wanted.GroupBy(p => p.Topic).Select(topic => new OffsetFetchResponse.OffsetFetchResponseTopic
            {
                Name = topic.Key,
                Partitions = [.. topic.Select(p => offsets.TryGetValue(p, out var at)
                    ? new OffsetFetchResponse.OffsetFetchResponsePartition { PartitionIndex = p.Partition, CommittedOffset = at.Offset, Metadata = at.Metadata }
                    : new OffsetFetchResponse.OffsetFetchResponsePartition { PartitionIndex = p.Partition, CommittedOffset = -1, Metadata = "" })],
            })],
        };
    }

    public ListGroupsResponse List() => new()
    {
        Groups = [.. _groups.Select(g => new ListGroupsResponse.ListedGroup { GroupId = g.Key, ProtocolType = "consumer", GroupState = g.Value.State })],
    };

    public DeleteGroupsResponse Delete(DeleteGroupsRequest request) => new()
    {
        Results = [.. request.GroupsNames.Select(id =>
        {
            var error = !_groups.TryGetValue(id, out var group) ? ErrorCode.GroupIdNotFound : group.Members.Count > 0 ? ErrorCode.NonEmptyGroup : ErrorCode.None;
            if (error == ErrorCode.None) _groups.Remove(id);
            return new DeleteGroupsResponse.DeletableGroupResult { GroupId = id, ErrorCode = (short)error };
        })],
    };

    public DescribeGroupsResponse Describe(DescribeGroupsRequest request) => new()
    {
        Groups = [.. request.Groups.Select(id => new DescribeGroupsResponse.DescribedGroup
        {
            GroupId = id, GroupState = _groups.ContainsKey(id) ? this[id].State : "Dead", ProtocolType = "consumer", ProtocolData = this[id].Protocol,
            Members = [.. this[id].Members.Values.Select(m => new DescribeGroupsResponse.DescribedGroupMember
            {
                MemberId = m.Id, GroupInstanceId = m.InstanceId, ClientId = "test", ClientHost = "/127.0.0.1", MemberAssignment = m.Assignment,
            })],
        })],
    };

    private static ErrorCode Refused(Group group, string member, int generation) =>
        !group.Members.ContainsKey(member) ? ErrorCode.UnknownMemberId : generation != group.Generation ? ErrorCode.IllegalGeneration : ErrorCode.None;

    private void BeginRebalance(Group group)
    {
        if (group.State == "PreparingRebalance") return;
        group.State = "PreparingRebalance";
        foreach (var member in group.Members.Values) member.Syncing?.TrySetResult(new SyncGroupResponse { ErrorCode = (short)ErrorCode.RebalanceInProgress });
        var alone = group.Members.Values.All(m => m.Joining is not null);
        _ = Task.Delay(alone ? FirstJoinDelay : JoinWindow).ContinueWith(_ =>
        {
            lock (cluster.Gate)
            {
                if (group.State == "PreparingRebalance") CompleteJoin(group);
            }
        }, TaskScheduler.Default);
    }

    private static void CompleteJoin(Group group)
    {
        foreach (var absent in group.Members.Values.Where(m => m.Joining is null).ToList()) group.Members.Remove(absent.Id);
        group.Generation++;
        group.State = "CompletingRebalance";
        if (group.Members.Count == 0)
        {
            group.State = "Empty";
            return;
        }
        group.Protocol = group.Members.Values.First().Protocols.Keys.First(name => group.Members.Values.All(m => m.Protocols.ContainsKey(name)));
        group.Leader = group.Members.ContainsKey(group.Leader) ? group.Leader : group.Members.Keys.Order(StringComparer.Ordinal).First();
        foreach (var member in group.Members.Values)
        {
            member.Assignment = [];
            member.Joining!.SetResult(new JoinGroupResponse
            {
                GenerationId = group.Generation, ProtocolType = "consumer", ProtocolName = group.Protocol, Leader = group.Leader, MemberId = member.Id,
                Members = member.Id != group.Leader ? [] : [.. group.Members.Values.Select(m => new JoinGroupResponse.JoinGroupResponseMember
                {
                    MemberId = m.Id, GroupInstanceId = m.InstanceId, Metadata = m.Protocols[group.Protocol],
                })],
            });
            (member.Joining, member.Syncing) = (null, null);
        }
    }

    public sealed class Group
    {
        public string State { get; set; } = "Empty";

        public int Generation { get; set; }

        public string Leader { get; set; } = "";

        public string Protocol { get; set; } = "";

        public Dictionary<string, Member> Members { get; } = [];

        public HashSet<string> Promised { get; } = [];

        public Dictionary<TopicPartition, OffsetAndMetadata> Offsets { get; } = [];
    }

    public sealed class Member(string id, string? instanceId)
    {
        public string Id => id;

        public string? InstanceId => instanceId;

        public Dictionary<string, byte[]> Protocols { get; set; } = [];

        public byte[] Assignment { get; set; } = [];

        public TaskCompletionSource<JoinGroupResponse>? Joining { get; set; }

        public TaskCompletionSource<SyncGroupResponse>? Syncing { get; set; }
    }
}
