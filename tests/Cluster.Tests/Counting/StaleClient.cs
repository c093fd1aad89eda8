using System.Globalization;
using System.Text;
using Actors.Client;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Actors.Protocol.Records;
using Xunit;

namespace Actors.Cluster.Tests;

/// <summary>A client that has not heard of a new leader: its requests wait in a frozen node's socket, and are the first thing the node reads when it thaws.</summary>
public sealed class StaleClient : IAsyncDisposable
{
    /// <summary>What it writes; no log may ever hold it.</summary>
    public const string Value = "written-by-a-stale-leader";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly KafkaConnection _writing;
    private readonly KafkaConnection _reading;
    private readonly IReadOnlyCollection<int> _partitions;

    private StaleClient(KafkaConnection writing, KafkaConnection reading, IReadOnlyCollection<int> partitions) => (_writing, _reading, _partitions) = (writing, reading, partitions);

    public static async Task<StaleClient> ConnectAsync(string kafka, IReadOnlyCollection<int> partitions)
    {
        var (host, port) = (kafka.Split(':')[0], int.Parse(kafka.Split(':')[1], CultureInfo.InvariantCulture));
        async Task<KafkaConnection> OpenAsync() => await KafkaConnection.OpenAsync(await TcpTransport.ConnectAsync(host, port, default), kafka, "stale", Patience);
        return new StaleClient(await OpenAsync(), await OpenAsync(), partitions);
    }

    /// <summary>Produces to and fetches from the node as if it still led; each answer says why not, or the connection ends. No answer in time is a failure.</summary>
    /// <returns>What it was told.</returns>
    public async Task<string> AskAsync()
    {
        var (writing, reading) = (ToldAsync(ProduceAsync), ToldAsync(FetchAsync));
        return $"Produce {await writing}, Fetch {await reading}";
    }

    public async ValueTask DisposeAsync()
    {
        await _writing.DisposeAsync();
        await _reading.DisposeAsync();
    }

    private async Task<string> ToldAsync(Func<Task<IEnumerable<short>>> ask)
    {
        try
        {
            var errors = (await ask()).Select(error => (ErrorCode)error).ToList();
            Assert.Equal(_partitions.Count, errors.Count);
            Assert.All(errors, error => Assert.Contains(error, (ErrorCode[])[ErrorCode.NotLeaderOrFollower, ErrorCode.FencedLeaderEpoch]));
            return string.Join(", ", errors.Distinct());
        }
        catch (KafkaException closed) when (closed.Error == ErrorCode.NetworkException)
        {
            return "connection closed";
        }
    }

    private async Task<IEnumerable<short>> ProduceAsync()
    {
        using var builder = new RecordBatchBuilder();
        builder.Append(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), null, Encoding.ASCII.GetBytes(Value));
        var batch = RecordSet.Of(builder.Build());
        var request = new ProduceRequest
        {
            Acks = -1,
            TimeoutMs = 10_000,
            TopicData = [new() { Name = ThreeNodes.Topic, PartitionData = [.. _partitions.Select(partition => new ProduceRequest.PartitionProduceData { Index = partition, Records = batch })] }],
        };
        var response = await _writing.SendAsync(Apis.Produce, request, Patience);
        return response.Responses.SelectMany(topic => topic.PartitionResponses, (_, answer) => answer.ErrorCode);
    }

    private async Task<IEnumerable<short>> FetchAsync()
    {
        var request = new FetchRequest
        {
            MaxWaitMs = 100,
            MinBytes = 1,
            MaxBytes = 1 << 20,
            Topics = [new() { Topic = ThreeNodes.Topic, Partitions = [.. _partitions.Select(partition => new FetchRequest.FetchPartition { Partition = partition, FetchOffset = 0, PartitionMaxBytes = 1 << 20 })] }],
        };
        var response = await _reading.SendAsync(Apis.Fetch, request, Patience);
        return response.Responses.SelectMany(topic => topic.Partitions, (_, answer) => answer.ErrorCode);
    }
}
