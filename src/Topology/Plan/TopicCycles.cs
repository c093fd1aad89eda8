namespace Actors.Topology;

/// <summary>Finds flows that feed themselves through a topic: one writes what it, or a flow before it, reads.</summary>
internal sealed class TopicCycles(TopologyDescription topology)
{
    public void AddErrors(Origins origins, List<TopologyError> errors)
    {
        foreach (var flow in topology.Flows)
        {
            foreach (var to in flow.Stages.OfType<ToStage>())
            {
                if (topology.Sources.FirstOrDefault(s => s.Topic == to.Topic) is { } source && Reaches(source.Name, flow.Name, []))
                    errors.Add(origins.At(to, $"the topic {to.Topic} is read by the source {source.Name} of this flow, so the flow would feed itself"));
            }
        }
    }

    private bool Reaches(string from, string wanted, HashSet<string> seen)
    {
        if (!seen.Add(from)) return false;
        foreach (var flow in topology.Flows.Where(f => f.From == from))
        {
            if (flow.Name == wanted || Reaches(flow.Name, wanted, seen)) return true;
            foreach (var to in flow.Stages.OfType<ToStage>())
                if (topology.Sources.FirstOrDefault(s => s.Topic == to.Topic) is { } source && Reaches(source.Name, wanted, seen))
                    return true;
        }
        return false;
    }
}
