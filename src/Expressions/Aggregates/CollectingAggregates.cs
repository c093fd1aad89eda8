namespace Actors.Expressions.Compilation;

/// <summary>Aggregates whose state is a list of values.</summary>
internal abstract class ListAggregate : IAggregate
{
    protected List<Value> Values { get; } = [];

    public void Reset() => Values.Clear();

    public void Read(ref StateReader state)
    {
        Values.Clear();
        for (var left = state.Count(); left > 0; left--) Values.Add(state.Value());
    }

    public void Write(StateWriter state)
    {
        state.Count(Values.Count);
        foreach (var value in Values) state.Value(value);
    }

    public abstract void Add(in Value value);
    public virtual bool CanRemove => false;
    public virtual void Remove(in Value value) => throw new NotSupportedException($"{GetType().Name} cannot take a value out");
    public virtual Value Result() => Value.Array([.. Values]);
}

/// <summary>COLLECT_LIST and COLLECT_SET: the first thousand values, nulls included, as in ksqlDB.</summary>
internal sealed class CollectAggregate(bool distinct) : ListAggregate
{
    public override void Add(in Value value)
    {
        if (Values.Count < AggregateCatalog.MaximumElements && !(distinct && Values.Contains(value))) Values.Add(value);
    }

    public override bool CanRemove => !distinct;

    public override void Remove(in Value value)
    {
        if (distinct) base.Remove(value);
        Values.Remove(value);
    }
}

/// <summary>TOPK: the k largest values, the largest first; nulls and what has no order are left out.</summary>
internal sealed class TopAggregate(int size) : ListAggregate
{
    public override void Add(in Value value)
    {
        if (ValueOrder.Compare(value, value) is null) return;
        var at = Values.Count;
        while (at > 0 && ValueOrder.Compare(value, Values[at - 1]) > 0) at--;
        if (at >= size) return;
        Values.Insert(at, value);
        if (Values.Count > size) Values.RemoveAt(size);
    }
}

/// <summary>LATEST_BY_OFFSET and EARLIEST_BY_OFFSET: the last or first value in the order of arrival, or several of them as an array.</summary>
internal sealed class OffsetAggregate(bool latest, int size, bool several, bool ignoreNulls) : ListAggregate
{
    public override void Add(in Value value)
    {
        if (value.IsNull && ignoreNulls) return;
        if (Values.Count == size)
        {
            if (!latest) return;
            Values.RemoveAt(0);
        }
        Values.Add(value);
    }

    public override Value Result() => several ? base.Result() : Values.Count == 0 ? default : Values[0];
}
