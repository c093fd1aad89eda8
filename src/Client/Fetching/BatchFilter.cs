using Actors.Protocol;
using Actors.Protocol.Messages;
using Actors.Protocol.Records;

namespace Actors.Client;

/// <summary>Cuts a fetched record set into batches and leaves out what no reader may see. Source: Kafka's <c>CompletedFetch</c>.</summary>
internal static class BatchFilter
{
    /// <summary>Gives the batches to show; <paramref name="nextOffset"/> follows the last whole batch, shown or not.</summary>
    /// <exception cref="KafkaException">CORRUPT_MESSAGE: what came is no run of record batches, or a CRC does not match.</exception>
    public static List<FetchedBatch> Take(
        TopicPartition partition, ReadOnlyMemory<byte> records, long offset, List<FetchResponse.AbortedTransaction>? aborted, bool checkCrcs, out long nextOffset)
    {
        var shown = new List<FetchedBatch>();
        var toCome = aborted is null or [] ? null : new Queue<FetchResponse.AbortedTransaction>(aborted.OrderBy(t => t.FirstOffset));
        var abortedProducers = new HashSet<long>();
        nextOffset = offset;
        try
        {
            while (RecordBatch.TryTake(ref records, out var bytes, out var header))
            {
                if (header.LastOffset < offset) continue;
                if (checkCrcs && RecordBatch.ComputeCrc(bytes.Span) != header.Crc)
                    throw new KafkaException(ErrorCode.CorruptMessage, $"partition {partition}, the batch at offset {header.BaseOffset} has a wrong CRC");
                nextOffset = header.NextOffset;
                while (toCome is not null && toCome.TryPeek(out var next) && next.FirstOffset <= header.LastOffset) abortedProducers.Add(toCome.Dequeue().ProducerId);
                if (header.IsControl)
                {
                    // After an aborted transaction's first record the producer's next marker is the one that aborts it.
                    abortedProducers.Remove(header.ProducerId);
                    continue;
                }
                if (header.IsTransactional && abortedProducers.Contains(header.ProducerId)) continue;
                if (header.RecordCount > 0) shown.Add(new FetchedBatch(bytes, header));
            }
        }
        catch (CorruptRecordsException error)
        {
            throw new KafkaException(ErrorCode.CorruptMessage, $"partition {partition} after offset {nextOffset}", error);
        }
        return shown;
    }
}
