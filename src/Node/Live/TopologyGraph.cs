using Actors.Hocon;

namespace Actors.Node.Live;

/// <summary>A box of a topology's picture: a topic, a table's topic, or a flow with its stages in lines.</summary>
internal sealed record GraphNode(string Id, string Kind, string Label, IReadOnlyList<string> Stages);

internal sealed record GraphEdge(string From, string To);

/// <summary>A topology as a graph: topics, flows and who feeds whom. Read from its text, whose names for stages are Kafka Streams'.</summary>
internal sealed record TopologyGraph(IReadOnlyList<GraphNode> Nodes, IReadOnlyList<GraphEdge> Edges)
{
    private const int LongestStage = 160;

    /// <exception cref="HoconException">The text is no topology file.</exception>
    public static TopologyGraph Of(string text)
    {
        var topology = HoconDocument.Parse(text, "topology.conf").Resolve(_ => null).Get("topology").GetObject();
        var drawing = new Drawing();
        foreach (var kind in (string[])["sources", "tables"])
            if (topology.TryGet(kind, out var inputs))
                foreach (var input in inputs.GetObject().Fields)
                    drawing.Input(input.Key, kind == "tables" ? "table" : "topic", input.Value.GetObject().Get("topic").GetString());
        if (topology.TryGet("flows", out var flows))
            foreach (var flow in flows.GetObject().Fields)
                drawing.Flow(flow.Key, flow.Value.GetObject());
        return drawing.ToGraph();
    }

    private sealed class Drawing
    {
        private readonly Dictionary<string, GraphNode> _nodes = [];
        private readonly HashSet<GraphEdge> _edges = [];
        private readonly Dictionary<string, string> _inputs = [];

        public TopologyGraph ToGraph()
        {
            // A stage may name an input, another flow, or a branch of one (flow.branch).
            var edges = _edges.Select(edge => edge with { From = Resolve(edge.From) }).Where(edge => _nodes.ContainsKey(edge.From) && edge.From != edge.To);
            return new TopologyGraph([.. _nodes.Values], [.. edges.Distinct()]);
        }

        public void Input(string name, string kind, string topic)
        {
            _inputs[name] = Topic(topic, kind);
        }

        public void Flow(string name, HoconObject flow)
        {
            var id = $"flow:{name}";
            var stages = new List<string>();
            if (flow.TryGet("from", out var from))
                _edges.Add(new GraphEdge(from.GetString(), id));
            foreach (var stage in flow.TryGet("stages", out var list) ? list.GetList() : [])
                foreach (var field in stage.GetObject().Fields)
                    Stage(id, field, stages);
            _nodes[id] = new GraphNode(id, "flow", name, stages);
        }

        private void Stage(string id, HoconField stage, List<string> lines)
        {
            switch (stage.Key)
            {
                case "to":
                    _edges.Add(new GraphEdge(id, Topic(stage.Value.GetObject().Get("topic").GetString(), "topic")));
                    return;
                case "join" or "left-join" or "outer-join":
                    var with = stage.Value.GetObject().Get("with").GetString();
                    _edges.Add(new GraphEdge(with, id));
                    lines.Add($"{stage.Key} {with}");
                    return;
                case "merge":
                    foreach (var merged in stage.Value.GetList())
                        _edges.Add(new GraphEdge(merged.GetString(), id));
                    lines.Add($"merge {string.Join(", ", stage.Value.GetList().Select(merged => merged.GetString()))}");
                    return;
                default:
                    var line = $"{stage.Key} {Short(stage.Value)}";
                    lines.Add(line.Length > LongestStage ? line[..LongestStage] + "…" : line);
                    return;
            }
        }

        private string Topic(string topic, string kind)
        {
            var id = $"topic:{topic}";
            _nodes.TryAdd(id, new GraphNode(id, kind, topic, []));
            return id;
        }

        private string Resolve(string name)
        {
            if (_nodes.ContainsKey(name))
                return name;
            if (_inputs.TryGetValue(name, out var input))
                return input;
            if (_nodes.ContainsKey($"flow:{name}"))
                return $"flow:{name}";
            var dot = name.LastIndexOf('.');
            return dot > 0 ? $"flow:{name[..dot]}" : name;
        }

        private static string Short(HoconValue value) => value switch
        {
            HoconObject fields => string.Join(", ", fields.Fields.Select(field => $"{field.Key} = {Short(field.Value)}")),
            HoconArray items => string.Join(", ", items.Select(Short)),
            HoconScalar scalar => scalar.Text,
            _ => value.ToString(),
        };
    }
}
