using Actors.Expressions.Compilation;
using Actors.Expressions.Syntax;

namespace Actors.Expressions;

/// <summary>
/// The expressions of one aggregate stage, such as <c>SUM(x) / COUNT(*)</c>: the aggregate calls in them, each once, and what is computed
/// of their results.
/// </summary>
public sealed class AggregateSet
{
    /// <summary>The first byte of a group's state.</summary>
    private const byte FormatVersion = 1;

    private readonly List<(string Printed, Func<IAggregate> Create, Evaluator Argument)> _calls = [];
    private readonly Evaluator[] _results;
    private readonly ExpressionType[] _types;

    private AggregateSet(IReadOnlyList<Expression> expressions, ExpressionScope rows, ExpressionScope group, List<(int, ExpressionError)> errors)
    {
        _results = new Evaluator[expressions.Count];
        _types = new ExpressionType[expressions.Count];
        for (var i = 0; i < expressions.Count; i++)
        {
            var inner = new Compiler(rows);
            var outer = new Compiler(group) { Aggregates = call => Call(call, inner) };
            var compiled = outer.Compile(expressions[i].Root);
            (_results[i], _types[i]) = (compiled.Run, compiled.Type);
            foreach (var error in outer.Errors) errors.Add((i, Explain(error, group)));
            foreach (var error in inner.Errors) errors.Add((i, error));
        }
    }

    private static ExpressionError Explain(ExpressionError error, ExpressionScope group) =>
        error.Reason.StartsWith("unknown field", StringComparison.Ordinal)
            ? error with { Reason = $"{error.Reason.Split(';')[0]} here: outside of an aggregate function only the grouping fields are known ({string.Join(", ", group.Fields ?? [])})" }
            : error;

    /// <summary>How many expressions there are, and so results.</summary>
    public int Count => _results.Length;

    /// <summary>Compiles the expressions. Inside aggregate functions names are those of the records, outside those of the group.</summary>
    /// <param name="expressions">The stage's expressions in order.</param>
    /// <param name="rows">What the records hold.</param>
    /// <param name="group">What the group holds: the grouping fields.</param>
    /// <param name="set">The compiled set, unless there are errors.</param>
    /// <param name="errors">Every error, with the index of its expression.</param>
    public static bool TryCompile(
        IReadOnlyList<Expression> expressions, ExpressionScope rows, ExpressionScope group, out AggregateSet set, out IReadOnlyList<(int Index, ExpressionError Error)> errors)
    {
        var found = new List<(int, ExpressionError)>();
        set = new AggregateSet(expressions, rows, group, found);
        errors = found;
        return found.Count == 0;
    }

    /// <summary>The type of an expression's result, as far as it is known.</summary>
    public ExpressionType TypeOf(int index) => _types[index];

    /// <summary>Working space for one task: the set's aggregates, filled for group after group.</summary>
    public AggregateRow NewRow() => new([.. _calls.Select(c => (c.Create(), c.Argument))], _results, FormatVersion);

    private Compiled Call(CallNode call, Compiler inner)
    {
        var function = AggregateCatalog.Find(call.Name);
        var type = function.Result;
        Func<IAggregate> create = () => new CountAggregate();
        Evaluator argument = _ => Value.True;
        if (call.Star)
        {
            if (!function.TakesStar) inner.Fail(call, $"{call.Name} does not take *");
        }
        else
        {
            if (!Checked(call, function, inner)) return new Compiled(_ => default, type);
            var compiled = inner.Compile(call.Arguments[0]);
            if (!compiled.Type.MayBe(function.Parameters[0]))
                inner.Fail(call.Arguments[0], $"argument 1 of {call.Name} is {function.Parameters[0].Described()}, found {compiled.Type.Described()}");
            argument = compiled.Run;
            if (function.TypeOf?.Invoke(compiled.Type) is { } known && known != ExpressionType.Unknown) type = known;
            try
            {
                create = function.Create([.. call.Arguments.Skip(1).Select(a => ((LiteralNode)a).Value)]);
            }
            catch (ArgumentRefusedException refused)
            {
                inner.Fail(call.Arguments[refused.Index], refused.Message);
            }
        }
        var printed = call.Print();
        var index = _calls.FindIndex(c => c.Printed == printed);
        if (index < 0)
        {
            index = _calls.Count;
            _calls.Add((printed, create, argument));
        }
        return new Compiled(c => c.Aggregates[index], type);
    }

    private static bool Checked(CallNode call, AggregateFunction function, Compiler inner)
    {
        var (count, least, most) = (call.Arguments.Count, function.Required, function.Parameters.Length);
        if (count < least || count > most)
        {
            inner.Fail(call, $"{call.Name} takes {(least == most ? least : $"{least} to {most}")} argument{(most == 1 ? "" : "s")}, found {count}");
            return false;
        }
        for (var i = 1; i < count; i++)
        {
            var wanted = function.Parameters[i];
            if (call.Arguments[i] is LiteralNode literal && !literal.Value.IsNull && ExpressionTypes.Of(literal.Value.Kind).MayBe(wanted)) continue;
            inner.Fail(call.Arguments[i], $"argument {i + 1} of {call.Name} is a constant{(wanted == ExpressionType.Unknown ? "" : $", {wanted.Described()}")}");
            return false;
        }
        return true;
    }
}

/// <summary>The aggregates of one group, one group at a time.</summary>
public sealed class AggregateRow
{
    private readonly (IAggregate Aggregate, Evaluator Argument)[] _calls;
    private readonly Evaluator[] _results;
    private readonly Value[] _aggregates;
    private readonly byte _version;

    internal AggregateRow((IAggregate, Evaluator)[] calls, Evaluator[] results, byte version) =>
        (_calls, _results, _aggregates, _version) = (calls, results, new Value[calls.Length], version);

    /// <summary>Whether records can be taken out again.</summary>
    public bool CanRemove => _calls.All(c => c.Aggregate.CanRemove);

    public void Reset()
    {
        foreach (var (aggregate, _) in _calls) aggregate.Reset();
    }

    public void Read(ref StateReader state)
    {
        if (state.Byte() is var version && version != _version) throw new InvalidDataException($"aggregate state of unknown version {version}");
        foreach (var (aggregate, _) in _calls) aggregate.Read(ref state);
    }

    public void Write(StateWriter state)
    {
        state.Byte(_version);
        foreach (var (aggregate, _) in _calls) aggregate.Write(state);
    }

    public void Add(RecordContext record)
    {
        foreach (var (aggregate, argument) in _calls) aggregate.Add(argument(record));
    }

    public void Remove(RecordContext record)
    {
        foreach (var (aggregate, argument) in _calls) aggregate.Remove(argument(record));
    }

    /// <summary>Computes the expressions' results; the group's record gives the grouping fields.</summary>
    public void Results(RecordContext group, Span<Value> target)
    {
        for (var i = 0; i < _aggregates.Length; i++) _aggregates[i] = _calls[i].Aggregate.Result();
        group.Aggregates = _aggregates;
        for (var i = 0; i < _results.Length; i++) target[i] = _results[i](group);
    }
}
