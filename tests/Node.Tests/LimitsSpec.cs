using System.Buffers.Binary;
using System.Net.Sockets;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Actors.Protocol.Records;
using Xunit;

namespace Actors.Node.Tests;

/// <summary>What a node's settings allow at most, it takes; one more it does not.</summary>
public sealed class LimitsSpec : IDisposable
{
    private const string Topic = "limited";
    private readonly string _config = Path.GetTempFileName();

    public void Dispose() => File.Delete(_config);

    [Fact]
    public void A_request_of_the_greatest_size_is_answered_and_a_byte_more_closes_the_connection()
    {
        const int most = 64 * 1024;
        using var node = Start($"actors.kafka.max-request-bytes = {most}");
        using var client = new WireClient(node.Kafka);
        client.CreateTopic(Topic);
        var frame = ProduceFrame(most);
        client.Socket.Send(frame);
        Assert.NotNull(client.ReadFrame());
        Assert.Equal(1, client.Fetch(Topic, 0).HighWatermark);
        using var greedy = new WireClient(node.Kafka);
        BinaryPrimitives.WriteInt32BigEndian(frame, most + 1);
        greedy.Socket.Send(frame.AsSpan(0, sizeof(int)));
        Assert.Null(greedy.ReadFrame());
        Assert.Equal(1, client.Fetch(Topic, 0).HighWatermark);
    }

    [Fact]
    public void Connections_are_taken_up_to_the_greatest_number_and_again_when_one_has_ended()
    {
        const int most = 20;
        using var node = Start($"actors.kafka.max-connections = {most}");
        var open = new List<WireClient>();
        try
        {
            while (Connected(node) is { } client)
            {
                open.Add(client);
                Assert.True(open.Count <= most, $"{open.Count} clients are connected");
            }
            // The node's own clients inside the process count too.
            Assert.InRange(open.Count, most / 2, most);
            Polling.Until(() => node.Metric("actors_connections"), connections => connections == most, 10, "as many are open as may be");
            Assert.Contains($"{most} are open (actors.kafka.max-connections)", Polling.Until(() => node.Output, said => said.Contains("max-connections"), 10, "it says so"));
            // Two, for the node's own clients may be the first to take a place.
            open[0].Dispose();
            open[1].Dispose();
            open.Add(Polling.Until(() => Connected(node), client => client is not null, 20, "another may connect")!);
        }
        finally
        {
            open.ForEach(client => client.Dispose());
        }
    }

    private NodeUnderTest Start(string settings)
    {
        File.WriteAllText(_config, settings);
        return NodeUnderTest.Start("--config", _config);
    }

    /// <summary>A connection that was answered; null when the node closed it.</summary>
    private static WireClient? Connected(NodeUnderTest node)
    {
        var client = new WireClient(node.Kafka);
        try
        {
            client.Ask<ApiVersionsResponse>(new ApiVersionsRequest { ClientSoftwareName = "wire", ClientSoftwareVersion = "1" }, 3);
            return client;
        }
        catch (Exception closed) when (closed is IOException or SocketException)
        {
            client.Dispose();
            return null;
        }
    }

    /// <summary>A Produce request of one record whose frame, its length aside, has so many bytes.</summary>
    private static byte[] ProduceFrame(int bytes)
    {
        var frame = Of(bytes / 2);
        // What counts the value's bytes is as long for half of them as for all.
        frame = Of(bytes - (frame.Length - sizeof(int) - (bytes / 2)));
        Assert.Equal(bytes, frame.Length - sizeof(int));
        return frame;

        static byte[] Of(int valueBytes)
        {
            var request = new ProduceRequest { Acks = -1, TimeoutMs = 10_000 };
            request.TopicData.Add(new ProduceRequest.TopicProduceData { Name = Topic, PartitionData = [new() { Index = 0, Records = RecordSet.Of(WireClient.Batch(valueBytes)) }] });
            return WireClient.Frame(request, 9);
        }
    }
}
