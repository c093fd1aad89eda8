using System.Collections.Concurrent;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Xunit;

namespace Actors.Cluster.Tests;

/// <summary>Asks every node for the end of every partition, over and over, as no client would: who serves as leader, in which epoch, and what the others say.</summary>
public sealed class LeaderWatch : IDisposable
{
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(100);
    private readonly ConcurrentDictionary<(int Partition, int Epoch), ConcurrentDictionary<string, int>> _served = new();
    private readonly ConcurrentDictionary<ErrorCode, int> _errors = new();
    private readonly ConcurrentDictionary<int, long> _ends = new();
    private readonly CancellationTokenSource _over = new();
    private readonly Task[] _watching;

    public LeaderWatch(ThreeNodes nodes) => _watching = [.. nodes.Nodes.Select(node => Task.Factory.StartNew(() => Watch(node), default, TaskCreationOptions.LongRunning, TaskScheduler.Default))];

    /// <summary>Records in all partitions together.</summary>
    public long Records => _ends.Values.Sum();

    /// <summary>An epoch of a partition belongs to one node; who is not the leader says so.</summary>
    /// <returns>How many answers there were, and how often each error.</returns>
    public string StopAndAssert()
    {
        _over.Cancel();
        Task.WaitAll(_watching);
        Assert.All(_served, each => Assert.True(each.Value.Count == 1, $"partition {each.Key.Partition} was served in epoch {each.Key.Epoch} by {string.Join(" and ", each.Value.Keys)}"));
        Assert.All(_errors.Keys, error => Assert.Contains(error, (ErrorCode[])[ErrorCode.NotLeaderOrFollower, ErrorCode.RequestTimedOut]));
        return $"{_served.Values.Sum(nodes => nodes.Values.Sum())} answers of leaders, in {_served.Count} epochs; {string.Join(", ", _errors.Select(error => $"{error.Value} x {error.Key}"))}";
    }

    public void Dispose() => _over.Cancel();

    private void Watch(Container node)
    {
        using var connection = new RawConnection(node.Kafka);
        while (!_over.Token.WaitHandle.WaitOne(Between))
        {
            var request = new ListOffsetsRequest { ReplicaId = -1, Topics = [new() { Name = ThreeNodes.Topic, Partitions = [.. Enumerable.Range(0, ThreeNodes.Partitions).Select(Latest)] }] };
            foreach (var answer in connection.Ask<ListOffsetsResponse>(request, 5).Topics[0].Partitions)
            {
                if (answer.ErrorCode == 0)
                {
                    _ends[answer.PartitionIndex] = answer.Offset;
                    _served.GetOrAdd((answer.PartitionIndex, answer.LeaderEpoch), _ => new()).AddOrUpdate(node.Name, 1, (_, before) => before + 1);
                }
                else
                {
                    _errors.AddOrUpdate((ErrorCode)answer.ErrorCode, 1, (_, before) => before + 1);
                }
            }
        }

        static ListOffsetsRequest.ListOffsetsPartition Latest(int partition) => new() { PartitionIndex = partition, CurrentLeaderEpoch = -1, Timestamp = -1 };
    }
}
