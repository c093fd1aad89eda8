using Actors.Client;
using Actors.Protocol;

namespace Actors.Topology.Runtime;

/// <summary>
/// How a task's outputs, its change-log and its input offsets become one: the seam between guarantees. At least once they are written one after
/// the other; a transaction closes them together.
/// </summary>
internal interface ITaskCommit : IAsyncDisposable
{
    /// <summary>Writes what the task has put out so far. It need not be acknowledged before the commit.</summary>
    /// <exception cref="KafkaException">Something was refused: the task must start again from its last commit.</exception>
    ValueTask WriteAsync(TaskOutputs outputs, CancellationToken cancellation);

    /// <summary>
    /// Makes all that was written, and the offsets, durable. False: the group is rebalancing and took no offsets; a later commit includes them.
    /// </summary>
    /// <exception cref="KafkaException">The task is no longer this member's, or something written was lost: it must start again from its last commit.</exception>
    ValueTask<bool> CommitAsync(IReadOnlyDictionary<TopicPartition, OffsetAndMetadata> inputs, CancellationToken cancellation);
}

/// <summary>Outputs and change-log are acknowledged first, then the input offsets: after a crash counts may be too high, never too low.</summary>
internal sealed class AtLeastOnceCommit(Producer producer, GroupMember member) : ITaskCommit
{
    private static readonly TimeSpan FarewellTime = TimeSpan.FromSeconds(2);

    public ValueTask WriteAsync(TaskOutputs outputs, CancellationToken cancellation) => outputs.PostAsync(producer, cancellation);

    public async ValueTask<bool> CommitAsync(IReadOnlyDictionary<TopicPartition, OffsetAndMetadata> inputs, CancellationToken cancellation)
    {
        await producer.FlushAsync(cancellation);
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

    public ValueTask DisposeAsync() => producer.CloseAsync(FarewellTime);
}
