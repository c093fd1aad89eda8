using Actors.Expressions;

namespace Actors.Topology;

/// <summary>One stage at work in one task: takes a row and passes rows on, all within the call.</summary>
internal abstract class Operator
{
    private Operator[] _next = [];

    public void Link(Operator[] next) => _next = next;

    public abstract void Process(Row row);

    protected void Emit(Row row)
    {
        foreach (var next in _next) next.Process(row);
    }
}

/// <summary>filter and filter-not.</summary>
internal sealed class FilterOperator(Evaluator condition, bool negated) : Operator
{
    public override void Process(Row row)
    {
        if (condition(row).IsTrue != negated) Emit(row);
    }
}

/// <summary>select-key and a map of the key alone: the row gets another key while it is passed on.</summary>
internal sealed class SelectKeyOperator(Evaluator key) : Operator
{
    public override void Process(Row row)
    {
        var (old, windowed) = (row.Key, row.Windowed);
        (row.Key, row.Windowed) = (key(row), false);
        Emit(row);
        (row.Key, row.Windowed) = (old, windowed);
    }
}

/// <summary>Makes a new value: one expression's, or an object that is filled anew for each row.</summary>
internal sealed class ValueMaker(Evaluator? whole, byte[][] names, Evaluator[] fields)
{
    private readonly ValueObject _object = new(names, new Value[fields.Length]);

    public Value Make(Row row)
    {
        if (whole is not null) return whole(row);
        for (var i = 0; i < fields.Length; i++) _object.Values[i] = fields[i](row);
        return Value.Object(_object);
    }
}

/// <summary>map-values and map. A null value stays null.</summary>
internal sealed class MapOperator(Evaluator? key, ValueMaker value) : Operator
{
    private readonly Row _mapped = new();

    public override void Process(Row row)
    {
        _mapped.CopyRest(row);
        if (key is not null) _mapped.Windowed = false;
        _mapped.Key = key is null ? row.Key : key(row);
        _mapped.Value = row.Value.IsNull ? default : value.Make(row);
        Emit(_mapped);
    }
}

/// <summary>flat-map: a row for each element of an array; none where there is no array.</summary>
internal sealed class FlatMapOperator(Evaluator each, Evaluator? key, ValueMaker? value) : Operator
{
    private readonly Row _mapped = new();

    public override void Process(Row row)
    {
        var elements = each(row).Elements();
        foreach (var element in elements)
        {
            row.Element = element;
            _mapped.CopyRest(row);
            if (key is not null) _mapped.Windowed = false;
            _mapped.Key = key is null ? row.Key : key(row);
            _mapped.Value = value is null ? row.Value : value.Make(row);
            Emit(_mapped);
        }
        row.Element = default;
    }
}
