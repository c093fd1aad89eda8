using Actors.Client;
using Actors.Client.Tests.Fakes;
using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Topology.Tests.Runtime;

public sealed class RestoreSpecs : IAsyncDisposable
{
    private const string Keys = """
        topology {
          name = keys
          commit-interval = 20ms
          sources { in { topic = in, key = string, value = string } }
          flows { count { from = in, stages = [ { group-by = key }, { aggregate { cnt = "COUNT(*)" } }, { to { topic = counts, key = string, value = json } } ] } }
        }
        """;

    private const string ChangeLog = "keys-count-1-changelog";

    private readonly RuntimeBed _bed = new();

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    /// <summary>Has the key counted once more, in a commit of its own.</summary>
    private async Task Count(Node node, int committed)
    {
        await _bed.Produce("in", ("k", "v", committed));
        await RuntimeBed.Until(() => _bed.Committed("keys", "in") == committed, node.Described);
    }

    [Fact]
    public async Task What_another_node_commits_while_a_task_is_restored_is_in_its_counts()
    {
        _bed.Cluster.AddTopic("in");
        var one = _bed.Start(1);
        await one.Deploy("keys", Keys);
        await Count(one, 1);
        await Count(one, 2);
        await one.Stop();
        var rows = _bed.Cluster.Topics[ChangeLog].Logs[0].Batches;
        Assert.Equal(2, rows.Count);
        // As if its second commit came late: when the other node has begun to restore.
        var (log, late) = (new FakeLog { Leader = 1 }, true);
        log.Append(rows[0]);
        lock (_bed.Cluster.Gate)
        {
            _bed.Cluster.Topics[ChangeLog].Logs[0] = log;
            _bed.Cluster.Groups["keys"].Offsets[new TopicPartition("in", 0)] = new OffsetAndMetadata(1);
        }
        _bed.Cluster.On<OffsetFetchRequest>((_, _) =>
        {
            if (!late) return null;
            late = false;
            Assert.Equal(ErrorCode.None, log.Append(rows[1]).Error);
            _bed.Cluster.Groups["keys"].Offsets[new TopicPartition("in", 0)] = new OffsetAndMetadata(2);
            return null;
        });
        var two = _bed.Start(2);
        await RuntimeBed.Until(() => !late, two.Described);
        await Count(two, 3);
        Assert.Equal(3, _bed.Last("counts", "cnt")["k"]);
    }
}
