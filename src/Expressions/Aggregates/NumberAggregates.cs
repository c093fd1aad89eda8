namespace Actors.Expressions.Compilation;

/// <summary>COUNT: the values that are not null; COUNT(*) is given a constant.</summary>
internal sealed class CountAggregate : IAggregate
{
    private long _count;

    public void Reset() => _count = 0;
    public void Read(ref StateReader state) => _count = state.Long();
    public void Write(StateWriter state) => state.Long(_count);
    public bool CanRemove => true;
    public Value Result() => Value.Of(_count);

    public void Add(in Value value)
    {
        if (!value.IsNull) _count++;
    }

    public void Remove(in Value value)
    {
        if (!value.IsNull) _count--;
    }
}

/// <summary>SUM: integers stay integers and wrap around; with a double among them it is a double. Nothing adds up to 0, as in ksqlDB.</summary>
internal sealed class SumAggregate : IAggregate
{
    private Value _sum = Value.Of(0L);

    public void Reset() => _sum = Value.Of(0L);
    public void Read(ref StateReader state) => _sum = state.Value();
    public void Write(StateWriter state) => state.Value(_sum);
    public bool CanRemove => true;
    public Value Result() => _sum;

    public void Add(in Value value)
    {
        if (value.IsNumber) _sum = Operations.Add(_sum, value);
    }

    public void Remove(in Value value)
    {
        if (value.IsNumber) _sum = Operations.Subtract(_sum, value);
    }
}

/// <summary>AVG: a double; of nothing 0.0, as in ksqlDB.</summary>
internal sealed class AverageAggregate : IAggregate
{
    private double _sum;
    private long _count;

    public void Reset() => (_sum, _count) = (0, 0);
    public void Read(ref StateReader state) => (_sum, _count) = (state.Double(), state.Long());
    public bool CanRemove => true;
    public Value Result() => Value.Of(_count == 0 ? 0.0 : _sum / _count);

    public void Write(StateWriter state)
    {
        state.Double(_sum);
        state.Long(_count);
    }

    public void Add(in Value value) => Change(value, 1);
    public void Remove(in Value value) => Change(value, -1);

    private void Change(in Value value, int sign)
    {
        if (!value.IsNumber) return;
        _sum += sign * value.AsDouble;
        _count += sign;
    }
}

/// <summary>MIN (sign -1) and MAX (sign 1); null until a value with an order comes.</summary>
internal sealed class ExtremeAggregate(int sign) : IAggregate
{
    private Value _best;

    public void Reset() => _best = default;
    public void Read(ref StateReader state) => _best = state.Value();
    public void Write(StateWriter state) => state.Value(_best);
    public bool CanRemove => false;
    public void Remove(in Value value) => throw new NotSupportedException("MIN and MAX cannot take a value out");
    public Value Result() => _best;

    public void Add(in Value value)
    {
        if (_best.IsNull ? ValueOrder.Compare(value, value) is not null : ValueOrder.Compare(value, _best) * sign > 0) _best = value;
    }
}
