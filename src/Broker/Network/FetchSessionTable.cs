using Actors.Machines;

namespace Actors.Broker.Network;

/// <summary>The node's fetch sessions, which all connections share: a client may go on with its session by another one.</summary>
internal sealed class FetchSessionTable(BrokerSettings settings)
{
    private readonly Lock _using = new();
    private readonly FetchSessions _sessions = new(settings.FetchSessionSlots);

    /// <inheritdoc cref="FetchSessions.Count"/>
    public int Count
    {
        get
        {
            lock (_using)
                return _sessions.Count;
        }
    }

    /// <inheritdoc cref="FetchSessions.Begin"/>
    public SessionFetch Begin(int sessionId, int epoch, bool byTopicId, IReadOnlyList<AskedPartition> asked, IReadOnlyList<FetchedPartition> forgotten, long now)
    {
        lock (_using)
            return _sessions.Begin(sessionId, epoch, byTopicId, asked, forgotten, now);
    }

    /// <inheritdoc cref="FetchSessions.Finish"/>
    public SessionAnswer Finish(SessionFetch fetch, IReadOnlyList<PartitionNews> news, long now)
    {
        if (!fetch.KeepsNews)
            return default;
        var id = settings.NewId().GetHashCode() & int.MaxValue;
        lock (_using)
            return _sessions.Finish(fetch, news, now, id);
    }
}
