using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Actors.Protocol.Records;

namespace Actors.Node.Tests;

/// <summary>A socket to a node that sends what it is told, one request after the other, and repeats nothing.</summary>
internal sealed class WireClient : IDisposable
{
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(30);
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private int _correlation;

    public WireClient(string address, int? receiveBuffer = null)
    {
        if (receiveBuffer is { } bytes)
            _socket.ReceiveBufferSize = bytes;
        _socket.ReceiveTimeout = (int)AnswerWithin.TotalMilliseconds;
        _socket.Connect(IPEndPoint.Parse(address));
    }

    public Socket Socket => _socket;

    public TResponse Ask<TResponse>(IRequest request, short version)
        where TResponse : IMessage
    {
        _socket.Send(Frame(request, version, ++_correlation));
        var bytes = new ReadOnlySequence<byte>(ReadFrame() ?? throw new IOException($"the node closed the connection after a {request.Key}"));
        var reader = new ProtocolReader(bytes);
        ResponseHeader.Read(ref reader, ApiVersionTable.Of(request.Key).ResponseHeaderVersion(version));
        return (TResponse)ApiVersionTable.ReadResponse(request.Key, ref reader, version);
    }

    /// <summary>The request with its length before it.</summary>
    public static byte[] Frame(IRequest request, short version, int correlation = 1)
    {
        using var writer = new ProtocolWriter();
        Actors.Protocol.Frame.WriteRequest(writer, request, version, correlation, "wire");
        var bytes = new ArrayBufferWriter<byte>();
        writer.CopyTo(bytes);
        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>The next response without its length; null when the node closed the connection.</summary>
    public byte[]? ReadFrame()
    {
        var length = new byte[4];
        if (!Fill(length))
            return null;
        var body = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
        return Fill(body) ? body : null;
    }

    public void CreateTopic(string name, int partitions = 1)
    {
        var create = new CreateTopicsRequest { timeoutMs = 10_000 };
        create.Topics.Add(new CreateTopicsRequest.CreatableTopic { Name = name, NumPartitions = partitions, ReplicationFactor = 1 });
        if (Ask<CreateTopicsResponse>(create, 5).Topics[0] is { ErrorCode: not 0 } refused)
            throw new InvalidOperationException($"{name} was not created: {(ErrorCode)refused.ErrorCode} {refused.ErrorMessage}");
    }

    public ProduceResponse.PartitionProduceResponse Produce(string topic, byte[] batch)
    {
        var request = new ProduceRequest { Acks = -1, TimeoutMs = 10_000 };
        var data = new ProduceRequest.TopicProduceData { Name = topic };
        data.PartitionData.Add(new ProduceRequest.PartitionProduceData { Index = 0, Records = RecordSet.Of(batch) });
        request.TopicData.Add(data);
        return Ask<ProduceResponse>(request, 9).Responses[0].PartitionResponses[0];
    }

    public FetchResponse.PartitionData Fetch(string topic, long offset)
    {
        var request = new FetchRequest { MaxBytes = 1 << 20, MaxWaitMs = 0 };
        var data = new FetchRequest.FetchTopic { Topic = topic };
        data.Partitions.Add(new FetchRequest.FetchPartition { Partition = 0, FetchOffset = offset, PartitionMaxBytes = 1 << 20 });
        request.Topics.Add(data);
        return Ask<FetchResponse>(request, 11).Responses[0].Partitions[0];
    }

    /// <summary>A batch of one record, uncompressed.</summary>
    public static byte[] Batch(int valueBytes)
    {
        using var builder = new RecordBatchBuilder(Compression.None);
        builder.Append(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), (byte[]?)null, new byte[valueBytes]);
        return builder.Build();
    }

    public void Dispose() => _socket.Dispose();

    private bool Fill(Span<byte> target)
    {
        while (!target.IsEmpty)
        {
            var read = _socket.Receive(target);
            if (read == 0)
                return false;
            target = target[read..];
        }
        return true;
    }
}
