using Actors.Expressions;

namespace Actors.Topology;

/// <summary>Compiles the stages of one flow, in order, into nodes of the plan.</summary>
internal sealed class StageCompiler(TopologyDescription topology, FlowDescription flow, Origins origins, FlowCompiler compiler)
{
    private PlanNode? _node;
    private StreamShape _shape = StreamShape.Unknown;
    private GroupByStage? _group;
    private StreamShape _grouped = StreamShape.Unknown;
    private WindowStage? _window;
    private int _aggregations;
    private bool _broken;

    public FlowEnd Compile(FlowEnd from)
    {
        (_node, _shape) = (from.Node, from.Shape);
        for (var i = 0; i < flow.Stages.Count; i++)
        {
            var stage = flow.Stages[i];
            var part = stage is BrokenStage broken ? broken.Part : stage;
            CheckOrder(stage, i);
            _broken = stage is BrokenStage;
            if (part is not null) Compile(part, i + 1 < flow.Stages.Count ? flow.Stages[i + 1] : null);
            if (stage is not BrokenStage) continue;
            // Behind what could not be read anything may be true: only what is wrong in itself is told.
            (_shape, _grouped, _node) = (StreamShape.Unknown, StreamShape.Unknown, null);
            if (part is null) (_group, _window) = (null, null);
        }
        if (_group is not null) Fail(_group, "is not followed by aggregate");
        return new FlowEnd(_node, _shape);
    }

    private void Fail(object part, string reason) => compiler.Errors.Add(origins.At(part, reason));

    private void CheckOrder(Stage stage, int index)
    {
        if (!_shape.IsKnown && _group is null) return;
        var before = index == 0 ? null : flow.Stages[index - 1];
        if (before is BrokenStage { Part: null }) return;
        switch (stage)
        {
            case WindowStage when _group is null: Fail(stage, "window stands between group-by and aggregate"); break;
            case WindowStage when _window is not null: Fail(stage, "the aggregation has a window already"); break;
            case AggregateStage when _group is null && _shape.IsKnown: Fail(stage, "aggregate needs a group-by before it"); break;
            case HavingStage when before is not (AggregateStage or BrokenStage): Fail(stage, "having stands right after aggregate; elsewhere it is filter"); break;
            case not (WindowStage or AggregateStage or BrokenStage) when _group is not null:
                Fail(_group, $"is followed by window or aggregate, not {stage.Name}");
                (_group, _window) = (null, null);
                break;
        }
    }

    private void Compile(Stage stage, Stage? next)
    {
        switch (stage)
        {
            case FilterStage filter:
                var condition = compiler.Compile(filter.Condition, _shape.Scope, ExpressionType.Boolean);
                Then(stage, _ => new FilterOperator(condition, filter.Negated));
                break;
            case SelectKeyStage select: SelectKey(stage, select.Key); break;
            case MapValuesStage map: Map(stage, null, map.Value); break;
            case MapStage { Value: null, Key: { } key }: SelectKey(stage, key); break;
            case MapStage { Value: { } value } map: Map(stage, map.Key, value); break;
            case FlatMapStage map: FlatMap(map); break;
            case GroupByStage group: GroupBy(group); break;
            case WindowStage window: _window = window; break;
            case AggregateStage aggregate: Aggregate(aggregate, next as HavingStage ?? (next as BrokenStage)?.Part as HavingStage); break;
            case ToStage to: To(to); break;
            case HavingStage: break;
            default: throw new InvalidOperationException($"no compilation of the stage {stage.Name}");
        }
    }

    private void Then(Stage stage, Func<TaskServices, Operator> create) => _node = _node?.Then(stage.Name, create);

    private void SelectKey(Stage stage, Expression expression)
    {
        var key = compiler.Compile(expression, _shape.Scope);
        var type = expression.TypeIn(_shape.Scope);
        Then(stage, _ => new SelectKeyOperator(key));
        _shape = _shape with { KeyType = type, PartitionedByKey = _shape.PartitionedByKey && expression.IsKey, WindowSize = 0 };
    }

    private void Map(Stage stage, Expression? key, ValueDescription value)
    {
        var scope = _shape.Scope;
        var keyOf = key is null ? null : compiler.Compile(key, scope);
        var maker = Value(value, scope);
        Then(stage, _ => new MapOperator(keyOf, maker()));
        MappedShape(key, value, scope);
    }

    private void FlatMap(FlatMapStage map)
    {
        var each = compiler.Compile(map.Each, _shape.Scope, ExpressionType.Array);
        if (!Expression.TryParse(map.As, out var name, out _) || name!.FieldName != map.As || name.IsKey) Fail(map, $"as = \"{map.As}\" is no name for an element");
        var scope = _shape.Scope with { Element = map.As };
        var key = map.Key is null ? null : compiler.Compile(map.Key, scope);
        var maker = map.Value is null ? null : Value(map.Value, scope);
        Then(map, _ => new FlatMapOperator(each, key, maker?.Invoke()));
        MappedShape(map.Key, map.Value, scope);
    }

    private void MappedShape(Expression? key, ValueDescription? value, ExpressionScope scope)
    {
        if (key is not null) _shape = _shape with { KeyType = key.TypeIn(scope), PartitionedByKey = _shape.PartitionedByKey && key.IsKey, WindowSize = 0 };
        if (value is not null)
            _shape = _shape with { ValueType = value.Whole?.TypeIn(scope) ?? ExpressionType.Object, Fields = value.Whole is null ? [.. value.Fields.Select(f => f.Name)] : null, ValueFormat = Format.Json };
    }

    private Func<ValueMaker> Value(ValueDescription value, ExpressionScope scope)
    {
        var whole = value.Whole is null ? null : compiler.Compile(value.Whole, scope);
        var names = FlowCompiler.Utf8(value.Fields.Select(f => f.Name));
        var fields = value.Fields.Select(f => compiler.Compile(f.Expression, scope)).ToArray();
        return () => new ValueMaker(whole, names, fields);
    }

    private void GroupBy(GroupByStage group)
    {
        foreach (var same in group.Fields.GroupBy(f => f.Name).Where(g => g.Count() > 1))
            Fail(group, $"two grouping fields are called {same.Key}; give names: group-by {{ name = \"…\" }}");
        (_group, _grouped) = (group, _shape);
        var fields = group.Fields.Select(f => compiler.Compile(f.Expression, _shape.Scope)).ToArray();
        var names = FlowCompiler.Utf8(group.Fields.Select(f => f.Name));
        Then(group, services => new GroupByOperator(names, fields, services));
        var staysInPlace = _shape.PartitionedByKey && group.Fields is [{ Expression.IsKey: true }];
        if (!staysInPlace) Repartition(group, fields);
        _shape = _shape with { KeyType = ExpressionType.String, PartitionedByKey = true, WindowSize = 0 };
    }

    private void Repartition(GroupByStage group, Evaluator[] fields)
    {
        if (_node is null) return;
        var format = _shape.ValueFormat;
        var topic = new OutputTopic(compiler.InternalName(flow, _aggregations + 1, "repartition"), Format.String, format, 0);
        var inHeader = !group.Fields.All(f => f.Expression.NeedsOnlyValueAndTime);
        _node.Draft.Outputs.Add(topic);
        Then(group, services => new RepartitionSinkOperator(topic, inHeader, topology.Handlers.Production, services));
        var read = new SourceDescription(topic.Topic, topic.Topic, Format.String, format, null);
        var draft = compiler.AddDraft(topic.Topic, true, services => new SourceOperator(read, null, topology.Handlers, services));
        _node = draft.Root.Then(group.Name, services => new RegroupOperator(fields, inHeader, topology.Handlers.Deserialization, services));
    }

    private void Aggregate(AggregateStage stage, HavingStage? having)
    {
        var (group, window) = (_group, _window);
        (_group, _window) = (null, null);
        if (group is null)
        {
            _shape = StreamShape.Unknown;
            return;
        }
        string[] keys = [.. group.Fields.Select(f => f.Name)];
        string[] windowFields = window is null ? [] : ["window_start", "window_end"];
        string[] names = [.. keys, .. windowFields, .. stage.Aggregates.Select(a => a.Name)];
        foreach (var clash in stage.Aggregates.Where(a => keys.Contains(a.Name) || windowFields.Contains(a.Name)))
            compiler.Errors.Add(origins.At(clash.Expression, new ExpressionError(1, $"{clash.Name} is the name of a grouping or window field already")));
        var rows = (_grouped with { KeyType = ExpressionType.String }).Scope;
        var groupScope = new ExpressionScope { Fields = _grouped.IsKnown ? [.. keys, .. windowFields] : null, KeyType = ExpressionType.String, ValueType = ExpressionType.Object };
        var expressions = stage.Aggregates.Select(a => a.Expression).ToList();
        if (!AggregateSet.TryCompile(expressions, rows, groupScope, out var set, out var errors))
            compiler.Errors.AddRange(errors.Select(e => origins.At(expressions[e.Index], e.Error)));
        foreach (var plain in expressions.Where(e => !e.UsesAggregates && e.TryCompile(groupScope, out _, out _)))
            compiler.Errors.Add(origins.At(plain, new ExpressionError(1, "there is no aggregate function in it")));
        _shape = new StreamShape
        {
            KeyType = ExpressionType.String,
            ValueType = ExpressionType.Object,
            Fields = names,
            PartitionedByKey = true,
            WindowSize = window?.Size ?? 0,
        };
        var condition = having is null ? null : compiler.Compile(having.Condition, _broken ? ExpressionScope.Open : _shape.Scope, ExpressionType.Boolean);
        AddAggregation(stage, set, names, keys.Length, window, condition);
    }

    private void AddAggregation(AggregateStage stage, AggregateSet set, string[] names, int groupFields, WindowStage? window, Evaluator? having)
    {
        var number = ++_aggregations;
        var store = new StoreDescription($"{flow.Name}-{number}", compiler.InternalName(flow, number, "changelog"), window is not null);
        var plan = new AggregatePlan(store, set, FlowCompiler.Utf8(names), groupFields, window, having);
        _node?.Draft.Stores.Add(store);
        Then(stage, services =>
        {
            var created = new AggregateOperator(plan, services);
            services.Aggregations.Add(created);
            return created;
        });
    }

    private void To(ToStage to)
    {
        if (!StreamShape.CanWrite(_shape.KeyType, to.Key)) Fail(to, $"a key that is {Described(_shape.KeyType)} cannot be written as {to.Key.ToString().ToLowerInvariant()}");
        if (!StreamShape.CanWrite(_shape.ValueType, to.Value)) Fail(to, $"a value that is {Described(_shape.ValueType)} cannot be written as {to.Value.ToString().ToLowerInvariant()}");
        if (to.Topic.StartsWith($"{topology.Name}-", StringComparison.Ordinal) && (to.Topic.EndsWith("-changelog", StringComparison.Ordinal) || to.Topic.EndsWith("-repartition", StringComparison.Ordinal)))
            Fail(to, $"{to.Topic} is a name for the topology's internal topics");
        var target = new OutputTopic(to.Topic, to.Key, to.Value, to.WindowedKey ? _shape.WindowSize : 0);
        _node?.Draft.Outputs.Add(target);
        Then(to, services => new SinkOperator(target, topology.Handlers.Production, services));
    }

    private static string Described(ExpressionType type) => type.ToString().ToLowerInvariant();
}
