using Actors.Expressions;

namespace Actors.Topology;

/// <summary>group-by: the key becomes the group's text. A row with a null among the grouping fields, or without a value, belongs to no group.</summary>
internal sealed class GroupByOperator(byte[][] names, Evaluator[] fields, TaskServices services) : Operator
{
    private readonly Value[] _group = new Value[fields.Length];
    private readonly ValueObject _keyObject = new(names, new Value[fields.Length]);
    private readonly Encoder _text = new();

    public override void Process(Row row)
    {
        var complete = !row.Value.IsNull;
        for (var i = 0; i < fields.Length && complete; i++)
        {
            _group[i] = fields[i](row);
            complete = !_group[i].IsNull;
        }
        if (!complete)
        {
            services.Counters.Drop(DropReason.NullKeyOrValue);
            return;
        }
        var (old, windowed) = (row.Key, row.Windowed);
        (row.Key, row.Windowed, row.Group) = (KeyText(), false, _group);
        Emit(row);
        (row.Key, row.Windowed) = (old, windowed);
    }

    private Value KeyText()
    {
        if (_group.Length == 1) return _group[0].Kind == ValueKind.String ? _group[0] : Value.Text(_text.Text(_group[0]).ToArray());
        _group.CopyTo(_keyObject.Values, 0);
        return Value.Text(_text.Text(Value.Object(_keyObject)).ToArray());
    }
}
