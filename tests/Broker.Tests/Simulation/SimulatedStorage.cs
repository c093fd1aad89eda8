using System.Collections.Concurrent;
using Actors.Broker.Durability;
using Actors.Machines;
using Actors.Protocol.Records;
using Akka.Actor;
using Akka.Persistence;
using Akka.Serialization;

namespace Actors.Broker.Tests.Simulation;

/// <summary>
/// What a disk would hold, shared by the incarnations of a simulated node, with the faults of one seed. Rows are kept as bytes, so that nothing is shared by reference.
/// </summary>
internal sealed class SimulatedStorage(int seed)
{
    private static readonly ConcurrentDictionary<string, SimulatedStorage> ById = new();
    private const int NoSpace = 28;
    private readonly Random _random = new(seed);
    private readonly List<PendingWrite> _pending = [];
    private readonly List<HeldWrite> _held = [];
    private bool _holds;
    private readonly Dictionary<string, SortedDictionary<long, Row>> _events = [];
    private readonly Dictionary<string, long> _highest = [];
    private readonly Dictionary<string, int> _recoveries = [];
    private readonly Dictionary<string, long> _ends = [];
    private readonly Dictionary<string, SortedDictionary<long, Row>> _snapshots = [];

    public string Id { get; } = Guid.NewGuid().ToString("N");

    /// <summary>The chance of a write that fails, and of one that hangs until the node is killed.</summary>
    public double FailureRate { get; set; } = 0.02;

    public double HangRate { get; set; } = 0.005;

    /// <summary>How long each recovery takes, at least.</summary>
    public TimeSpan RecoveryTime { get; set; }

    /// <summary>How long each query of events takes to begin.</summary>
    public TimeSpan QueryTime { get; set; }

    /// <summary>Persistence ids whose recovery does not end.</summary>
    public HashSet<string> NeverRecover { get; } = [];

    /// <summary>Most bytes that one write of events or of a snapshot may have, for the disk is full but for a few; null while it is not.</summary>
    public int? Room { get; set; }

    /// <summary>While set, writes of events hang; once reset, those that hung are committed and answered.</summary>
    public bool Holds
    {
        get => _holds;
        set
        {
            _holds = value;
            if (value)
                return;
            Decide(held =>
            {
                held.Write.Commit();
                held.Done.SetResult();
            });
        }
    }

    /// <summary>The writes that hang fail, uncommitted.</summary>
    public void FailHeld() => Decide(held => held.Done.SetException(new IOException("simulated failure")));

    /// <summary>Through the scheduler, because a task that a test completes continues on the thread pool.</summary>
    private void Decide(Action<HeldWrite> decision)
    {
        foreach (var held in _held)
            held.Scheduler.Advanced.ScheduleOnce(TimeSpan.Zero, () =>
            {
                if (_pending.Remove(held.Write))
                    decision(held);
            });
        _held.Clear();
    }

    public int Incarnation { get; private set; }

    public int Failures { get; private set; }

    /// <summary>Writes that found no room.</summary>
    public int Refusals { get; private set; }

    public int DeletedEvents { get; private set; }

    /// <summary>Events read but for a recovery.</summary>
    public int QueriedEvents { get; private set; }

    public static SimulatedStorage Find(string id) => ById[id];

    public void Register() => ById[Id] = this;

    public void Unregister() => ById.TryRemove(Id, out _);

    /// <summary>The node dies. Each write in flight was committed wholly, or not at all: that is all a journal promises.</summary>
    public void Kill()
    {
        Fence();
        _pending.Clear();
    }

    /// <summary>Another node takes over: writes in flight are decided now, and whatever this one still writes is refused. It may learn of both later.</summary>
    public void Fence()
    {
        Incarnation++;
        foreach (var write in _pending)
            if (write.Committed is null)
                write.Committed = _random.Next(2) == 0 && write.Commit() is null;
        _held.Clear();
    }

    public Task WriteAsync(IReadOnlyList<Row> rows, IScheduler scheduler, int incarnation) => RunAsync(rows[0].PersistenceId, rows.Sum(row => row.Bytes.Length), () => TryCommit(rows), scheduler, incarnation);

    /// <summary>Removes events after a while; a kill in between finds them removed or not.</summary>
    public Task DeleteAsync(string persistenceId, long to, IScheduler scheduler, int incarnation) => RunAsync(null, 0, () => Delete(persistenceId, to), scheduler, incarnation);

    /// <summary>Keeps a snapshot after a while, or fails to.</summary>
    public Task SaveSnapshotAsync(Row row, IScheduler scheduler, int incarnation) => RunAsync(null, row.Bytes.Length, () => SaveSnapshot(row), scheduler, incarnation);

    private Task RunAsync(string? writtenId, int bytes, Func<string?> commit, IScheduler scheduler, int incarnation)
    {
        if (incarnation != Incarnation)
            return Task.FromException(new IOException("simulated fence"));
        var done = new TaskCompletionSource();
        var write = new PendingWrite(writtenId, commit);
        _pending.Add(write);
        if (_holds && writtenId is not null)
        {
            _held.Add(new HeldWrite(write, done, scheduler));
            return done.Task;
        }
        var fate = _random.NextDouble();
        if (fate < HangRate)
            return done.Task;
        var fails = fate < HangRate + FailureRate;
        var committed = !fails || _random.Next(2) == 0;
        scheduler.Advanced.ScheduleOnce(TimeSpan.FromMilliseconds(_random.Next(1, 40)), () =>
        {
            if (!_pending.Remove(write))
                return;
            string? conflict = null;
            if (write.Committed is { } decided)
                fails = !decided;
            else if (bytes > Room)
            {
                Refusals++;
                done.SetException(new IOException("simulated: no space left on the device", NoSpace));
                return;
            }
            else if (committed)
                conflict = commit();
            if (fails)
                Failures++;
            if (fails || conflict is not null)
                done.SetException(new IOException(conflict ?? "simulated failure"));
            else
                done.SetResult();
        });
        return done.Task;
    }

    public IReadOnlyList<Row> Read(string persistenceId, long from, long to) =>
        _events.TryGetValue(persistenceId, out var rows) ? [.. rows.Values.Where(row => row.SequenceNr >= from && row.SequenceNr <= to)] : [];

    /// <summary>What one reads who takes one row after the other.</summary>
    public IEnumerable<Row> Query(string persistenceId, long from, long to)
    {
        foreach (var row in Read(persistenceId, from, to))
        {
            QueriedEvents++;
            yield return row;
        }
    }

    /// <summary>The offset after the last batch ever stored of the partition whose persistence id is meant.</summary>
    public long EndOffset(Func<string, bool> partition)
    {
        var end = 0L;
        foreach (var (id, offset) in _ends)
            if (partition(id))
                end = Math.Max(end, offset);
        return end;
    }

    public long Highest(string persistenceId) => _highest.GetValueOrDefault(persistenceId);

    /// <summary>The last event is gone, though its number is known.</summary>
    public void LoseLast(string persistenceId) => _events[persistenceId].Remove(Highest(persistenceId));

    /// <summary>How often a recovery of the id has begun.</summary>
    public int Recoveries(string persistenceId) => _recoveries.GetValueOrDefault(persistenceId);

    public void RecoveryBegins(string persistenceId) => _recoveries[persistenceId] = Recoveries(persistenceId) + 1;

    /// <summary>A journal may answer only when the writes of this id that it has accepted are decided.</summary>
    public bool HasPending(string persistenceId) => _pending.Any(write => write.Committed is null && write.WrittenId == persistenceId);

    public IReadOnlyList<string> Ids => [.. _events.Keys];

    public Row? LoadSnapshot(string persistenceId, long max) =>
        _snapshots.TryGetValue(persistenceId, out var rows) ? rows.Values.LastOrDefault(row => row.SequenceNr <= max) : null;

    public void DeleteSnapshots(string persistenceId, long min, long max)
    {
        if (_snapshots.TryGetValue(persistenceId, out var rows))
            foreach (var number in rows.Keys.Where(number => number >= min && number <= max).ToList())
                rows.Remove(number);
    }

    private string? Delete(string persistenceId, long to)
    {
        // What goes to the last event goes with its topic.
        var all = to == long.MaxValue || persistenceId.StartsWith(StorageProbe.PersistenceIdPrefix, StringComparison.Ordinal);
        if (!all && (!_snapshots.TryGetValue(persistenceId, out var snapshots) || !snapshots.Keys.Any(saved => saved >= to)))
            throw new InvalidOperationException($"{persistenceId}: events up to {to} were to be deleted, and no snapshot has them");
        foreach (var number in _events[persistenceId].Keys.Where(number => number <= to).ToList())
        {
            _events[persistenceId].Remove(number);
            DeletedEvents++;
        }
        return null;
    }

    private string? SaveSnapshot(Row row)
    {
        (_snapshots.TryGetValue(row.PersistenceId, out var rows) ? rows : _snapshots[row.PersistenceId] = [])[row.SequenceNr] = row;
        return null;
    }

    private string? TryCommit(IReadOnlyList<Row> rows)
    {
        var id = rows[0].PersistenceId;
        var stored = _events.TryGetValue(id, out var known) ? known : _events[id] = [];
        if (rows.FirstOrDefault(row => stored.ContainsKey(row.SequenceNr)) is { } twice)
            return $"{id}: event {twice.SequenceNr} exists";
        foreach (var row in rows)
        {
            stored.Add(row.SequenceNr, row);
            if (row.Manifest == PartitionEvents.BatchManifest && BatchHeader.TryRead(row.Bytes, out var header))
                _ends[id] = header.NextOffset;
        }
        _highest[id] = Math.Max(Highest(id), rows[^1].SequenceNr);
        return null;
    }

    /// <summary>A change on its way to the disk; of a persistent actor's events, or of something else.</summary>
    private sealed class PendingWrite(string? writtenId, Func<string?> commit)
    {
        public string? WrittenId => writtenId;

        public Func<string?> Commit => commit;

        /// <summary>What a fence made of it; null until then.</summary>
        public bool? Committed { get; set; }
    }

    private sealed record HeldWrite(PendingWrite Write, TaskCompletionSource Done, IScheduler Scheduler);
}

/// <summary>A stored event or snapshot.</summary>
internal sealed record Row(string PersistenceId, long SequenceNr, byte[] Bytes, int SerializerId, string Manifest, DateTime Timestamp)
{
    public static Row Of(string persistenceId, long sequenceNr, object payload, DateTime timestamp, ActorSystem system)
    {
        var serializer = system.Serialization.FindSerializerFor(payload);
        var manifest = serializer is SerializerWithStringManifest named ? named.Manifest(payload) : "";
        return new Row(persistenceId, sequenceNr, (byte[])serializer.ToBinary(payload).Clone(), serializer.Identifier, manifest, timestamp);
    }

    public object Payload(ActorSystem system) => system.Serialization.Deserialize((byte[])Bytes.Clone(), SerializerId, Manifest);
}
