using Actors.Client;
using Actors.Topology.Runtime;
using Akka.Actor;
using Akka.Streams;

namespace Actors.Topology.Tests.Runtime;

public sealed class TaskRunSpecs : IAsyncDisposable
{
    private const string Keys = """
        topology {
          name = keys
          commit-interval = 20ms
          sources { in { topic = in, key = string, value = string } }
          flows { count { from = in, stages = [ { group-by = key }, { aggregate { cnt = "COUNT(*)" } }, { to { topic = counts, key = string, value = json } } ] } }
        }
        """;

    private readonly RuntimeBed _bed = new();
    private readonly ActorSystem _system = ActorSystem.Create("task");

    public async ValueTask DisposeAsync()
    {
        await _system.Terminate();
        await _bed.DisposeAsync();
    }

    /// <summary>Must not write when it is first asked, as after a long pause, and may from then on.</summary>
    private sealed class CommitAfterLapse(ClusterClient cluster, Func<long> changeLogEnd) : ITaskCommit
    {
        private readonly Producer _producer = new(cluster);
        private int _asked;

        /// <summary>The offset that was committed first, and the change-log's end at that time.</summary>
        public TaskCompletionSource<(long Offset, long ChangeLogEnd)> Committed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool MayWrite => ++_asked > 1;

        public ValueTask WriteAsync(TaskOutputs outputs, CancellationToken cancellation) => outputs.PostAsync(_producer, cancellation);

        public ValueTask FlushAsync(CancellationToken cancellation) => _producer.FlushAsync(cancellation);

        public ValueTask<bool> CommitAsync(IReadOnlyDictionary<TopicPartition, OffsetAndMetadata> inputs, CancellationToken cancellation)
        {
            Committed.TrySetResult((inputs.Single().Value.Offset, changeLogEnd()));
            return ValueTask.FromResult(true);
        }

        public ValueTask DisposeAsync() => _producer.CloseAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task Offsets_are_committed_only_after_the_change_logs_rows_though_a_lapse_ends_in_between()
    {
        foreach (var topic in new[] { "in", "counts" }) _bed.Cluster.AddTopic(topic);
        var changeLog = _bed.Cluster.AddTopic("keys-count-1-changelog").Logs[0];
        await _bed.Produce("in", ("a", "v", 1), ("b", "v", 2));
        await using var cluster = new ClusterClient(_bed.Cluster.Options);
        await using var member = new GroupMember(cluster, new GroupOptions { GroupId = "keys", Topics = ["in"] }, new NoListener());
        var settings = new TopologyRuntimeSettings { NodeId = 1, SnapshotDirectory = _bed.SnapshotDirectory() };
        var setting = new TaskSetting(Flows.Read(Keys), new TaskId(0, 0), cluster, member, settings);
        var commit = new CommitAfterLapse(cluster, () => changeLog.End);
        var restored = await RestoredTask.RestoreAsync(setting, CancellationToken.None);
        await using (TaskRun.Start(setting, restored, commit, new TaskProgress(setting.Id, settings.Time), _system.Log, _system.Materializer()))
            Assert.Equal((2, 2), await commit.Committed.Task.WaitAsync(RuntimeBed.Patience));
    }

    [Fact]
    public async Task A_task_whose_snapshots_cannot_be_written_goes_on_without()
    {
        _bed.Cluster.AddTopic("in");
        Directory.CreateDirectory(_bed.SnapshotDirectory());
        await File.WriteAllTextAsync(Path.Combine(_bed.SnapshotDirectory(), "keys"), "a file where the topology's directory should be");
        var node = _bed.Start(change: settings => settings with { SnapshotBytes = 1 });
        await node.Deploy("keys", Keys);
        for (var sent = 1; sent <= 3; sent++)
        {
            await _bed.Produce("in", ("a", "v", sent));
            await RuntimeBed.Until(() => _bed.Committed("keys", "in") == sent, node.Described);
        }
        Assert.Equal(3, _bed.Last("counts", "cnt")["a"]);
        var status = await node.UntilState("keys", TopologyState.Running);
        Assert.All(status.Tasks.Select(task => task.LastError).Append(status.LastError), Assert.Null);
    }

    private sealed class NoListener : IRebalanceListener
    {
        public ValueTask OnAssignedAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellation) => ValueTask.CompletedTask;

        public ValueTask OnRevokedAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellation) => ValueTask.CompletedTask;

        public ValueTask OnLostAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellation) => ValueTask.CompletedTask;
    }
}
