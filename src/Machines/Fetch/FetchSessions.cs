using System.Diagnostics.CodeAnalysis;
using Actors.Protocol;

namespace Actors.Machines;

/// <summary>
/// The fetch sessions of a node (KIP-227): what each client fetches and was told, so that its next requests name only what changed and their answers only what is new.
/// At most so many; a new one takes the place of the least recently used one when that is stale, or of a smaller one that has lived for long enough. And at most so many
/// partitions of all together, for which stale ones make room. Not safe for several threads.
/// Source: FetchSession.scala of Kafka 3.9.
/// </summary>
/// <param name="slots">Most sessions; 0 for none (Kafka: <c>max.incremental.fetch.session.cache.slots</c>).</param>
/// <param name="minEvictionMs">A session makes room when it was not used for longer than this, or for a larger one when it is older than this.</param>
/// <param name="mostPartitions">Most partitions of one session; what asks for more is answered without one.</param>
/// <param name="mostPartitionsTogether">Most partitions of all sessions together; what would pass it is answered without one.</param>
public sealed class FetchSessions(
    int slots, long minEvictionMs = FetchSessions.MinEvictionMs, int mostPartitions = FetchSessions.MostPartitions,
    int mostPartitionsTogether = FetchSessions.MostPartitionsTogether)
{
    /// <summary>Two minutes, as in Kafka.</summary>
    public const long MinEvictionMs = 120_000;

    /// <summary>Partitions of one session unless another bound is given; Kafka has none.</summary>
    public const int MostPartitions = 100_000;

    /// <summary>Partitions of all sessions unless another bound is given, some 250 MB; Kafka has none.</summary>
    public const int MostPartitionsTogether = 1_000_000;

    /// <summary>The session epoch of a request for a new session.</summary>
    public const int InitialEpoch = 0;

    /// <summary>The session epoch of a request without a session, which also ends the one it names.</summary>
    public const int FinalEpoch = -1;

    private readonly Dictionary<int, FetchSession> _sessions = [];
    private readonly SortedSet<(long LastUsed, int Id)> _lastUsed = [];
    private readonly SortedSet<(int Partitions, int Id)> _evictable = [];

    /// <summary>Sessions kept.</summary>
    public int Count => _sessions.Count;

    /// <summary>Sessions that had to make room since the start.</summary>
    public long Evictions { get; private set; }

    /// <summary>Partitions of all sessions.</summary>
    public int Partitions { get; private set; }

    /// <summary>What a fetch is to read: what it asks for itself, or what its session has after it was brought up to date; or the error that answers it whole.</summary>
    /// <param name="sessionId">0 for none.</param>
    /// <param name="epoch"><see cref="InitialEpoch"/>, <see cref="FinalEpoch"/>, or the session's next.</param>
    /// <param name="byTopicId">Whether topics are named by their ids, as from version 13 on; a session does not mix both.</param>
    /// <param name="now">Epoch milliseconds.</param>
    public SessionFetch Begin(int sessionId, int epoch, bool byTopicId, IReadOnlyList<AskedPartition> asked, IReadOnlyList<FetchedPartition> forgotten, long now)
    {
        if (epoch is InitialEpoch or FinalEpoch)
        {
            if (_sessions.TryGetValue(sessionId, out var ended))
                Remove(ended);
            return new SessionFetch(asked) { Creates = epoch == InitialEpoch, ByTopicId = byTopicId };
        }
        if (!_sessions.TryGetValue(sessionId, out var session))
            return new SessionFetch([]) { Error = ErrorCode.FetchSessionIdNotFound };
        if (session.Epoch != epoch)
            return new SessionFetch([]) { Error = ErrorCode.InvalidFetchSessionEpoch };
        if (session.ByTopicId != byTopicId)
            return new SessionFetch([]) { Error = ErrorCode.FetchSessionTopicIdError };
        session.Update(asked, forgotten);
        if (session.Count == 0)
        {
            Remove(session);
            return new SessionFetch([]);
        }
        if (session.Count > mostPartitions || Partitions - session.CountedSize + session.Count > mostPartitionsTogether)
        {
            Remove(session);
            return new SessionFetch([]) { Error = ErrorCode.FetchSessionIdNotFound };
        }
        session.Epoch = Next(epoch);
        Touch(session, now);
        return new SessionFetch(session.Asked()) { Session = session, Epoch = session.Epoch, ByTopicId = byTopicId };
    }

    /// <summary>What of the answer leaves, and under which session.</summary>
    /// <param name="fetch">What <see cref="Begin"/> gave.</param>
    /// <param name="news">What was found of each of its partitions, in their order.</param>
    /// <param name="now">Epoch milliseconds.</param>
    /// <param name="newId">A random number from 1 on, which a new session gets, or the next one that is free.</param>
    public SessionAnswer Finish(SessionFetch fetch, IReadOnlyList<PartitionNews> news, long now, int newId)
    {
        if (fetch.Session is { } session)
            return session.Epoch == fetch.Epoch
                ? new SessionAnswer(ErrorCode.None, session.Id, session.Tell(fetch.Partitions, news))
                : new SessionAnswer(ErrorCode.InvalidFetchSessionEpoch, session.Id, null);
        if (!fetch.Creates || fetch.Partitions.Count > mostPartitions || !HasRoom(fetch.Partitions.Count, now))
            return new SessionAnswer(ErrorCode.None, 0, null);
        var created = new FetchSession(FreeId(newId), fetch.ByTopicId, now);
        created.Update(fetch.Partitions, []);
        created.Tell(fetch.Partitions, news);
        created.Epoch = Next(InitialEpoch);
        _sessions.Add(created.Id, created);
        Touch(created, now);
        return new SessionAnswer(ErrorCode.None, created.Id, null);
    }

    /// <summary>The epoch after this one: from 1 to 2^31-1 and round again.</summary>
    private static int Next(int epoch) => epoch == int.MaxValue ? 1 : epoch + 1;

    private int FreeId(int id)
    {
        while (id < 1 || _sessions.ContainsKey(id))
            id = id is < 1 or int.MaxValue ? 1 : id + 1;
        return id;
    }

    private bool HasRoom(int partitions, long now)
    {
        if (partitions > mostPartitionsTogether)
            return false;
        while (Partitions + partitions > mostPartitionsTogether)
        {
            var (unusedSince, unused) = _lastUsed.Min;
            if (now - unusedSince <= minEvictionMs)
                return false;
            Evict(unused);
        }
        if (_sessions.Count < slots)
            return true;
        if (_lastUsed.Count == 0)
            return false;
        var (lastUsed, oldest) = _lastUsed.Min;
        if (now - lastUsed > minEvictionMs)
            return Evict(oldest);
        return _evictable.Count > 0 && _evictable.Min is var (size, smallest) && size < partitions && Evict(smallest);
    }

    private bool Evict(int id)
    {
        Remove(_sessions[id]);
        Evictions++;
        return true;
    }

    private void Touch(FetchSession session, long now)
    {
        _lastUsed.Remove((session.LastUsed, session.Id));
        _evictable.Remove((session.CountedSize, session.Id));
        Partitions += session.Count - session.CountedSize;
        (session.LastUsed, session.CountedSize) = (now, session.Count);
        _lastUsed.Add((now, session.Id));
        if (now - session.Created > minEvictionMs)
            _evictable.Add((session.CountedSize, session.Id));
    }

    private void Remove(FetchSession session)
    {
        _sessions.Remove(session.Id);
        Partitions -= session.CountedSize;
        _lastUsed.Remove((session.LastUsed, session.Id));
        _evictable.Remove((session.CountedSize, session.Id));
    }
}

/// <summary>A partition as a fetch names it: by the topic's id from version 13 on, else by its name; the other one is empty.</summary>
public readonly record struct FetchedPartition(Guid TopicId, string Topic, int Partition);

/// <summary>A partition and what is asked of it.</summary>
/// <param name="Offset">The first offset wanted.</param>
/// <param name="MaxBytes">Most bytes of its records.</param>
/// <param name="CurrentLeaderEpoch">The leader epoch that the client knows; -1 for none.</param>
public readonly record struct AskedPartition(FetchedPartition Partition, long Offset, int MaxBytes, int CurrentLeaderEpoch);

/// <summary>What was found of a partition, its records aside.</summary>
public readonly record struct PartitionNews(ErrorCode Error, long HighWatermark, long LogStartOffset, bool HasRecords);

/// <summary>A fetch between its beginning and its answer.</summary>
/// <param name="partitions">What is to be read, in this order.</param>
public sealed class SessionFetch(IReadOnlyList<AskedPartition> partitions)
{
    /// <summary>None, or what answers the whole fetch.</summary>
    public ErrorCode Error { get; init; }

    /// <summary>What is to be read, in this order.</summary>
    public IReadOnlyList<AskedPartition> Partitions { get; } = partitions;

    /// <summary>Whether the answer leaves out partitions without news.</summary>
    [MemberNotNullWhen(true, nameof(Session))]
    public bool IsIncremental => Session is not null;

    /// <summary>Whether the partitions' news matter to <see cref="FetchSessions.Finish"/>.</summary>
    public bool KeepsNews => Creates || Session is not null;

    internal FetchSession? Session { get; init; }

    internal int Epoch { get; init; }

    internal bool Creates { get; init; }

    internal bool ByTopicId { get; init; }
}

/// <summary>How a fetch is answered.</summary>
/// <param name="Error">INVALID_FETCH_SESSION_EPOCH when another request of the session came in between; nothing is told then.</param>
/// <param name="SessionId">The session to go on with; 0 for none.</param>
/// <param name="Told">Whether each partition stands in the answer; null when all do.</param>
public readonly record struct SessionAnswer(ErrorCode Error, int SessionId, IReadOnlyList<bool>? Told);
