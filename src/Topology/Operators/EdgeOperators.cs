using System.Buffers.Binary;
using Actors.Expressions;

namespace Actors.Topology;

/// <summary>Where records come into a task: reads key, value and timestamp.</summary>
internal sealed class SourceOperator(SourceDescription source, Evaluator? timestamp, ExceptionHandlers handlers, TaskServices services) : Operator
{
    /// <summary>Later times would overflow where windows are added to them; it is beyond the year 36,000,000.</summary>
    private const long LargestTimestamp = 1L << 60;

    private readonly ExceptionHandler _unreadable = source.DeserializationExceptionHandler ?? handlers.Deserialization;
    private readonly TimestampExtractor _extractor =
        source.TimestampExtractor ?? (timestamp is null ? TimestampExtractor.FailOnInvalidTimestamp : TimestampExtractor.LogAndSkipOnInvalidTimestamp);
    private readonly Row _row = new();
    private long _partitionTime = -1;

    /// <exception cref="StreamsException">The record failed, and its handler is set to fail.</exception>
    public void Process(in InputRecord record)
    {
        services.Counters.Processed++;
        services.Failures.At(source.Topic, record);
        _row.Partition = services.Partition;
        _row.Offset = record.Offset;
        _row.Headers = record.Headers;
        _row.Timestamp = record.Timestamp;
        _row.Now = services.WallClock;
        if (!Read(record)) return;
        try
        {
            Emit(_row);
        }
        catch (Exception error) when (error is not (StreamsException or InvalidDataException or OutOfMemoryException))
        {
            // A store that is not as it was written is no record's fault.
            services.Failures.Processing(handlers.Processing, error);
        }
    }

    public override void Process(Row row) => throw new InvalidOperationException("a source is given records of its topic, not rows");

    private bool Read(in InputRecord record)
    {
        Value readKey = default;
        if (record.HasKey && !Codec.TryRead(source.Key, InputRecord.Segment(record.Key), out readKey)) return Unreadable("key", record.Key.Length, source.Key);
        _row.Key = readKey;
        if (!record.HasValue) _row.Value = default;
        else if (!Codec.TryReadValue(source.Value, InputRecord.Segment(record.Value), _row)) return Unreadable("value", record.Value.Length, source.Value);
        if (timestamp is not null) _row.Timestamp = ToTimestamp(timestamp(_row));
        if (_row.Timestamp is not (>= 0 and <= LargestTimestamp) && !HasOtherTimestamp()) return false;
        _partitionTime = Math.Max(_partitionTime, _row.Timestamp);
        return true;
    }

    private bool Unreadable(string part, int length, Format format)
    {
        services.Failures.Deserialization(_unreadable, $"the {part} of {length} bytes is no {format.ToString().ToLowerInvariant()}");
        return false;
    }

    private bool HasOtherTimestamp()
    {
        if (_extractor == TimestampExtractor.LogAndSkipOnInvalidTimestamp)
        {
            services.Counters.Drop(DropReason.BadTimestamp);
            return false;
        }
        if (_extractor == TimestampExtractor.FailOnInvalidTimestamp) services.Failures.InvalidTimestamp("it is null, negative or out of range");
        if (_partitionTime < 0) services.Failures.InvalidTimestamp("it cannot be inferred, for the partition time is unknown");
        _row.Timestamp = _partitionTime;
        return true;
    }

    private static long ToTimestamp(in Value value) => value.Kind switch
    {
        ValueKind.Long => value.AsLong,
        ValueKind.Double when value.AsDouble is >= 0 and < 9.2e18 => (long)value.AsDouble,
        _ => -1,
    };
}

/// <summary>to: writes to a topic and passes the row on.</summary>
internal sealed class SinkOperator(OutputTopic target, ExceptionHandler handler, TaskServices services) : Operator
{
    private readonly Encoder _key = new();
    private readonly Encoder _value = new();
    private byte[] _windowedKey = new byte[64];

    public override void Process(Row row)
    {
        Write(row);
        Emit(row);
    }

    private void Write(Row row)
    {
        ReadOnlySpan<byte> key = default, value = default;
        if (!row.Key.IsNull && !_key.TryWrite(target.Key, row.Key, out key))
        {
            services.Failures.Production(handler, target.Topic, Unwritable("key", row.Key, target.Key), tooLarge: false);
            return;
        }
        if (!row.Value.IsNull && !_value.TryWrite(target.Value, row.Value, out value))
        {
            services.Failures.Production(handler, target.Topic, Unwritable("value", row.Value, target.Value), tooLarge: false);
            return;
        }
        if (RecordSize.Of(key, value, row.Headers) is var size && size > services.Sink.LargestRecord)
        {
            services.Failures.Production(handler, target.Topic, RecordSize.Refusal(size, services.Sink.LargestRecord), tooLarge: true);
            return;
        }
        services.Sink.Output(new OutputRecord
        {
            Target = target,
            HasKey = !row.Key.IsNull,
            Key = target.IsWindowed ? Windowed(key, row.WindowStart) : key,
            PartitionKey = key,
            HasValue = !row.Value.IsNull,
            Value = value,
            Timestamp = row.Timestamp,
            Headers = row.Headers,
        });
    }

    private static string Unwritable(string part, in Value value, Format format) =>
        $"a {part} that is {value.Kind.ToString().ToLowerInvariant()} cannot be written as {format.ToString().ToLowerInvariant()}";

    private ReadOnlySpan<byte> Windowed(ReadOnlySpan<byte> key, long start)
    {
        if (_windowedKey.Length < key.Length + 8) _windowedKey = new byte[(key.Length + 8) * 2];
        key.CopyTo(_windowedKey);
        BinaryPrimitives.WriteInt64BigEndian(_windowedKey.AsSpan(key.Length), start);
        return _windowedKey.AsSpan(0, key.Length + 8);
    }
}

/// <summary>
/// Writes grouped rows to a repartition topic: the key is the group's text, the value as it is. Grouping fields that the other side cannot
/// compute again from the value travel in a header.
/// </summary>
internal sealed class RepartitionSinkOperator(OutputTopic target, bool groupInHeader, ExceptionHandler handler, TaskServices services) : Operator
{
    public const string GroupHeader = "actors.group";

    private readonly Encoder _value = new();
    private readonly Encoder _group = new();

    public override void Process(Row row)
    {
        if (!_value.TryWrite(target.Value, row.Value, out var value))
        {
            services.Failures.Production(handler, target.Topic, "the value cannot be written again as it was read", tooLarge: false);
            return;
        }
        var headers = row.Headers;
        if (groupInHeader && _group.TryWrite(Format.Json, Value.Array(row.Group), out var group))
            headers = [.. headers, new RecordHeader(GroupHeader, group.ToArray())];
        if (RecordSize.Of(row.Key.AsBytes, value, headers) is var size && size > services.Sink.LargestRecord)
        {
            services.Failures.Production(handler, target.Topic, RecordSize.Refusal(size, services.Sink.LargestRecord), tooLarge: true);
            return;
        }
        services.Sink.Output(new OutputRecord
        {
            Target = target,
            HasKey = true,
            Key = row.Key.AsBytes,
            PartitionKey = row.Key.AsBytes,
            HasValue = true,
            Value = value,
            Timestamp = row.Timestamp,
            Headers = headers,
        });
    }
}

/// <summary>The other side of a repartition topic: finds the grouping fields' values again.</summary>
internal sealed class RegroupOperator(Evaluator[] fields, bool groupInHeader, ExceptionHandler handler, TaskServices services) : Operator
{
    private readonly Value[] _group = new Value[fields.Length];

    public override void Process(Row row)
    {
        if (groupInHeader)
        {
            if (!TryTakeHeader(row))
            {
                services.Failures.Deserialization(handler, $"it has no header {RepartitionSinkOperator.GroupHeader}");
                return;
            }
        }
        else
        {
            for (var i = 0; i < fields.Length; i++) _group[i] = fields[i](row);
            row.Group = _group;
        }
        Emit(row);
    }

    private static bool TryTakeHeader(Row row)
    {
        var last = row.Headers.Count - 1;
        if (last < 0 || row.Headers[last] is not { Name: RepartitionSinkOperator.GroupHeader, Value: { } json }) return false;
        if (!JsonText.TryRead(json, 0, json.Length, out var group)) return false;
        row.Group = group.Elements();
        row.Headers = [.. row.Headers.Take(last)];
        return true;
    }
}
