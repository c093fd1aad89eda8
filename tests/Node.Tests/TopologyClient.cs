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

    /// <summary>The records that a group has not committed yet, by the broker's account, over the partitions it has committed at all.</summary>
    public (long Committed, long Lag) Progress(string group)
    {
        using var response = _http.GetAsync($"groups/{group}").Result;
        if (response.StatusCode != HttpStatusCode.OK)
            return (0, long.MaxValue);
        var offsets = JsonDocument.Parse(response.Content.ReadAsStringAsync().Result).RootElement.GetProperty("offsets").EnumerateArray().ToList();
        return (offsets.Sum(o => o.GetProperty("committed_offset").GetInt64()), offsets.Sum(o => o.GetProperty("lag").GetInt64()));
    }

    public void Dispose() => _http.Dispose();
}

/// <summary>A topology's status as the node tells it.</summary>
public sealed record TopologySeen(HttpStatusCode Status, string State, string? Reason, int Tasks, long Lag, string Body);
