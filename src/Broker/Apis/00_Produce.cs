using Actors.Broker.Network;
using Actors.Broker.Partitions;
using Actors.Machines;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Actors.Protocol.Records;

namespace Actors.Broker.Apis;

/// <summary>
/// Appends record batches. Versions 0 to 2 are advertised because older librdkafka asks for them, and answered UNSUPPORTED_VERSION: their records are of formats
/// that are gone. v3: record batches, transactional id; v7: zstd; v8: messages of errors; v9: flexible; v10: the leader in the response.
/// </summary>
internal sealed class Produce() : Api<ProduceRequest>(ApiKey.Produce, 0, 11)
{
    protected override void Dispatch(ProduceRequest request, Exchange exchange)
    {
        var response = new ProduceResponse();
        var appending = new Appending(exchange, request.Acks, response);
        foreach (var topic in request.TopicData)
        {
            var answers = new ProduceResponse.TopicProduceResponse { Name = topic.Name };
            response.Responses.Add(answers);
            foreach (var partition in topic.PartitionData)
            {
                var answer = new ProduceResponse.PartitionProduceResponse { Index = partition.Index, BaseOffset = -1, LogAppendTimeMs = -1, LogStartOffset = -1 };
                answers.PartitionResponses.Add(answer);
                Append(request, topic.Name, partition, answer, appending);
            }
        }
        appending.AllAsked();
    }

    private static void Append(
        ProduceRequest request, string topic, ProduceRequest.PartitionProduceData data, ProduceResponse.PartitionProduceResponse answer, Appending appending)
    {
        var exchange = appending.Exchange;
        var error = Check(request, data, exchange.ApiVersion);
        if (error != ErrorCode.None)
        {
            appending.Refuse(answer, error);
            return;
        }
        if (exchange.Broker.Metadata.Current.Find(topic) is not { } image || data.Index < 0 || data.Index >= image.Partitions)
        {
            appending.Refuse(answer, ErrorCode.UnknownTopicOrPartition);
            return;
        }
        if (image.IsInternal)
        {
            appending.Refuse(answer, ErrorCode.InvalidTopicException);
            return;
        }
        var id = new PartitionId(image.Id, data.Index);
        if (exchange.Broker.Partitions.Find(id) is not { } led)
        {
            appending.NotLeader(id, answer);
            return;
        }
        var batch = ProduceValidation.BatchOf(data.Records!);
        BatchHeader.TryRead(batch, out var header);
        WalkedRecords? walked = null;
        if (exchange.Broker.Settings.ChecksRecords)
        {
            var (wrong, reason) = RecordWalk.Check(batch, header, exchange.Broker.Settings.MaxRequestBytes, out var seen);
            if (wrong != ErrorCode.None)
            {
                appending.Refuse(answer, wrong, reason);
                return;
            }
            walked = seen;
        }
        appending.Ask(led, new AskedBatch(id, answer, header, batch, walked), TimeSpan.FromMilliseconds(Math.Max(request.TimeoutMs, 1)));
    }

    private static ErrorCode Check(ProduceRequest request, ProduceRequest.PartitionProduceData data, short version) => version switch
    {
        < 3 => ErrorCode.UnsupportedVersion,
        _ when request.Acks is not (0 or 1 or -1) => ErrorCode.InvalidRequiredAcks,
        _ when request.TransactionalId is not null => ErrorCode.InvalidTxnState,
        _ => ProduceValidation.Check(data.Records, version),
    };

    private sealed record AskedBatch(PartitionId Partition, ProduceResponse.PartitionProduceResponse Answer, BatchHeader Header, byte[] Bytes, WalkedRecords? Walked);

    /// <summary>Counts what is still being appended and completes the exchange after the last one.</summary>
    private sealed class Appending(Exchange exchange, short acks, ProduceResponse response)
    {
        private int _open = 1;
        private bool _refused;

        public Exchange Exchange { get; } = exchange;

        public void Ask(LedPartition led, AskedBatch asked, TimeSpan timeout)
        {
            _open++;
            Exchange.Ask(
                led.Actor, token => new ProduceBatch(token, asked.Header, asked.Bytes, asked.Walked), answer => Appended(asked, (BatchAnswer)answer),
                why => Closed(() =>
                {
                    if (why == Unanswered.TimedOut)
                        Refuse(asked.Answer, ErrorCode.RequestTimedOut);
                    else
                        NotLeader(asked.Partition, asked.Answer);
                }), timeout);
        }

        public void NotLeader(PartitionId id, ProduceResponse.PartitionProduceResponse answer)
        {
            Refuse(answer, ErrorCode.NotLeaderOrFollower);
            LeaderHint.Add(Exchange, id, response, answer);
        }

        public void Refuse(ProduceResponse.PartitionProduceResponse answer, ErrorCode error, string? message = null)
        {
            answer.ErrorCode = (short)error;
            answer.ErrorMessage = message;
            _refused = true;
        }

        private void Refuse(ProduceResponse.PartitionProduceResponse answer, BatchAnswer refused)
        {
            Refuse(answer, refused.Error, refused.Message);
            foreach (var record in refused.Rejected)
                answer.RecordErrors.Add(new ProduceResponse.BatchIndexAndErrorMessage { BatchIndex = record.BatchIndex, BatchIndexErrorMessage = record.Message });
        }

        public void AllAsked() => Closed(() => { });

        private void Appended(AskedBatch asked, BatchAnswer appended) => Closed(() =>
        {
            var answer = asked.Answer;
            if (appended.Error == ErrorCode.None)
                Exchange.Broker.Counters.Appended(asked.Partition.TopicId, asked.Header.RecordCount, asked.Bytes.Length);
            else
                Refuse(answer, appended);
            answer.BaseOffset = appended.BaseOffset;
            answer.LogAppendTimeMs = appended.LogAppendTime;
            answer.LogStartOffset = appended.LogStartOffset;
        });

        private void Closed(Action change)
        {
            change();
            if (--_open > 0)
                return;
            // With acks=0 nobody reads an error, so that Kafka closes the connection to make it seen.
            if (acks == 0)
                Exchange.CompleteSilently(closeConnection: _refused);
            else
                Exchange.Complete(response);
        }
    }
}
