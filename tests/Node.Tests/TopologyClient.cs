using System.Net;
using System.Text;
using System.Text.Json;

namespace Actors.Node.Tests;

/// <summary>A node's <c>/topologies</c> as its users see it.</summary>
public sealed class TopologyClient(NodeUnderTest node) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = node.Http, Timeout = TimeSpan.FromSeconds(40) };

    public (HttpStatusCode Status, string Body) Put(string name, string hocon)
    {
        using var response = _http.PutAsync($"topologies/{name}", new StringContent(hocon, Encoding.UTF8)).Result;
        return (response.StatusCode, response.Content.ReadAsStringAsync().Result);
    }

    public HttpStatusCode Delete(string name)
    {
        using var response = _http.DeleteAsync($"topologies/{name}").Result;
        return response.StatusCode;
    }

    /// <summary>What is said of one topology; of none, what is said instead.</summary>
    public TopologySeen Get(string name)
    {
        using var response = _http.GetAsync($"topologies/{name}").Result;
        var body = response.Content.ReadAsStringAsync().Result;
        var root = JsonDocument.Parse(body).RootElement;
        if (response.StatusCode != HttpStatusCode.OK)
            return new TopologySeen(response.StatusCode, "", null, 0, 0, body);
        var tasks = root.GetProperty("tasks").EnumerateArray().ToList();
        return new TopologySeen(
            response.StatusCode, root.GetProperty("state").GetString()!, root.GetProperty("reason").GetString(), tasks.Count, tasks.Sum(task => task.GetProperty("lag").GetInt64()), body);
    }

    public string List() => _http.GetStringAsync("topologies").Result;

    /// <summary>
    /// Waits until the topology has committed everything: the source's records, and what they became in its repartition topics. Offsets are asked for
    /// before the ends, so what is equal is done; a topic's outputs are there before the offsets that stand for them.
    /// </summary>
    public void AwaitAllCommitted(string topology, string source, long atLeast, int seconds) => Polling.Until(
        () => Committed(topology, source), offsets => offsets.All(o => o.Committed == o.End) && offsets[0].End >= atLeast, seconds, $"{topology} has committed everything");

    private ProgressList Committed(string topology, string source)
    {
        using var response = _http.GetAsync($"groups/{topology}").Result;
        var committed = response.StatusCode == HttpStatusCode.OK
            ? JsonDocument.Parse(response.Content.ReadAsStringAsync().Result).RootElement.GetProperty("offsets").EnumerateArray()
                .GroupBy(o => o.GetProperty("topic").GetString()!).ToDictionary(topic => topic.Key, topic => topic.Sum(o => o.GetProperty("committed_offset") is { ValueKind: JsonValueKind.Number } offset ? offset.GetInt64() : 0))
            : [];
        var repartitions = JsonDocument.Parse(_http.GetStringAsync("topics").Result).RootElement.EnumerateArray().Select(t => t.GetProperty("name").GetString()!)
            .Where(name => name.StartsWith(topology + "-", StringComparison.Ordinal) && name.EndsWith("-repartition", StringComparison.Ordinal));
        return [.. repartitions.Prepend(source).Select(topic => (topic, committed.GetValueOrDefault(topic), End(topic)))];
    }

    private long End(string topic) => JsonDocument.Parse(_http.GetStringAsync($"topics/{topic}").Result).RootElement.GetProperty("partitions").EnumerateArray()
        .Sum(partition => partition.GetProperty("end_offset").GetInt64());

    /// <summary>A topic's committed records and all of its records.</summary>
    private sealed class ProgressList : List<(string Topic, long Committed, long End)>
    {
        public override string ToString() => string.Join(", ", this.Select(o => $"{o.Topic} {o.Committed} of {o.End}"));
    }

    public void Dispose() => _http.Dispose();
}

/// <summary>A topology's status as the node tells it.</summary>
public sealed record TopologySeen(HttpStatusCode Status, string State, string? Reason, int Tasks, long Lag, string Body);
