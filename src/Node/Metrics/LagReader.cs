using Actors.Client;
using Actors.Node.Live;
using Actors.Topology.Runtime;

namespace Actors.Node.Metrics;

/// <summary>A group that this node coordinates: its members, and its lag by topic.</summary>
internal sealed record GroupLag(string Group, int Members, IReadOnlyDictionary<string, long> ByTopic);

/// <summary>What has to be asked for: the lag of groups and topologies.</summary>
internal sealed record Lags(IReadOnlyList<GroupLag> Groups, IReadOnlyList<TopologyStatus> Topologies)
{
    public static Lags None { get; } = new([], []);
}

/// <summary>
/// Reads lags when somebody looks, at most once an interval however many look. What cannot be read in time stays as it was.
/// A group is told by its coordinator's node alone, a topology's figures by each node for its own tasks, so that sums over the nodes are right.
/// </summary>
internal sealed class LagReader(NodeState node, TimeSpan interval)
{
    /// <summary>Groups that are told, by name; further ones are not, so that a look stays cheap.</summary>
    public const int MostGroups = 200;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _one = new(1, 1);
    private Lags _last = Lags.None;
    private long _readAt;

    public async Task<Lags> ReadAsync(CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation);
        try
        {
            if (_readAt != 0 && TimeProvider.System.GetElapsedTime(_readAt) < interval) return _last;
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            deadline.CancelAfter(Patience);
            var groups = await TryAsync(() => GroupsAsync(deadline.Token), _last.Groups, cancellation);
            var topologies = await TryAsync(() => TopologiesAsync(deadline.Token), _last.Topologies, cancellation);
            _readAt = TimeProvider.System.GetTimestamp();
            return _last = new Lags(groups, topologies);
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task<IReadOnlyList<GroupLag>> GroupsAsync(CancellationToken cancellation)
    {
        var listed = (await node.Admin.ListGroupsAsync(cancellation)).Select(group => group.GroupId).Order(StringComparer.Ordinal).Take(MostGroups);
        var topics = await GroupReader.TopicsAsync(node.Admin, cancellation);
        var lags = new List<GroupLag>();
        foreach (var name in listed)
        {
            if (await GroupReader.ReadAsync(node, name, null, cancellation, topics) is not { } view || view.Coordinator != node.NodeId) continue;
            lags.Add(new GroupLag(name, view.Members.Count, view.Offsets.Where(o => o.Lag is not null).GroupBy(o => o.Topic).ToDictionary(of => of.Key, of => of.Sum(o => o.Lag!.Value))));
        }
        return lags;
    }

    private async Task<IReadOnlyList<TopologyStatus>> TopologiesAsync(CancellationToken cancellation) =>
        node.Topologies is { } deployed ? await deployed.ListAsync(cancellation) : [];

    private static async Task<T> TryAsync<T>(Func<Task<T>> read, T otherwise, CancellationToken cancellation)
    {
        try
        {
            return await read();
        }
        catch (Exception e) when (e is KafkaException or Akka.Actor.AskTimeoutException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return otherwise;
        }
    }
}
