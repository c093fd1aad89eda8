using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Client;

/// <summary>
/// One member of a consumer group under the classic protocol: joins, assigns if it is the leader, tells its listener, sends heartbeats, and joins again
/// when the group rebalances. It reads no records; <see cref="Consumer"/> does, over this.
/// </summary>
public sealed partial class GroupMember : IAsyncDisposable
{
    /// <summary>How often the leader looks for topics that are subscribed and do not exist.</summary>
    private static readonly TimeSpan MissingTopicCheck = TimeSpan.FromSeconds(1);

    /// <summary>What the coordinator may take beyond the rebalance's own time-out to answer.</summary>
    private static readonly TimeSpan AnswerGrace = TimeSpan.FromSeconds(5);

    /// <summary>How long a closing member waits for its last commit, and for its leave.</summary>
    private static readonly TimeSpan FarewellTime = TimeSpan.FromSeconds(5);

    private readonly ClusterClient _cluster;
    private readonly GroupOptions _options;
    private readonly IRebalanceListener _listener;
    private readonly GroupCoordinatorClient _coordinator;
    private readonly bool _cooperative;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _loop;
    private Membership _membership = Membership.None;
    private List<TopicPartition> _owned = [];
    private IReadOnlyDictionary<string, int> _assignedOver = new Dictionary<string, int>();
    private IReadOnlyCollection<string> _groupTopics = [];
    private CancellationTokenSource? _rejoin;
    private string _reason = "";
    private bool _rejoinWanted;
    private volatile bool _joining;
    private (Membership Of, KafkaException Error)? _refused;
    private volatile bool _hasLeft;
    private long _heardOf = long.MinValue;

    /// <summary>Does nothing before <see cref="Start"/>.</summary>
    /// <exception cref="ArgumentException">Options out of bounds.</exception>
    public GroupMember(ClusterClient cluster, GroupOptions options, IRebalanceListener listener)
    {
        options.Check();
        (_cluster, _options, _listener) = (cluster, options, listener);
        _coordinator = new GroupCoordinatorClient(cluster, options.GroupId, options.GroupInstanceId);
        _cooperative = options.Assignors.All(a => a.IsCooperative);
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Begins to join; the listener is called from now on.</summary>
    public void Start() => _started.TrySetResult();

    /// <summary>Ends with the membership; faults when the coordinator or a callback ended it.</summary>
    public Task Completion => _loop;

    /// <summary>What this member is at the moment.</summary>
    public Membership Current => Volatile.Read(ref _membership);

    /// <summary>
    /// Whether the coordinator cannot have given this member up yet: it has accepted something that was sent less than a session's time-out ago.
    /// After a long pause this says so before any answer does.
    /// </summary>
    public bool HoldsSession => !_hasLeft && Volatile.Read(ref _heardOf) is var heardOf and not long.MinValue && _cluster.Time.GetElapsedTime(heardOf) < _options.SessionTimeout;

    /// <summary>The partitions it has at the moment.</summary>
    public IReadOnlyList<TopicPartition> Assignment
    {
        get
        {
            lock (_gate) return _owned;
        }
    }

    /// <summary>Asks the group for a rebalance, such as when an assignor would now decide otherwise.</summary>
    public void Rejoin(string reason)
    {
        lock (_gate)
        {
            (_reason, _rejoinWanted) = (reason, true);
            _rejoin?.Cancel();
        }
    }

    /// <summary>Commits offsets as this member, in this generation. Retriable errors are repeated within <see cref="ClusterOptions.ApiTimeout"/>.</summary>
    /// <exception cref="KafkaException">
    /// REBALANCE_IN_PROGRESS: nothing is committed, and may be in the next generation. ILLEGAL_GENERATION, UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID: the partitions may be
    /// another's, the member gives them up. Or the first partition's error.
    /// </exception>
    public async ValueTask CommitAsync(IReadOnlyDictionary<TopicPartition, OffsetAndMetadata> offsets, CancellationToken cancellation = default)
    {
        if (offsets.Count == 0) return;
        var (member, sentAt) = (Current, _cluster.Time.GetTimestamp());
        try
        {
            await _coordinator.CommitAsync(member, offsets, cancellation);
            HeardOf(sentAt);
        }
        catch (KafkaException error) when (error.Error is ErrorCode.IllegalGeneration or ErrorCode.UnknownMemberId or ErrorCode.FencedInstanceId)
        {
            // It joins anew meanwhile, or has: the refusal is of what it was before, and the join says what it is now. Source: Kafka's ConsumerCoordinator.
            if (_joining || member != Current) throw new KafkaException(ErrorCode.RebalanceInProgress, error.Message, error);
            lock (_gate)
            {
                _refused = (member, error);
                _rejoin?.Cancel();
            }
            throw;
        }
    }

    private void HeardOf(long sentAt)
    {
        if (sentAt > Volatile.Read(ref _heardOf)) Volatile.Write(ref _heardOf, sentAt);
    }

    /// <summary>The group's committed offsets; partitions without one are left out.</summary>
    public ValueTask<Dictionary<TopicPartition, OffsetAndMetadata>> CommittedAsync(
        IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellation = default) => _coordinator.CommittedAsync(partitions, cancellation);

    /// <summary>Ends: gives the partitions up and leaves. A static member stays in the group until its session runs out, unless <paramref name="leaveForGood"/>.</summary>
    public async ValueTask CloseAsync(bool leaveForGood = false)
    {
        if (_stop.IsCancellationRequested) return;
        await _stop.CancelAsync();
        Start();
        try
        {
            await _loop;
        }
        catch (Exception) when (_loop.IsCompleted)
        {
            // Completion tells it; canceled, it gave up waiting for a callback.
        }
        // A join that was on its way may still come about, so one who has not joined yet leaves too.
        var last = Current;
        _hasLeft = true;
        if (_options.GroupInstanceId is null ? last.MemberId != "" : leaveForGood)
        {
            try
            {
                using var deadline = new CancellationTokenSource(FarewellTime, _cluster.Time);
                await _coordinator.LeaveAsync(last, "the consumer is closed", deadline.Token);
            }
            catch (Exception error) when (error is KafkaException or OperationCanceledException)
            {
                // The session's time-out does what the farewell did not.
            }
        }
        Volatile.Write(ref _membership, Membership.None);
        await _coordinator.DisposeAsync();
    }

    /// <summary><see cref="CloseAsync"/>, static members staying.</summary>
    public ValueTask DisposeAsync() => CloseAsync();

    private async Task RunAsync()
    {
        var failures = 0;
        await _started.Task;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await JoinAsync();
                failures = 0;
                await StayAsync();
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                break;
            }
            catch (KafkaException error)
            {
                if (!await RecoverAsync(error.Error)) throw;
                var pause = error.IsRetriable ? _cluster.Backoff.Delay(failures++, Random.Shared.NextDouble()) : TimeSpan.Zero;
                await Task.Delay(pause, _cluster.Time, _stop.Token).ContinueWith(static _ => { }, TaskScheduler.Default);
            }
        }
        using var deadline = new CancellationTokenSource(FarewellTime, _cluster.Time);
        await GiveUpAsync(_listener.OnRevokedAsync, deadline.Token);
    }

    /// <summary>Puts the member into the state from which it can join again; false when it cannot.</summary>
    private async ValueTask<bool> RecoverAsync(ErrorCode error)
    {
        _joining = false;
        if (error != ErrorCode.RebalanceInProgress && !error.IsRetriable()) Volatile.Write(ref _heardOf, long.MinValue);
        switch (error)
        {
            case ErrorCode.RebalanceInProgress:
                return true;
            case ErrorCode.UnknownMemberId or ErrorCode.IllegalGeneration:
                Volatile.Write(ref _membership, error == ErrorCode.UnknownMemberId ? Membership.None : Current with { Generation = -1 });
                await GiveUpAsync(_listener.OnLostAsync, _stop.Token);
                return true;
            default:
                if (error.IsRetriable()) return true;
                Volatile.Write(ref _membership, Membership.None);
                await GiveUpAsync(_listener.OnLostAsync, _stop.Token);
                return false;
        }
    }

    private async ValueTask GiveUpAsync(Func<IReadOnlyCollection<TopicPartition>, CancellationToken, ValueTask> tell, CancellationToken cancellation)
    {
        var given = Assignment;
        if (given.Count == 0) return;
        await tell(given, cancellation);
        lock (_gate) _owned = [];
    }
}
