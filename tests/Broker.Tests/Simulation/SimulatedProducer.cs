using System.Text;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Actors.Protocol.Records;

namespace Actors.Broker.Tests.Simulation;

/// <summary>Produces one batch after the other, each value once if it is idempotent: it sends a batch again until the broker has said what became of it.</summary>
internal sealed class SimulatedProducer(SimulatedRun run, int number, bool idempotent)
{
    private readonly int[] _sequences = new int[3];
    private SimulatedConnection? _connection;
    private SimulatedNode? _node;
    private (string Value, int Partition, int Count, long Timestamp)? _batch;
    private long _producerId = -1;
    private bool _waiting;
    private int _values;

    public bool IsBusy => _waiting || _batch is not null;

    public void Step(SimulatedNode node)
    {
        if (_waiting)
            return;
        if (!ReferenceEquals(node, _node))
            (_node, _connection) = (node, node.Connect());
        if (idempotent && _producerId < 0)
        {
            _waiting = true;
            _connection!.Send(new InitProducerIdRequest { TransactionalId = null, ProducerId = -1, ProducerEpoch = -1 }, 3, answer =>
            {
                _waiting = false;
                _producerId = ((InitProducerIdResponse)answer).ProducerId;
            });
            return;
        }
        if (_batch is null)
        {
            if (run.IsQuiet || run.Next(3) == 0)
                return;
            // The last partition has fewer, so that it is silent for longer than its records are kept.
            var partition = Math.Min(run.Next(7) / 3, SimulatedRun.Expiring);
            _batch = ($"{(idempotent ? "once" : "some")}-{number}-{++_values}", partition, 1 + run.Next(3), run.TimestampFor(partition));
        }
        Produce();
    }

    public void Receive() => _connection?.Receive();

    public void ConnectionLost(SimulatedNode node)
    {
        if (!ReferenceEquals(node, _node))
            return;
        (_connection, _node, _waiting) = (null, null, false);
        // Without idempotence nobody knows what became of it, and sending it again might double it.
        if (!idempotent)
            _batch = null;
    }

    public override string ToString() => $"producer {number} with {_batch}";

    private void Produce()
    {
        var (value, partition, count, timestamp) = _batch!.Value;
        var builder = new RecordBatchBuilder(Compression.None);
        if (idempotent)
            (builder.ProducerId, builder.ProducerEpoch, builder.BaseSequence) = (_producerId, 0, _sequences[partition]);
        for (var i = 0; i < count; i++)
            builder.Append(timestamp, null, Encoding.UTF8.GetBytes($"{value}.{i}"));
        var request = new ProduceRequest { Acks = -1, TimeoutMs = 30_000 };
        var topic = new ProduceRequest.TopicProduceData { Name = "simulated" };
        topic.PartitionData.Add(new ProduceRequest.PartitionProduceData { Index = partition, Records = RecordSet.Of(builder.Build()) });
        request.TopicData.Add(topic);
        _waiting = true;
        run.Retry(value, count);
        _connection!.Send(request, 8, response => Answered(((ProduceResponse)response).Responses[0].PartitionResponses[0]));
    }

    private void Answered(ProduceResponse.PartitionProduceResponse answer)
    {
        _waiting = false;
        var (value, partition, count, _) = _batch!.Value;
        var error = (ErrorCode)answer.ErrorCode;
        if (error == ErrorCode.None)
        {
            for (var i = 0; i < count; i++)
                run.Acknowledge($"{value}.{i}", partition, answer.BaseOffset + i);
            _sequences[partition] += count;
            _batch = null;
        }
        else if (error == ErrorCode.KafkaStorageError)
        {
            run.Refuse(value, count);
            if (!idempotent)
                _batch = null;
        }
        else if (error is ErrorCode.OutOfOrderSequenceNumber or ErrorCode.UnknownServerError or ErrorCode.InvalidProducerEpoch)
            throw new InvalidOperationException($"{this} was answered {error} {answer.ErrorMessage}");
        else if (!idempotent && error is not (ErrorCode.UnknownTopicOrPartition or ErrorCode.LeaderNotAvailable))
            _batch = null;
    }
}
