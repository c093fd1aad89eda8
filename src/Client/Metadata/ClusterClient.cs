using System.Collections.Concurrent;
using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Client;

/// <summary>
/// What producers, fetchers, group members and admins share: who the brokers are, which one leads a partition, which one coordinates a group.
/// Metadata is kept, and asked for again when it is old or an error says that it is wrong.
/// </summary>
public sealed class ClusterClient : IAsyncDisposable
{
    private readonly IReadOnlyList<BrokerAddress> _bootstrap;
    private readonly BrokerConnections _connections;
    private readonly ConcurrentDictionary<string, bool> _topics = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private ClusterMetadata _metadata = ClusterMetadata.Empty;
    private long _refreshedAt = long.MinValue;
    private Task<ClusterMetadata>? _refresh;

    /// <exception cref="FormatException">The bootstrap servers are not <c>host:port[,host:port…]</c>.</exception>
    public ClusterClient(ClusterOptions options)
    {
        Options = options;
        _bootstrap = BrokerAddress.ParseList(options.BootstrapServers);
        _connections = new BrokerConnections(options);
        Backoff = new Backoff(options.RetryBackoff, options.RetryBackoffMax);
    }

    public ClusterOptions Options { get; }

    /// <summary>The newest picture of the cluster; empty before the first answer.</summary>
    public ClusterMetadata Metadata => Volatile.Read(ref _metadata);

    internal Backoff Backoff { get; }

    internal TimeProvider Time => Options.TimeProvider;

    internal BrokerConnections OpenConnections() => new(Options);

    /// <summary>A topic that exists and whose partitions are known; retried until it does, or <see cref="ClusterOptions.ApiTimeout"/> has passed.</summary>
    /// <param name="create">Lets the broker create the topic where its configuration allows.</param>
    /// <exception cref="KafkaException">The topic does not exist or is not authorised; its name is not valid; no broker answers.</exception>
    public ValueTask<TopicMetadata> TopicAsync(string topic, bool create = false, CancellationToken cancellation = default)
    {
        if (IsFresh && Metadata.Topics.TryGetValue(topic, out var known) && known.Error == ErrorCode.None) return ValueTask.FromResult(known);
        return RetryAsync(Options.ApiTimeout, async stop =>
        {
            var metadata = await RefreshAsync(topic, create, stop);
            var found = metadata.Topics.GetValueOrDefault(topic);
            var error = found?.Error ?? ErrorCode.UnknownTopicOrPartition;
            return error == ErrorCode.None ? found! : throw new KafkaException(error, $"topic {topic}");
        }, cancellation);
    }

    /// <summary>The number of partitions of those topics that exist, asked for now. One try.</summary>
    internal async ValueTask<IReadOnlyDictionary<string, int>> PartitionCountsAsync(IReadOnlyCollection<string> topics, CancellationToken cancellation)
    {
        var fresh = topics.Count(topic => _topics.TryAdd(topic, true)) == 0;
        var metadata = await (await StartRefresh(alone: !fresh)).WaitAsync(cancellation);
        return topics.Select(topic => metadata.Topics.GetValueOrDefault(topic)).Where(t => t is { Error: ErrorCode.None }).ToDictionary(t => t!.Name, t => t!.Partitions.Count);
    }

    /// <summary>Asks for metadata of the topics in use, now. One try.</summary>
    /// <exception cref="KafkaException">No broker answers.</exception>
    public ValueTask<ClusterMetadata> RefreshAsync(CancellationToken cancellation = default) => RefreshAsync(null, false, cancellation);

    /// <summary>The next use of metadata asks for it again.</summary>
    internal void Invalidate() => Volatile.Write(ref _refreshedAt, long.MinValue);

    internal bool IsFresh
    {
        get
        {
            var at = Volatile.Read(ref _refreshedAt);
            return at != long.MinValue && Time.GetElapsedTime(at) < Options.MetadataMaxAge;
        }
    }

    /// <summary>The broker that leads a partition, as far as is known without asking.</summary>
    internal bool TryLeader(TopicPartition partition, out BrokerInfo leader)
    {
        var metadata = Metadata;
        leader = null!;
        return IsFresh && metadata.Find(partition) is { Leader: >= 0 } found && metadata.Brokers.TryGetValue(found.Leader, out leader!);
    }

    /// <summary>The broker that leads a partition. One try: the caller retries.</summary>
    internal async ValueTask<BrokerInfo> LeaderAsync(TopicPartition partition, CancellationToken cancellation)
    {
        if (TryLeader(partition, out var leader)) return leader;
        var metadata = await RefreshAsync(partition.Topic, false, cancellation);
        if (!metadata.Topics.TryGetValue(partition.Topic, out var topic)) throw new KafkaException(ErrorCode.UnknownTopicOrPartition, $"topic {partition.Topic}");
        if (topic.Error != ErrorCode.None) throw new KafkaException(topic.Error, $"topic {partition.Topic}");
        if (metadata.Find(partition) is null) throw new KafkaException(ErrorCode.UnknownTopicOrPartition, $"partition {partition}");
        return TryLeader(partition, out leader) ? leader : throw new KafkaException(ErrorCode.LeaderNotAvailable, $"partition {partition}");
    }

    /// <summary>Partitions by the broker that leads them, with one question for all topics that are not known, not one for each. One try: the caller retries.</summary>
    internal async ValueTask<Dictionary<BrokerInfo, List<TopicPartition>>> ByLeaderAsync(IEnumerable<TopicPartition> partitions, CancellationToken cancellation)
    {
        var all = partitions.ToList();
        var unknown = all.Where(partition => !TryLeader(partition, out _)).Select(partition => partition.Topic).Distinct().ToList();
        if (unknown.Count > 1) await PartitionCountsAsync(unknown, cancellation);
        var byLeader = new Dictionary<BrokerInfo, List<TopicPartition>>();
        foreach (var partition in all)
        {
            var leader = await LeaderAsync(partition, cancellation);
            if (!byLeader.TryGetValue(leader, out var led)) byLeader.Add(leader, led = []);
            led.Add(partition);
        }
        return byLeader;
    }

    /// <summary>Sends to one broker over the caller's own connections, and notes what an answer or its absence says about metadata.</summary>
    internal async ValueTask<TResponse> SendAsync<TRequest, TResponse>(
        BrokerConnections connections, BrokerInfo broker, Api<TRequest, TResponse> api, TRequest request, TimeSpan timeout, CancellationToken cancellation)
        where TRequest : IRequest
    {
        try
        {
            var connection = await connections.ToAsync(new BrokerAddress(broker.Host, broker.Port), cancellation);
            return await connection.SendAsync(api, request, timeout, cancellation);
        }
        catch (KafkaException error) when (error.Error.RefreshesMetadata())
        {
            Invalidate();
            throw;
        }
    }

    /// <summary>Sends to any broker that answers: those of the metadata first, then those to start from.</summary>
    internal async ValueTask<TResponse> SendToAnyAsync<TRequest, TResponse>(
        Api<TRequest, TResponse> api, TRequest request, TimeSpan timeout, CancellationToken cancellation) where TRequest : IRequest
    {
        KafkaException? last = null;
        foreach (var address in Candidates())
        {
            try
            {
                var connection = await _connections.ToAsync(address, cancellation);
                return await connection.SendAsync(api, request, timeout, cancellation);
            }
            catch (KafkaException error) when (error.IsRetriable)
            {
                last = error;
            }
        }
        throw last!;
    }

    /// <summary>The broker that makes and deletes topics.</summary>
    internal async ValueTask<BrokerInfo> ControllerAsync(CancellationToken cancellation)
    {
        var metadata = IsFresh ? Metadata : await RefreshAsync(cancellation);
        return metadata.Brokers.TryGetValue(metadata.ControllerId, out var controller)
            ? controller
            : throw new KafkaException(ErrorCode.NotController, "the cluster has no controller at the moment");
    }

    /// <summary>The broker that coordinates a group. One try: the caller retries.</summary>
    internal async ValueTask<BrokerInfo> CoordinatorAsync(string group, CancellationToken cancellation)
    {
        var response = await SendToAnyAsync(Apis.FindCoordinator, new FindCoordinatorRequest { Key = group }, Options.RequestTimeout, cancellation);
        return (ErrorCode)response.ErrorCode == ErrorCode.None
            ? new BrokerInfo(response.NodeId, response.Host, response.Port, null)
            : throw new KafkaException((ErrorCode)response.ErrorCode, $"the coordinator of group {group}");
    }

    /// <summary>Repeats an attempt on retriable errors, with growing pauses, until <paramref name="within"/> has passed.</summary>
    internal async ValueTask<T> RetryAsync<T>(TimeSpan within, Func<CancellationToken, ValueTask<T>> attempt, CancellationToken cancellation)
    {
        var start = Time.GetTimestamp();
        for (var tries = 0; ; tries++)
        {
            try
            {
                return await attempt(cancellation);
            }
            catch (KafkaException error) when (error.IsRetriable)
            {
                if (error.Error.RefreshesMetadata() || error.Error == ErrorCode.NotController) Invalidate();
                var pause = Backoff.Delay(tries, Random.Shared.NextDouble());
                if (Time.GetElapsedTime(start) + pause >= within) throw;
                await Task.Delay(pause, Time, cancellation);
            }
        }
    }

    private IEnumerable<BrokerAddress> Candidates()
    {
        var known = Metadata.Brokers.Values.Select(b => new BrokerAddress(b.Host, b.Port)).ToArray();
        Random.Shared.Shuffle(known);
        return known.Concat(_bootstrap).Distinct();
    }

    private async ValueTask<ClusterMetadata> RefreshAsync(string? topic, bool create, CancellationToken cancellation)
    {
        // Leave to create is asked for this topic alone: others in use may be waited for by someone who must not create them.
        if (topic is not null && create) await SendToAnyAsync(Apis.Metadata, AskFor([topic], create: true), Options.RequestTimeout, cancellation);
        // A refresh under way may have left without a topic that is new here.
        var alone = create || (topic is not null && !_topics.ContainsKey(topic));
        if (topic is not null) _topics.TryAdd(topic, true);
        return await (await StartRefresh(alone)).WaitAsync(cancellation);
    }

    private static MetadataRequest AskFor(IEnumerable<string> topics, bool create) => new()
    {
        Topics = [.. topics.Select(name => new MetadataRequest.MetadataRequestTopic { Name = name })],
        AllowAutoTopicCreation = create,
    };

    private async ValueTask<Task<ClusterMetadata>> StartRefresh(bool alone)
    {
        Task<ClusterMetadata>? running;
        lock (_gate) running = _refresh is { IsCompleted: false } ? _refresh : null;
        if (running is not null && alone) await running.ContinueWith(static _ => { }, TaskScheduler.Default);
        lock (_gate)
        {
            if (_refresh is not { IsCompleted: false }) _refresh = FetchMetadataAsync();
            return _refresh;
        }
    }

    private async Task<ClusterMetadata> FetchMetadataAsync()
    {
        var request = AskFor(_topics.Keys.Order(StringComparer.Ordinal), create: false);
        var response = await SendToAnyAsync(Apis.Metadata, request, Options.RequestTimeout, _stop.Token);
        var metadata = ClusterMetadata.Of(response);
        Volatile.Write(ref _metadata, metadata);
        Volatile.Write(ref _refreshedAt, Time.GetTimestamp());
        return metadata;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _connections.DisposeAsync();
    }
}
