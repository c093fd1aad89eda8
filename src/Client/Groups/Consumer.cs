namespace Actors.Client;

/// <summary>How a <see cref="Consumer"/> reads and commits.</summary>
public sealed record ConsumerOptions
{
    public required GroupOptions Group { get; init; }

    /// <summary>How it fetches; its <see cref="FetcherOptions.Reset"/> also says where a partition without a committed offset begins.</summary>
    public FetcherOptions Fetch { get; init; } = new();

    /// <summary>How often what was read is committed, and before partitions are given up; null: only by <see cref="Consumer.CommitAsync"/>. Kafka's <c>auto.commit.interval.ms</c>.</summary>
    public TimeSpan? AutoCommit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Told of changes too: after new partitions have their offsets, before old ones are given up.</summary>
    public IRebalanceListener? Listener { get; init; }
}

/// <summary>
/// Reads topics as a member of a group, from the group's committed offsets. What a read gave counts as dealt with when the next one is called;
/// so each record is read at least once. Safe for one reader.
/// </summary>
public sealed class Consumer : IAsyncDisposable
{
    private readonly ClusterClient _cluster;
    private readonly ConsumerOptions _options;
    private readonly BrokerConnections _lookups;
    private readonly Fetcher _fetcher;
    private readonly GroupMember _member;
    private readonly Dictionary<TopicPartition, OffsetAndMetadata> _uncommitted = [];
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _committing = new(1);
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _commits;
    private FetchedChunk? _inHand;

    /// <summary>Starts to join the group.</summary>
    /// <exception cref="ArgumentException">Options out of bounds.</exception>
    public Consumer(ClusterClient cluster, ConsumerOptions options)
    {
        (_cluster, _options) = (cluster, options);
        options.Group.Check();
        _lookups = cluster.OpenConnections();
        _fetcher = new Fetcher(cluster, options.Fetch);
        _member = new GroupMember(cluster, options.Group, new Listener(this));
        _ = _member.Completion.ContinueWith(_ => _ended.Cancel(), TaskScheduler.Default);
        _member.Start();
        _commits = options.AutoCommit is { } every ? CommitEveryAsync(every, cluster.Time) : Task.CompletedTask;
    }

    public GroupMember Member => _member;

    /// <summary>Waits for the next chunk of any partition of this member's.</summary>
    /// <exception cref="KafkaException">The membership ended, or a partition met an error that is not retried.</exception>
    public async ValueTask<FetchedChunk> ReadAsync(CancellationToken cancellation = default)
    {
        TakeIn();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _ended.Token);
        try
        {
            while (true)
            {
                var chunk = await _fetcher.ReadAsync(either.Token);
                lock (_gate)
                {
                    // Given up between the fetch and here.
                    if (!_member.Assignment.Contains(chunk.Partition)) continue;
                    _inHand = chunk;
                }
                return chunk;
            }
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            await _member.Completion;
            throw new ObjectDisposedException(nameof(Consumer));
        }
    }

    /// <summary>Of the chunk in hand only the records before an offset count as dealt with; the rest is read again after a restart.</summary>
    public void StopAt(long offset)
    {
        lock (_gate)
        {
            if (_inHand is not { } read) return;
            if (_member.Assignment.Contains(read.Partition)) _uncommitted[read.Partition] = new OffsetAndMetadata(offset);
            _inHand = null;
        }
    }

    /// <summary>Commits what was read, the chunk in hand included.</summary>
    /// <exception cref="KafkaException">As <see cref="GroupMember.CommitAsync"/>.</exception>
    public async ValueTask CommitAsync(CancellationToken cancellation = default)
    {
        TakeIn();
        await CommitTakenInAsync(cancellation);
    }

    /// <summary>Commits what was read if commits are automatic, leaves the group and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        TakeIn();
        await _member.DisposeAsync();
        await _commits;
        await _fetcher.DisposeAsync();
        await _lookups.DisposeAsync();
        _ended.Dispose();
    }

    private void TakeIn()
    {
        lock (_gate)
        {
            if (_inHand is { } read && _member.Assignment.Contains(read.Partition)) _uncommitted[read.Partition] = new OffsetAndMetadata(read.NextOffset);
            _inHand = null;
        }
    }

    /// <summary>
    /// Where partitions without a committed offset begin. That is committed like what was read: who starts at the end and reads nothing
    /// shall not miss what comes while the group is away.
    /// </summary>
    private async ValueTask<Dictionary<TopicPartition, ListedOffset>> StartsAsync(List<TopicPartition> partitions, CancellationToken cancellation)
    {
        if (partitions.Count == 0) return [];
        if (_options.Fetch.Reset == OffsetReset.Fail)
            throw new KafkaException(Protocol.ErrorCode.OffsetOutOfRange, $"group {_options.Group.GroupId} has committed no offset in partition {partitions[0]}");
        var start = _options.Fetch.Reset == OffsetReset.Latest ? LogicalOffset.Latest : LogicalOffset.Earliest;
        var wanted = partitions.ToDictionary(p => p, _ => start);
        var found = await _cluster.RetryAsync(
            _cluster.Options.ApiTimeout, stop => OffsetLookup.OnceAsync(_cluster, _lookups, wanted, _options.Fetch.Isolation, stop), cancellation);
        lock (_gate)
        {
            foreach (var (partition, offset) in found) _uncommitted[partition] = new OffsetAndMetadata(offset.Offset);
        }
        return found;
    }

    private async ValueTask CommitTakenInAsync(CancellationToken cancellation)
    {
        await _committing.WaitAsync(cancellation);
        try
        {
            Dictionary<TopicPartition, OffsetAndMetadata> offsets;
            lock (_gate) offsets = new(_uncommitted);
            await _member.CommitAsync(offsets, cancellation);
            lock (_gate)
            {
                foreach (var (partition, offset) in offsets)
                    if (_uncommitted.TryGetValue(partition, out var now) && now == offset) _uncommitted.Remove(partition);
            }
        }
        finally
        {
            _committing.Release();
        }
    }

    private async Task CommitEveryAsync(TimeSpan every, TimeProvider time)
    {
        using var timer = new PeriodicTimer(every, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_ended.Token))
            {
                try
                {
                    if (_member.Current.Generation >= 0) await CommitTakenInAsync(_ended.Token);
                }
                catch (KafkaException)
                {
                    // A rebalance is under way or the member was away: what is read again was not lost. The next round tries again.
                }
            }
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
            // Closed.
        }
    }

    /// <summary>Partitions come with their offsets, and go with theirs committed.</summary>
    private sealed class Listener(Consumer consumer) : IRebalanceListener
    {
        public async ValueTask OnAssignedAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellation)
        {
            if (partitions.Count > 0)
            {
                var committed = await consumer._member.CommittedAsync(partitions, cancellation);
                var found = await consumer.StartsAsync([.. partitions.Where(p => !committed.ContainsKey(p))], cancellation);
                consumer._fetcher.Assign(partitions.Select(p => KeyValuePair.Create(p, committed.TryGetValue(p, out var from) ? from.Offset : found[p].Offset)));
            }
            if (consumer._options.Listener is { } listener) await listener.OnAssignedAsync(partitions, cancellation);
        }

        public async ValueTask OnRevokedAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellation)
        {
            if (consumer._options.Listener is { } listener) await listener.OnRevokedAsync(partitions, cancellation);
            if (consumer._options.AutoCommit is not null)
            {
                try
                {
                    await consumer.CommitTakenInAsync(cancellation);
                }
                catch (Exception error) when (error is KafkaException or OperationCanceledException)
                {
                    // The next owner reads again from the last commit.
                }
            }
            Forget(partitions);
        }

        public async ValueTask OnLostAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellation)
        {
            if (consumer._options.Listener is { } listener) await listener.OnLostAsync(partitions, cancellation);
            Forget(partitions);
        }

        private void Forget(IReadOnlyCollection<TopicPartition> partitions)
        {
            consumer._fetcher.Unassign(partitions);
            lock (consumer._gate)
            {
                foreach (var partition in partitions) consumer._uncommitted.Remove(partition);
                if (consumer._inHand is { } read && partitions.Contains(read.Partition)) consumer._inHand = null;
            }
        }
    }
}
