using System.Text;
using Actors.Expressions;

namespace Actors.Topology;

/// <summary>The place a flow has got to: the plan's node, and the shape of what comes out of it. No node: nothing to run, only to check.</summary>
internal readonly record struct FlowEnd(PlanNode? Node, StreamShape Shape);

/// <summary>Turns a description into sub-topologies, and finds everything wrong with it on the way.</summary>
internal sealed class FlowCompiler(TopologyDescription topology, Origins origins)
{
    private readonly Dictionary<string, FlowEnd> _sources = [];
    private readonly Dictionary<string, FlowEnd> _flows = [];
    private readonly HashSet<string> _open = [];

    public List<TopologyError> Errors { get; } = [];

    public List<SubTopologyDraft> Drafts { get; } = [];

    public void Compile()
    {
        CheckNames();
        foreach (var flow in topology.Flows) Flow(flow);
        new TopicCycles(topology).AddErrors(origins, Errors);
    }

    private void CheckNames()
    {
        foreach (var flow in topology.Flows.Where(f => topology.Sources.Any(s => s.Name == f.Name)))
            Errors.Add(origins.At(flow, $"{flow.Name} is the name of a source already"));
        foreach (var sameTopic in topology.Sources.Where(s => s.Topic.Length > 0).GroupBy(s => s.Topic))
            foreach (var other in sameTopic.Skip(1))
                Errors.Add(origins.At(other, $"the topic {other.Topic} is read by the source {sameTopic.First().Name} already"));
    }

    private FlowEnd Flow(FlowDescription flow)
    {
        if (_flows.TryGetValue(flow.Name, out var known)) return known;
        if (!_open.Add(flow.Name))
        {
            Errors.Add(origins.AtFrom(flow, $"the flows {string.Join(", ", _open)} read each other in a circle"));
            return new FlowEnd(null, StreamShape.Unknown);
        }
        var from = From(flow);
        var end = new StageCompiler(topology, flow, origins, this).Compile(from);
        _open.Remove(flow.Name);
        return _flows[flow.Name] = end;
    }

    private FlowEnd From(FlowDescription flow)
    {
        if (topology.Sources.FirstOrDefault(s => s.Name == flow.From) is { } source) return Source(source);
        if (topology.Flows.FirstOrDefault(f => f.Name == flow.From) is { } other) return Flow(other);
        if (flow.From.Length > 0)
        {
            var names = topology.Sources.Select(s => s.Name).Concat(topology.Flows.Select(f => f.Name)).ToList();
            var hint = Expression.Nearest(flow.From, names) is { } near ? $"; did you mean {near}?" : $"; known are {string.Join(", ", names)}";
            Errors.Add(origins.AtFrom(flow, $"there is no source or flow {flow.From}{hint}"));
        }
        return new FlowEnd(null, StreamShape.Unknown);
    }

    private FlowEnd Source(SourceDescription source)
    {
        if (_sources.TryGetValue(source.Name, out var known)) return known;
        var shape = StreamShape.Of(source);
        Evaluator? timestamp = source.Timestamp is { } expression ? Compile(expression, shape.Scope, ExpressionType.Number) : null;
        var draft = AddDraft(source.Topic, false, services => new SourceOperator(source, timestamp, topology.Handlers, services));
        if (source.DeserializationExceptionHandler is { } own) AddDeadLetters(draft, own);
        return _sources[source.Name] = new FlowEnd(draft.Root, shape);
    }

    public SubTopologyDraft AddDraft(string sourceTopic, bool isRepartition, Func<TaskServices, SourceOperator> create)
    {
        var draft = new SubTopologyDraft(sourceTopic, isRepartition);
        draft.Root = new PlanNode(sourceTopic, draft, create);
        Drafts.Add(draft);
        ExceptionHandler[] handlers = [topology.Handlers.Deserialization, topology.Handlers.Processing, topology.Handlers.Production];
        foreach (var handler in handlers) AddDeadLetters(draft, handler);
        return draft;
    }

    private void AddDeadLetters(SubTopologyDraft draft, ExceptionHandler handler)
    {
        if (handler.DeadLetterTopic is not { } topic || draft.Outputs.Any(o => o.Topic == topic)) return;
        if (topology.Sources.FirstOrDefault(s => s.Topic == topic) is { } source)
            Errors.Add(origins.At(handler, $"the dead-letter topic {topic} is read by the source {source.Name}, so the topology would feed itself"));
        draft.Outputs.Add(OutputTopic.DeadLetters(topic));
    }

    /// <summary>Compiles an expression and notes its errors; with errors the result is of no use.</summary>
    public Evaluator Compile(Expression expression, ExpressionScope scope, ExpressionType wanted = ExpressionType.Unknown)
    {
        if (!expression.TryCompile(scope, out var evaluator, out var errors, wanted)) Errors.AddRange(errors.Select(e => origins.At(expression, e)));
        return evaluator;
    }

    /// <summary>A topic's or store's name inside the topology; refused where Kafka would.</summary>
    public string InternalName(FlowDescription flow, int number, string suffix)
    {
        var name = $"{topology.Name}-{flow.Name}-{number}-{suffix}";
        if (name.Length > 249) Errors.Add(origins.At(flow, $"the internal topic's name {name} is longer than 249"));
        return name;
    }

    public static byte[][] Utf8(IEnumerable<string> names) => [.. names.Select(Encoding.UTF8.GetBytes)];
}
