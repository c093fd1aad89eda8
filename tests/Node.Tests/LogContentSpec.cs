using System.Buffers.Binary;
using System.Net;
using System.Text;
using System.Text.Json;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Actors.Protocol.Records;
using Xunit;

namespace Actors.Node.Tests;

/// <summary>A node's log, at its most talkative, never has what a record holds, whatever is wrong with the record.</summary>
public sealed class LogContentSpec : IDisposable
{
    private const string Mark = "hush";

    private const int CrcAt = 17, CheckedFrom = 21, FirstRecordAt = 61;

    private readonly string _config = Path.GetTempFileName();

    public void Dispose() => File.Delete(_config);

    /// <summary>A batch whose key, value, header and bytes to come all have the mark.</summary>
    private static byte[] Batch(string value)
    {
        using var builder = new RecordBatchBuilder();
        builder.Append(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), Encoding.UTF8.GetBytes($"{Mark}-key"), Encoding.UTF8.GetBytes(value), [new RecordHeader($"{Mark}-header", Encoding.UTF8.GetBytes(Mark))]);
        return builder.Build();
    }

    private static byte[] Changed(byte[] batch, Action<byte[]> change, bool seal)
    {
        change(batch);
        if (seal) BinaryPrimitives.WriteUInt32BigEndian(batch.AsSpan(CrcAt), Crc32C.Compute(batch.AsSpan(CheckedFrom)));
        return batch;
    }

    private static IEnumerable<byte[]> BadBatches() =>
    [
        Changed(Batch($"{Mark} damaged"), batch => batch[^3] ^= 1, seal: false),
        Changed(Batch($"{Mark} with a length that cannot be"), batch => batch[FirstRecordAt] = 0x7f, seal: true),
        Changed(Batch($"{Mark} of a codec that is none"), batch => batch[22] = 7, seal: true),
        Changed(Batch($"{Mark} that is no gzip"), batch => batch[22] = 1, seal: true),
        Batch($"{Mark} cut off")[..^5],
    ];

    private void SendBad(NodeUnderTest node)
    {
        using var client = new WireClient(node.Kafka);
        client.CreateTopic("cards");
        foreach (var bad in BadBatches()) Assert.NotEqual(ErrorCode.None, (ErrorCode)client.Produce("cards", bad).ErrorCode);
        Assert.Equal(ErrorCode.None, (ErrorCode)client.Produce("cards", Batch($"{{{Mark}")).ErrorCode);
        Assert.Equal(ErrorCode.None, (ErrorCode)client.Produce("cards", Batch($"{{\"{Mark}\":\"{Mark}\"}}")).ErrorCode);
        // A request that ends within its records, which closes the connection.
        using var broken = new WireClient(node.Kafka);
        var frame = WireClient.Frame(new ProduceRequest
        {
            Acks = 1, TopicData = [new() { Name = "cards", PartitionData = [new() { Index = 0, Records = RecordSet.Of(Batch(Mark)) }] }],
        }, 9)[..^20];
        BinaryPrimitives.WriteInt32BigEndian(frame, frame.Length - 4);
        broken.Socket.Send(frame);
        Assert.Null(broken.ReadFrame());
    }

    [Fact]
    public void No_line_has_a_records_key_value_or_header()
    {
        File.WriteAllText(_config, "actors.log.format = json, akka { loglevel = DEBUG, stdout-loglevel = DEBUG, log-dead-letters = on, actor.debug.unhandled = on }");
        using var node = NodeUnderTest.Start("--config", _config);
        using var topologies = new TopologyClient(node);
        SendBad(node);
        void Deploy(string name, string settings, string source) => Assert.Equal(HttpStatusCode.Created, topologies.Put(name,
            $"topology {{ name = {name}, {settings} sources {{ cards {{ topic = cards {source} }} }}, flows {{ f {{ from = cards, stages = [ {{ to {{ topic = {name}-out, value = long }} }} ] }} }} }}").Status);
        // Unreadable; left out, and then unwritable; both left out; unreadable of another format; without a time.
        Deploy("one", "", "");
        Deploy("two", "deserialization-exception-handler = continue,", "");
        Deploy("three", "deserialization-exception-handler = continue, production-exception-handler { dead-letter = failed },", "");
        Deploy("four", "", ", value = long");
        Deploy("five", "deserialization-exception-handler = continue,", ", timestamp = ts, timestamp-extractor = fail-on-invalid-timestamp");
        foreach (var name in (string[])["one", "two", "four", "five"])
            Polling.Until(() => node.Output, log => log.Contains($"of topology {name} failed", StringComparison.Ordinal), 30, $"the log says that {name} failed");
        Polling.Until(() => node.Output, log => log.Contains("of topology three has left out 2 records", StringComparison.Ordinal), 30, "the log says what was left out");
        Assert.DoesNotContain(Mark, topologies.List());
        Assert.Equal(0, node.Terminate());
        var lines = node.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.StartsWith("ready: ", StringComparison.Ordinal)).ToList();
        Assert.All(lines, line => JsonDocument.Parse(line).Dispose());
        Assert.Contains(lines, line => line.Contains("closed: ", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Contains(Mark, StringComparison.OrdinalIgnoreCase));
    }
}
