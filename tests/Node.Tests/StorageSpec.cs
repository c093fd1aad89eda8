using Actors.Protocol;
using Actors.Protocol.Messages;
using Actors.Protocol.Records;
using Xunit;
using Xunit.Abstractions;

namespace Actors.Node.Tests;

/// <summary>A node whose database file may not grow any more.</summary>
public sealed class StorageSpec(ITestOutputHelper output)
{
    private const int Seconds = 30;

    [Fact]
    public void A_full_database_refuses_records_and_serves_what_it_has_until_there_is_room_again()
    {
        var config = Path.GetTempFileName();
        // Eight megabytes.
        File.WriteAllText(config, "akka.persistence.journal.sql.max-page-count = 500\nactors.broker { cache-bytes = 0, retention-check-interval = 1s }\n");
        using var node = NodeUnderTest.Start("--config", config);
        using var client = new WireClient(node.Kafka);
        client.CreateTopic("large");
        client.CreateTopic("small");
        Assert.Equal(0, client.Produce("small", Batch(100)).ErrorCode);

        var stored = 0;
        var refused = ErrorCode.None;
        while (refused == ErrorCode.None && stored < 100)
            if ((refused = (ErrorCode)client.Produce("large", Batch(250_000)).ErrorCode) == ErrorCode.None)
                stored++;
        output.WriteLine($"{stored} batches of 250 kB found room");
        Assert.Equal(ErrorCode.KafkaStorageError, refused);
        Assert.InRange(stored, 10, 40);
        Polling.Until(() => client.Fetch("large", 0).ErrorCode, error => error == 0, Seconds, "the partition that found no room serves again");
        for (var offset = 0; offset < stored; offset++)
            Assert.Equal(250_000, LargestValue(client.Fetch("large", offset)));
        Assert.Equal(ErrorCode.OffsetOutOfRange, (ErrorCode)client.Fetch("large", stored + 1).ErrorCode);
        Assert.Equal(100, LargestValue(client.Fetch("small", 0)));
        Assert.Equal(ErrorCode.KafkaStorageError, (ErrorCode)client.Produce("large", Batch(250_000)).ErrorCode);
        Assert.Equal(ErrorCode.KafkaStorageError, (ErrorCode)client.Produce("small", Batch(250_000)).ErrorCode);

        // Room is made by hand; the node finds it by itself.
        Polling.Until(() => DeleteAll(client), error => error == ErrorCode.None, Seconds, "the large topic's records are deleted");
        Polling.Until(() => client.Produce("large", Batch(250_000)).ErrorCode, error => error == 0, Seconds, "records are taken again");
        Assert.Equal(250_000, LargestValue(client.Fetch("large", stored)));
        Assert.Equal(100, LargestValue(client.Fetch("small", 0)));
        Assert.Contains("the storage is full", node.Output, StringComparison.Ordinal);
        Assert.Equal(0, node.Terminate());
        File.Delete(config);
    }

    private static ErrorCode DeleteAll(WireClient client)
    {
        var delete = new DeleteRecordsRequest { TimeoutMs = 10_000 };
        delete.Topics.Add(new DeleteRecordsRequest.DeleteRecordsTopic { Name = "large", Partitions = [new DeleteRecordsRequest.DeleteRecordsPartition { PartitionIndex = 0, Offset = -1 }] });
        return (ErrorCode)client.Ask<DeleteRecordsResponse>(delete, 1).Topics[0].Partitions[0].ErrorCode;
    }

    private static byte[] Batch(int valueBytes)
    {
        using var builder = new RecordBatchBuilder(Compression.None);
        builder.Append(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), (byte[]?)null, new byte[valueBytes]);
        return builder.Build();
    }

    private static int LargestValue(FetchResponse.PartitionData data)
    {
        Assert.Equal(ErrorCode.None, (ErrorCode)data.ErrorCode);
        var largest = 0;
        foreach (var record in new RecordBatchReader(data.Records!.ToMemory()))
            largest = Math.Max(largest, record.Value!.Value.Length);
        return largest;
    }
}
