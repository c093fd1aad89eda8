using System.Collections.Concurrent;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Actors.Protocol.Records;

namespace Actors.Cluster.Tests;

/// <summary>What became of one record at one node: an offset, or an error.</summary>
public sealed record Written(string Node, int Partition, long Offset, string Value, ErrorCode Error, long SentMs, long AnsweredMs)
{
    public Acknowledged? Acknowledged => Error == ErrorCode.None ? new Acknowledged(Partition, Offset, Value, SentMs, AnsweredMs) : null;
}

/// <summary>
/// Writes a record to every partition at every node, over and over, as no client would: who acknowledges, and what the others say. A client hides what it was told while it tries
/// again; here each record is sent once, and given up at the first error.
/// </summary>
public sealed class WriteWatch : IDisposable
{
    /// <summary>What the errors of writes may be: another node leads, or the record was not durable in time. A connection that ended counts as the client's own NETWORK_EXCEPTION.</summary>
    public static readonly ErrorCode[] Reasons = [ErrorCode.NotLeaderOrFollower, ErrorCode.RequestTimedOut, ErrorCode.NetworkException];

    private const int DurableWithinMs = 1000;
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(200);
    private readonly ConcurrentQueue<Written> _written = new();
    private readonly CancellationTokenSource _over = new();
    private readonly Task[] _writing;

    public WriteWatch(ThreeNodes nodes) => _writing = [.. nodes.Nodes.Select(node => Task.Factory.StartNew(() => Write(node), default, TaskCreationOptions.LongRunning, TaskScheduler.Default))];

    /// <summary>What became of all records. A node that kept its connection and gave no answer is a failure.</summary>
    public IReadOnlyList<Written> Stop()
    {
        _over.Cancel();
        Task.WaitAll(_writing);
        return [.. _written];
    }

    public void Dispose() => _over.Cancel();

    private static long Now => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    private void Write(Container node)
    {
        RawConnection? connection = null;
        for (var round = 0; !_over.Token.WaitHandle.WaitOne(Between); round++)
        {
            var (sent, values) = (Now, Enumerable.Range(0, ThreeNodes.Partitions).Select(partition => $"at-{node.Name}-{round}-{partition}").ToArray());
            try
            {
                connection ??= new RawConnection(node.Kafka);
                foreach (var answer in connection.Ask<ProduceResponse>(Records(values), 9).Responses[0].PartitionResponses)
                    _written.Enqueue(new Written(node.Name, answer.Index, answer.BaseOffset, values[answer.Index], (ErrorCode)answer.ErrorCode, sent, Now));
            }
            catch (Exception e) when (RawConnection.IsClosed(e))
            {
                for (var partition = 0; partition < ThreeNodes.Partitions; partition++)
                    _written.Enqueue(new Written(node.Name, partition, -1, values[partition], ErrorCode.NetworkException, sent, Now));
                connection?.Dispose();
                connection = null;
            }
        }
        connection?.Dispose();
    }

    private static ProduceRequest Records(string[] values)
    {
        var topic = new ProduceRequest.TopicProduceData { Name = ThreeNodes.Topic };
        foreach (var (value, partition) in values.Select((value, partition) => (value, partition)))
        {
            var builder = new RecordBatchBuilder();
            builder.Append(Now, null, System.Text.Encoding.ASCII.GetBytes(value));
            topic.PartitionData.Add(new ProduceRequest.PartitionProduceData { Index = partition, Records = RecordSet.Of(builder.Build()) });
        }
        return new ProduceRequest { Acks = -1, TimeoutMs = DurableWithinMs, TopicData = [topic] };
    }
}
