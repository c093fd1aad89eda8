using System.Buffers.Binary;
using Actors.Expressions;

namespace Actors.Topology;

/// <summary>What an aggregation is, for every task.</summary>
internal sealed record AggregatePlan(StoreDescription Store, AggregateSet Aggregates, byte[][] ResultNames, int GroupFields, WindowStage? Window, Evaluator? Having);

/// <summary>
/// aggregate, with its window and having: keeps a row a group (and window) in the store, and emits each change of it. Kafka Streams'
/// rules: a record is late for a window when the largest timestamp seen, less the grace, has reached the window's end; a result carries the
/// largest timestamp of its records.
/// </summary>
internal sealed class AggregateOperator : Operator
{
    private const int StartLength = 8;

    /// <summary>So many rows of closed windows may always be removed while one record is processed.</summary>
    private const int LeastExpiredAtOnce = 64;

    private readonly AggregatePlan _plan;
    private readonly TaskServices _services;
    private readonly TaskStore _store;
    private readonly AggregateRow _aggregates;
    private readonly StateWriter _state = new();
    private readonly Row _result = new();
    private readonly Row _group = new();
    private readonly ValueObject _resultObject;
    private readonly RowKeyAction _expired;
    private readonly int _mostExpiredAtOnce;
    private byte[] _key = new byte[64];

    public AggregateOperator(AggregatePlan plan, TaskServices services)
    {
        (_plan, _services) = (plan, services);
        _store = services.Store(plan.Store);
        _aggregates = plan.Aggregates.NewRow();
        _resultObject = new ValueObject(plan.ResultNames, new Value[plan.ResultNames.Length]);
        // Names and values are one object for the results, having and the aggregates' expressions over grouping fields.
        _group.Value = Value.Object(_resultObject);
        if (plan.Window is { } window) _mostExpiredAtOnce = MostExpiredAtOnce(window);
        _expired = key => _services.Sink.ChangeLog(_plan.Store, key, default, true, StreamTime);
    }

    /// <summary>The largest timestamp seen; -1 before the first record. It is restored with the store.</summary>
    public long StreamTime { get; private set; } = -1;

    public override void Process(Row row)
    {
        var key = row.Key.AsBytes;
        if (_key.Length < key.Length + StartLength) _key = new byte[(key.Length + StartLength) * 2];
        key.CopyTo(_key);
        if (_plan.Window is { } window) ProcessWindows(row, window, key.Length);
        else Update(row, _key.AsSpan(0, key.Length), 0);
    }

    /// <summary>Moves the stream time, as a record of that timestamp would, and removes rows of windows that are closed by it.</summary>
    public void Advance(long streamTime, int mostExpired)
    {
        StreamTime = Math.Max(StreamTime, streamTime);
        if (_plan.Window is { } window) _store.Expire(StreamTime - window.Grace - window.Size, mostExpired, _expired);
    }

    /// <summary>Twice as many as a record can make, so that what is closed never grows for good.</summary>
    private static int MostExpiredAtOnce(WindowStage window) => (int)Math.Clamp(2 * (window.Size / window.Advance + 1), LeastExpiredAtOnce, int.MaxValue);

    private void ProcessWindows(Row row, WindowStage window, int keyLength)
    {
        Advance(Math.Max(StreamTime, _store.LargestTimestamp), 0);
        Advance(row.Timestamp, _mostExpiredAtOnce);
        var closed = StreamTime - window.Grace;
        var late = true;
        // The first of the windows that hold the timestamp; none starts before 0.
        var start = Math.Max(0, row.Timestamp - window.Size + window.Advance) / window.Advance * window.Advance;
        for (; start <= row.Timestamp; start += window.Advance)
        {
            if (start + window.Size <= closed) continue;
            late = false;
            BinaryPrimitives.WriteInt64BigEndian(_key.AsSpan(keyLength), start);
            Update(row, _key.AsSpan(0, keyLength + StartLength), start);
        }
        if (late) _services.Counters.Drop(DropReason.Late);
    }

    private void Update(Row row, ReadOnlySpan<byte> storeKey, long windowStart)
    {
        var found = _store.Find(storeKey);
        var timestamp = row.Timestamp;
        var held = false;
        if (found < 0)
        {
            _aggregates.Reset();
        }
        else
        {
            var state = new StateReader(_store.State(found, out var before));
            held = state.Byte() != 0;
            _aggregates.Read(ref state);
            timestamp = Math.Max(timestamp, before);
        }
        _aggregates.Add(row);
        FillResult(row, windowStart);
        var holds = _plan.Having is null || _plan.Having(_group).IsTrue;
        _state.Clear();
        _state.Byte(holds ? (byte)1 : (byte)0);
        _aggregates.Write(_state);
        _store.Put(found, storeKey, _state.Written, timestamp);
        _services.Sink.ChangeLog(_plan.Store, storeKey, _state.Written, false, timestamp);
        if (holds || held) EmitResult(row, windowStart, timestamp, holds);
    }

    private void FillResult(Row row, long windowStart)
    {
        var values = _resultObject.Values;
        var at = _plan.GroupFields;
        row.Group.CopyTo(values, 0);
        if (_plan.Window is { } window)
        {
            values[at++] = Value.Of(windowStart);
            values[at++] = Value.Of(windowStart + window.Size);
        }
        _group.Key = row.Key;
        _group.Timestamp = row.Timestamp;
        _group.Now = row.Now;
        _aggregates.Results(_group, values.AsSpan(at));
    }

    private void EmitResult(Row row, long windowStart, long timestamp, bool holds)
    {
        _result.CopyRest(row);
        _result.Key = row.Key;
        _result.Timestamp = timestamp;
        (_result.Windowed, _result.WindowStart) = (_plan.Window is not null, windowStart);
        _result.Value = holds ? Value.Object(_resultObject) : default;
        Emit(_result);
    }
}
