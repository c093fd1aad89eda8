using Akka.Persistence.Sql.Storage;

namespace Akka.Persistence.Sql.Query;

/// <summary>Events of one id, as far as they exist when the first page is read, or on and on.</summary>
internal sealed class EventPager(SqlStore store, EventRange range, bool live) : IPager<StoredEvent>
{
    private long _from = range.From;
    private long _to = range.To;

    public bool AtEnd { get; private set; } = range.From > range.To;

    public async Task<IReadOnlyList<StoredEvent>> Next()
    {
        // Without a bound of its own a current query would run after a writer for ever.
        if (!live && _to == long.MaxValue) _to = await store.HighestSequenceNumber(range.PersistenceId).ConfigureAwait(false);
        var page = await store.ReadEvents(range with { From = _from, To = _to }).ConfigureAwait(false);
        if (page.Count > 0) _from = page[^1].SequenceNumber + 1;
        AtEnd = _from > _to || (!live && page.Count == 0);
        return page;
    }
}

/// <summary>The ids that have events, in ordinal order.</summary>
internal sealed class PersistenceIdPager(SqlStore store, int max) : IPager<string>
{
    private string _after = string.Empty;

    public bool AtEnd { get; private set; }

    public async Task<IReadOnlyList<string>> Next()
    {
        var page = await store.PersistenceIds(_after, max).ConfigureAwait(false);
        if (page.Count > 0) _after = page[^1];
        AtEnd = page.Count < max;
        return page;
    }
}
