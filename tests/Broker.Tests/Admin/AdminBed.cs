using Actors.Broker.Tests.Simulation;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Actors.Protocol.Records;
using Xunit;

namespace Actors.Broker.Tests.Admin;

/// <summary>A broker under a virtual clock, and a client that asks it one thing after the other.</summary>
public abstract class AdminBed : IDisposable
{
    private readonly BrokerSettings _settings;
    private readonly List<SimulatedConnection> _others = [];
    private SimulatedNode _node;
    private SimulatedConnection _client;
    private DateTimeOffset _now = SimulatedNode.Epoch;

    protected AdminBed(BrokerSettings? settings = null)
    {
        _settings = settings ?? new BrokerSettings();
        Storage.Register();
        (_node, _client) = Start();
        Run(50);
    }

    private protected SimulatedStorage Storage { get; } = new(1) { FailureRate = 0, HangRate = 0 };

    protected KafkaBroker Broker => _node.Broker;

    public void Dispose()
    {
        _node.Dispose();
        Storage.Unregister();
        GC.SuppressFinalize(this);
    }

    protected TResponse Ask<TResponse>(IRequest request, short version)
        where TResponse : IMessage
    {
        IMessage? response = null;
        _client.Send(request, version, answer => response = answer);
        for (var i = 0; i < 1_000 && response is null; i++)
            Run(10);
        return Assert.IsType<TResponse>(response);
    }

    /// <summary>Another client, whose answers come while time passes.</summary>
    private protected SimulatedConnection Connect()
    {
        var other = _node.Connect();
        _others.Add(other);
        return other;
    }

    /// <summary>Ends the broker at once, and starts it on what the storage has.</summary>
    /// <param name="running">Milliseconds that the new one gets before anything is asked of it.</param>
    protected void Restart(int running = 500)
    {
        Storage.Kill();
        _node.Dispose();
        (_node, _client) = Start();
        Run(running);
    }

    protected void Create(string topic, int partitions = 1, params (string Name, string Value)[] configs)
    {
        var create = new CreateTopicsRequest { timeoutMs = 1_000 };
        create.Topics.Add(new CreateTopicsRequest.CreatableTopic
        {
            Name = topic,
            NumPartitions = partitions,
            ReplicationFactor = 1,
            Configs = [.. configs.Select(config => new CreateTopicsRequest.CreatableTopicConfig { Name = config.Name, Value = config.Value })],
        });
        Assert.Equal(ErrorCode.None, (ErrorCode)Ask<CreateTopicsResponse>(create, 7).Topics[0].ErrorCode);
    }

    /// <summary>Appends one record.</summary>
    protected ProduceResponse.PartitionProduceResponse Produce(string topic, int bytes = 10, long? timestamp = null, long producerId = -1, int sequence = 0, int partition = 0)
    {
        var builder = new RecordBatchBuilder();
        if (producerId >= 0)
            (builder.ProducerId, builder.ProducerEpoch, builder.BaseSequence) = (producerId, 0, sequence);
        builder.Append(timestamp ?? _now.ToUnixTimeMilliseconds(), null, new byte[bytes]);
        var request = new ProduceRequest { Acks = -1, TimeoutMs = 30_000 };
        request.TopicData.Add(new ProduceRequest.TopicProduceData { Name = topic });
        request.TopicData[0].PartitionData.Add(new ProduceRequest.PartitionProduceData { Index = partition, Records = RecordSet.Of(builder.Build()) });
        return Ask<ProduceResponse>(request, 9).Responses[0].PartitionResponses[0];
    }

    /// <summary>Lets time pass.</summary>
    protected void Run(int milliseconds)
    {
        for (var i = 0; i < milliseconds; i += 10)
        {
            _node.Advance(10);
            _now = _now.AddMilliseconds(10);
            _client.Receive();
            foreach (var other in _others)
                other.Receive();
        }
    }

    private (SimulatedNode, SimulatedConnection) Start()
    {
        var node = new SimulatedNode(Storage, _now, _settings);
        return (node, node.Connect());
    }
}
