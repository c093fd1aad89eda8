using Actors.Protocol;
using Actors.Protocol.Messages;
using Actors.Protocol.Records;

namespace Actors.Client.Tests.Fakes;

/// <summary>What each request does to the fake cluster, as one of its nodes answers it.</summary>
internal sealed class FakeApis(FakeCluster cluster, int node)
{
    public async ValueTask<(IMessage? Answer, short Version)> HandleAsync(IRequest request, short version, CancellationToken stop) => request switch
    {
        ApiVersionsRequest => ApiVersions(version),
        FetchRequest fetch => (await FetchAsync(fetch, stop), version),
        JoinGroupRequest join => (await cluster.Groups.JoinAsync(join).AsTask().WaitAsync(stop), version),
        SyncGroupRequest sync => (await cluster.Groups.SyncAsync(sync).AsTask().WaitAsync(stop), version),
        _ => (Locked(request), version),
    };

    private IMessage? Locked(IRequest request)
    {
        lock (cluster.Gate)
        {
            return request switch
            {
                MetadataRequest metadata => Metadata(metadata),
                ProduceRequest produce => Produce(produce),
                ListOffsetsRequest offsets => ListOffsets(offsets),
                DeleteRecordsRequest delete => DeleteRecords(delete),
                InitProducerIdRequest => new InitProducerIdResponse { ProducerId = cluster.NextProducerId++, ProducerEpoch = 0 },
                CreateTopicsRequest create => CreateTopics(create),
                DeleteTopicsRequest delete => DeleteTopics(delete),
                DescribeTopicPartitionsRequest describe => DescribeTopicPartitions(describe),
                FindCoordinatorRequest => new FindCoordinatorResponse { NodeId = cluster.Nodes.Keys.Max(), Host = cluster.Host, Port = cluster.Nodes[cluster.Nodes.Keys.Max()] },
                HeartbeatRequest heartbeat => cluster.Groups.Heartbeat(heartbeat),
                LeaveGroupRequest leave => cluster.Groups.Leave(leave),
                OffsetCommitRequest commit => cluster.Groups.Commit(commit),
                OffsetDeleteRequest delete => cluster.Groups.DeleteOffsets(delete),
                OffsetFetchRequest fetch => cluster.Groups.Fetch(fetch),
                ListGroupsRequest => cluster.Groups.List(),
                DescribeConfigsRequest describe => DescribeConfigs(describe),
                DeleteGroupsRequest delete => cluster.Groups.Delete(delete),
                DescribeGroupsRequest describe => cluster.Groups.Describe(describe),
                _ => throw new NotSupportedException($"the fake cluster does not serve {request.Key}"),
            };
        }
    }

    private (IMessage, short) ApiVersions(short version)
    {
        var known = version <= cluster.MaxApiVersionsVersion;
        var response = new ApiVersionsResponse { ErrorCode = known ? (short)0 : (short)ErrorCode.UnsupportedVersion };
        foreach (var api in ApiVersionTable.All)
        {
            response.ApiKeys.Add(new ApiVersionsResponse.ApiVersion
            {
                ApiKey = (short)api.Key, MinVersion = api.MinVersion, MaxVersion = api.Key == ApiKey.ApiVersions ? cluster.MaxApiVersionsVersion : api.MaxVersion,
            });
        }
        return (response, known ? version : (short)0);
    }

    private MetadataResponse Metadata(MetadataRequest request)
    {
        var names = request.Topics is null ? [.. cluster.Topics.Keys] : request.Topics.ConvertAll(t => t.Name!);
        var response = new MetadataResponse { ClusterId = "fake", ControllerId = cluster.Nodes.Keys.Min() };
        foreach (var (id, port) in cluster.Nodes) response.Brokers.Add(new MetadataResponse.MetadataResponseBroker { NodeId = id, Host = cluster.Host, Port = port });
        foreach (var name in names)
        {
            if (!cluster.Topics.ContainsKey(name) && request.AllowAutoTopicCreation && cluster.AutoCreate) cluster.AddTopic(name);
            var topic = cluster.Topics.GetValueOrDefault(name);
            response.Topics.Add(new MetadataResponse.MetadataResponseTopic
            {
                Name = name,
                ErrorCode = topic is null ? (short)ErrorCode.UnknownTopicOrPartition : (short)0,
                TopicId = topic?.Id ?? Guid.Empty,
                Partitions = topic is null ? [] : [.. topic.Logs.Select((log, index) => new MetadataResponse.MetadataResponsePartition
                {
                    PartitionIndex = index, LeaderId = log.Leader, LeaderEpoch = log.LeaderEpoch, ReplicaNodes = [log.Leader], IsrNodes = [log.Leader],
                })],
            });
        }
        return response;
    }

    private FakeLog? Find(string topic, int partition, out ErrorCode error)
    {
        var log = cluster.Topics.GetValueOrDefault(topic)?.Logs.ElementAtOrDefault(partition);
        error = log is null ? ErrorCode.UnknownTopicOrPartition : log.Leader != node ? ErrorCode.NotLeaderOrFollower : ErrorCode.None;
        return error == ErrorCode.None ? log : null;
    }

    private ProduceResponse? Produce(ProduceRequest request)
    {
        var response = new ProduceResponse();
        foreach (var topic in request.TopicData)
        {
            var answers = new ProduceResponse.TopicProduceResponse { Name = topic.Name };
            foreach (var partition in topic.PartitionData)
            {
                var offset = -1L;
                if (Find(topic.Name, partition.Index, out var error) is { } log) (error, offset) = log.Append(partition.Records!.ToArray());
                answers.PartitionResponses.Add(new ProduceResponse.PartitionProduceResponse { Index = partition.Index, ErrorCode = (short)error, BaseOffset = offset });
            }
            response.Responses.Add(answers);
        }
        return request.Acks == 0 ? null : response;
    }

    private async ValueTask<FetchResponse> FetchAsync(FetchRequest request, CancellationToken stop)
    {
        var deadline = Task.Delay(request.MaxWaitMs, stop);
        while (true)
        {
            FetchResponse response;
            List<Task> appends = [deadline];
            lock (cluster.Gate)
            {
                response = Fetch(request);
                appends.AddRange(request.Topics.SelectMany(t => t.Partitions.Select(p => Find(t.Topic, p.Partition, out _)?.Appended.Task)).OfType<Task>());
            }
            var partitions = response.Responses.SelectMany(t => t.Partitions).ToList();
            if (partitions.Exists(p => p.ErrorCode != 0 || p.Records is { Length: > 0 }) || deadline.IsCompleted) return response;
            await Task.WhenAny(appends);
        }
    }

    private FetchResponse Fetch(FetchRequest request)
    {
        var response = new FetchResponse();
        foreach (var topic in request.Topics)
        {
            var answers = new FetchResponse.FetchableTopicResponse { Topic = topic.Topic };
            foreach (var partition in topic.Partitions)
            {
                var answer = new FetchResponse.PartitionData { PartitionIndex = partition.Partition, HighWatermark = -1, AbortedTransactions = null };
                if (Find(topic.Topic, partition.Partition, out var error) is { } log)
                {
                    if (partition.FetchOffset < log.Start || partition.FetchOffset > log.End) error = ErrorCode.OffsetOutOfRange;
                    else answer.Records = log.Read(partition.FetchOffset, partition.PartitionMaxBytes);
                    (answer.HighWatermark, answer.LastStableOffset) = (log.End, log.End);
                }
                answer.ErrorCode = (short)error;
                answers.Partitions.Add(answer);
            }
            response.Responses.Add(answers);
        }
        return response;
    }

    private ListOffsetsResponse ListOffsets(ListOffsetsRequest request)
    {
        var response = new ListOffsetsResponse();
        foreach (var topic in request.Topics)
        {
            response.Topics.Add(new ListOffsetsResponse.ListOffsetsTopicResponse
            {
                Name = topic.Name,
                Partitions = [.. topic.Partitions.Select(p =>
                {
                    var log = Find(topic.Name, p.PartitionIndex, out var error);
                    var offset = log is null ? -1 : p.Timestamp == LogicalOffset.Earliest ? log.Start : p.Timestamp >= 0 ? log.At(p.Timestamp) : log.End;
                    return new ListOffsetsResponse.ListOffsetsPartitionResponse { PartitionIndex = p.PartitionIndex, ErrorCode = (short)error, Offset = offset };
                })],
            });
        }
        return response;
    }

    private DeleteRecordsResponse DeleteRecords(DeleteRecordsRequest request) => new()
    {
        Topics = [.. request.Topics.Select(topic => new DeleteRecordsResponse.DeleteRecordsTopicResult
        {
            Name = topic.Name,
            Partitions = [.. topic.Partitions.Select(p =>
            {
                var log = Find(topic.Name, p.PartitionIndex, out var error);
                if (log is not null && p.Offset > log.End) error = ErrorCode.OffsetOutOfRange;
                else if (log is not null) log.Start = Math.Max(log.Start, p.Offset < 0 ? log.End : p.Offset);
                return new DeleteRecordsResponse.DeleteRecordsPartitionResult
                {
                    PartitionIndex = p.PartitionIndex, ErrorCode = (short)error, LowWatermark = error == ErrorCode.None ? log!.Start : -1,
                };
            })],
        })],
    };

    private CreateTopicsResponse CreateTopics(CreateTopicsRequest request)
    {
        var response = new CreateTopicsResponse();
        foreach (var topic in request.Topics)
        {
            var error = cluster.Topics.ContainsKey(topic.Name) ? ErrorCode.TopicAlreadyExists : ErrorCode.None;
            var id = error == ErrorCode.None ? cluster.AddTopic(topic.Name, Math.Max(topic.NumPartitions, 1)).Id : Guid.Empty;
            if (error == ErrorCode.None) foreach (var config in topic.Configs) cluster.Topics[topic.Name].Configs[config.Name] = config.Value!;
            response.Topics.Add(new CreateTopicsResponse.CreatableTopicResult
            {
                Name = topic.Name, ErrorCode = (short)error, TopicId = id, ErrorMessage = error == ErrorCode.None ? null : $"Topic '{topic.Name}' already exists.",
            });
        }
        return response;
    }

    private DescribeConfigsResponse DescribeConfigs(DescribeConfigsRequest request) => new()
    {
        Results = [.. request.Resources.Select(resource => new DescribeConfigsResponse.DescribeConfigsResult
        {
            ResourceType = resource.ResourceType, ResourceName = resource.ResourceName,
            Configs =
            [
                new DescribeConfigsResponse.DescribeConfigsResourceResult { Name = "max.message.bytes", Value = "1048588", ConfigSource = 5 },
                .. cluster.Topics[resource.ResourceName].Configs.Select(c => new DescribeConfigsResponse.DescribeConfigsResourceResult { Name = c.Key, Value = c.Value, ConfigSource = 1 }),
            ],
        })],
    };

    /// <summary>A partition a page, so that those who ask must turn pages.</summary>
    private DescribeTopicPartitionsResponse DescribeTopicPartitions(DescribeTopicPartitionsRequest request)
    {
        var all = request.Topics.SelectMany(t => Enumerable.Range(0, cluster.Topics.TryGetValue(t.Name, out var topic) ? topic.Logs.Length : 0).Select(p => new TopicPartition(t.Name, p))).Order().ToList();
        var at = request.Cursor is { } cursor ? all.IndexOf(new(cursor.TopicName, cursor.PartitionIndex)) : 0;
        if (all.Count == 0) return new DescribeTopicPartitionsResponse();
        return new DescribeTopicPartitionsResponse
        {
            Topics =
            [
                new DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic
                {
                    Name = all[at].Topic,
                    Partitions = [new DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponsePartition { PartitionIndex = all[at].Partition, EligibleLeaderReplicas = [], LastKnownElr = [] }],
                },
            ],
            NextCursor = at + 1 == all.Count ? null : new DescribeTopicPartitionsResponse.Cursor { TopicName = all[at + 1].Topic, PartitionIndex = all[at + 1].Partition },
        };
    }

    private DeleteTopicsResponse DeleteTopics(DeleteTopicsRequest request) => new()
    {
        Responses = [.. request.TopicNames.Select(name => new DeleteTopicsResponse.DeletableTopicResult
        {
            Name = name, ErrorCode = cluster.Topics.Remove(name) ? (short)0 : (short)ErrorCode.UnknownTopicOrPartition,
        })],
    };
}
