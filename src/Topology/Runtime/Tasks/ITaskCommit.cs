using Actors.Client;
using Actors.Protocol;

namespace Actors.Topology.Runtime;

/// <summary>
/// How a task's outputs, its change-log and its input offsets become one: the seam between guarantees. At least once they are written one after
/// the other; a transaction closes them together.
/// </summary>
internal interface ITaskCommit : IAsyncDisposable
{
    /// <summary>False: the task may be another node's by now, as after a long pause. Nothing must be written to a change-log then.</summary>
    bool MayWrite { get; }

    /// <summary>Writes what the task has put out so far. It need not be acknowledged before the commit.</summary>
    /// <exception cref="KafkaException">Something was refused: the task must start again from its last commit.</exception>
    ValueTask WriteAsync(TaskOutputs outputs, CancellationToken cancellation);

    /// <summary>Returns once everything that was written is acknowledged.</summary>
    /// <exception cref="KafkaException">Something written was lost: the task must start again from its last commit.</exception>
    ValueTask FlushAsync(CancellationToken cancellation);

    /// <summary>
    /// Makes all that was written and acknowledged, and the offsets, durable. False: the group is rebalancing and took no offsets; a later commit includes them.
    /// </summary>
    /// <exception cref="KafkaException">The task is no longer this member's: it must start again from its last commit.</exception>
    ValueTask<bool> CommitAsync(IReadOnlyDictionary<TopicPartition, OffsetAndMetadata> inputs, CancellationToken cancellation);
}

/// <summary>Outputs and change-log are acknowledged first, then the input offsets: after a crash counts may be too high, never too low.</summary>
/// <remarks>
/// Until transactions fence, a session's time-out does: nothing is sent, repeats included, once the coordinator may have given this member's tasks to another.
/// What is on its way to the broker at that moment may still arrive.
/// </remarks>
internal sealed class AtLeastOnceCommit(ClusterClient cluster, ProducerOptions options, GroupMember member) : ITaskCommit
{
    private readonly Producer _producer = new(cluster, options with { MaySend = () => member.HoldsSession });

    public bool MayWrite => member.HoldsSession;

    public ValueTask WriteAsync(TaskOutputs outputs, CancellationToken cancellation) => outputs.PostAsync(_producer, cancellation);

    public ValueTask FlushAsync(CancellationToken cancellation) => _producer.FlushAsync(cancellation);

    public async ValueTask<bool> CommitAsync(IReadOnlyDictionary<TopicPartition, OffsetAndMetadata> inputs, CancellationToken cancellation)
    {
        try
        {
            await member.CommitAsync(inputs, cancellation);
            return true;
        }
        catch (KafkaException error) when (error.Error == ErrorCode.RebalanceInProgress)
        {
            return false;
        }
    }

    /// <summary>What no commit covers is not sent any more: who goes on begins at the last commit.</summary>
    public ValueTask DisposeAsync() => _producer.CloseAsync(TimeSpan.Zero);
}
