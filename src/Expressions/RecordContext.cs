using System.Text.Json;

namespace Actors.Expressions;

/// <summary>A record's header: its name and bytes (null where it has none).</summary>
public readonly record struct RecordHeader(string Name, byte[]? Value);

/// <summary>
/// What an expression sees: one record. It is made once and filled again for each record; the top-level fields of a value that is
/// JSON text are found in one pass, at the first field asked for.
/// </summary>
public class RecordContext
{
    private Value _value;
    private bool _indexed;
    private FieldSlot[] _slots = new FieldSlot[16];
    private int _slotCount;

    /// <summary>The record's key.</summary>
    public Value Key { get; set; }

    /// <summary>The record's value.</summary>
    public Value Value
    {
        get => _value;
        set
        {
            _value = value;
            _indexed = false;
        }
    }

    /// <summary>ROWTIME: the record's timestamp in epoch milliseconds.</summary>
    public long Timestamp { get; set; }

    /// <summary>ROWPARTITION.</summary>
    public int Partition { get; set; }

    /// <summary>ROWOFFSET.</summary>
    public long Offset { get; set; }

    /// <summary>The wall clock in epoch milliseconds, for UNIX_TIMESTAMP().</summary>
    public long Now { get; set; }

    public IReadOnlyList<RecordHeader> Headers { get; set; } = [];

    /// <summary>The element that a flat-map names with <c>as</c>.</summary>
    public Value Element { get; set; }

    /// <summary>The aggregates' results, where an expression over aggregates is evaluated.</summary>
    internal Value[] Aggregates { get; set; } = [];

    /// <summary>Takes JSON text as the value and checks all of it; false, and a null value, if it is not one JSON value.</summary>
    public bool TrySetJson(byte[] buffer, int offset, int length)
    {
        // An object's fields are found by the pass that checks it.
        var first = length > 0 ? buffer[offset] : 0;
        if (first == '{')
        {
            _value = Value.RawJson(ValueKind.Object, buffer, offset, length);
            if (TryIndex()) return true;
            Value = default;
            return false;
        }
        var valid = JsonText.TryRead(buffer, offset, length, out var value);
        Value = value;
        return valid;
    }

    /// <summary>A field of the value; null where it is absent or the value is no object.</summary>
    public Value Field(ReadOnlySpan<byte> utf8Name)
    {
        if (_value.Kind != ValueKind.Object) return default;
        if (_value.Fields is { } fields) return fields.Field(utf8Name);
        if (!_indexed) TryIndex();
        var text = _value.RawSpan;
        for (var i = _slotCount - 1; i >= 0; i--)
        {
            ref readonly var slot = ref _slots[i];
            var name = slot.UnescapedName is { } unescaped ? unescaped : text.Slice(slot.NameStart, slot.NameLength);
            if (name.SequenceEqual(utf8Name)) return Parse(slot);
        }
        return default;
    }

    private Value Parse(in FieldSlot slot)
    {
        var (buffer, offset) = (_value.RawBuffer, _value.RawOffset + slot.Start);
        switch (slot.Token)
        {
            case JsonTokenType.Null: return default;
            case JsonTokenType.True: return Value.True;
            case JsonTokenType.False: return Value.False;
            case JsonTokenType.Number: return JsonText.Number(buffer.AsSpan(offset, slot.Length));
            case JsonTokenType.String when !slot.Escaped: return Value.Text(buffer, offset + 1, slot.Length - 2);
            case JsonTokenType.String:
                JsonText.TryRead(buffer, offset, slot.Length, out var text);
                return text;
            case JsonTokenType.StartObject: return Value.RawJson(ValueKind.Object, buffer, offset, slot.Length);
            default: return Value.RawJson(ValueKind.Array, buffer, offset, slot.Length);
        }
    }

    private bool TryIndex()
    {
        _slotCount = 0;
        try
        {
            var reader = new Utf8JsonReader(_value.RawSpan);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (_slotCount == _slots.Length) Array.Resize(ref _slots, _slots.Length * 2);
                ref var slot = ref _slots[_slotCount++];
                slot.NameStart = (int)reader.TokenStartIndex + 1;
                slot.NameLength = reader.ValueSpan.Length;
                slot.UnescapedName = reader.ValueIsEscaped ? JsonText.TokenText(ref reader) : null;
                reader.Read();
                slot.Token = reader.TokenType;
                slot.Escaped = reader.ValueIsEscaped;
                slot.Start = (int)reader.TokenStartIndex;
                reader.Skip();
                slot.Length = (int)reader.BytesConsumed - slot.Start;
            }
            return _indexed = !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private struct FieldSlot
    {
        public int NameStart, NameLength, Start, Length;
        public JsonTokenType Token;
        public bool Escaped;
        public byte[]? UnescapedName;
    }
}
