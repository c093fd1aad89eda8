using System.Text;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Actors.Protocol.Records;

namespace Actors.Broker.Tests.Simulation;

/// <summary>One seed: producers (every second one idempotent), readers and a topic of three partitions, while the node is killed and its journal misbehaves.</summary>
internal sealed class SimulatedRun
{
    private const int Partitions = 3;
    private const int RetentionMs = 100;
    private const long KeptTimestamp = 1_700_000_000_000;

    /// <summary>The partition whose records expire; those of the others are dated ahead of the virtual clock.</summary>
    public const int Expiring = 2;

    /// <summary>The partition whose records are deleted on demand.</summary>
    private const int Trimmed = 1;

    private const string Topic = "simulated";
    private readonly Random _random;
    private readonly SimulatedStorage _storage;
    private readonly StringBuilder _story = new();
    private readonly Dictionary<(int Partition, long Offset), string> _seen = [];
    private readonly HashSet<(int Partition, long Offset)> _served = [];
    private readonly Dictionary<string, (int Partition, long Offset)> _acknowledged = [];
    private readonly List<SimulatedProducer> _producers = [];
    private DateTimeOffset _now = SimulatedNode.Epoch;
    private SimulatedNode _node;
    private SimulatedConnection _reader;
    private readonly SimulatedCommitter _committer;
    private readonly long[] _logStarts = new long[Partitions];
    private readonly Dictionary<long, long> _dates = [];
    private readonly HashSet<string> _refused = [];
    private DateTimeOffset _fullUntil;
    private (SimulatedNode Node, SimulatedConnection Reader)? _fenced;
    private long _trimWanted;
    private long _trimmed;
    private bool _quiet;

    public SimulatedRun(int seed)
    {
        _random = new Random(seed);
        _storage = new SimulatedStorage(seed * 31 + 1);
        _storage.Register();
        _node = Start();
        _reader = _node.Connect();
        _committer = new SimulatedCommitter(this, Topic);
        for (var i = 0; i < 4; i++)
            _producers.Add(new SimulatedProducer(this, i, idempotent: i % 2 == 0));
    }

    public int Acknowledged => _acknowledged.Count;

    public int Kills { get; private set; }

    public int Failures => _storage.Failures;

    public int TakeOvers { get; private set; }

    public int Expired { get; private set; }

    public int Trims { get; private set; }

    public int Commits => _committer.Acknowledged;

    public int DeletedEvents => _storage.DeletedEvents;

    public int Read { get; private set; }

    /// <summary>Writes that found the storage full.</summary>
    public int Refusals => _storage.Refusals;

    /// <summary>Batches answered KAFKA_STORAGE_ERROR.</summary>
    public int StorageErrors { get; private set; }

    /// <summary>Fetches answered with records while the storage was full.</summary>
    public int ReadsWhileFull { get; private set; }

    public string Run()
    {
        try
        {
            CreateTopic();
            for (var step = 0; step < 120; step++)
                Step();
            Settle();
            Check();
            return _story.ToString();
        }
        finally
        {
            _fenced?.Node.Dispose();
            _node.Dispose();
            _storage.Unregister();
        }
    }

    public int Next(int below) => _random.Next(below);

    public void Tell(string line) => _story.Append(_now.ToUnixTimeMilliseconds() % 1_000_000).Append(' ').AppendLine(line);

    public void Acknowledge(string value, int partition, long offset)
    {
        Tell($"ack {value} at {partition}/{offset}");
        if (_acknowledged.TryGetValue(value, out var before) && before != (partition, offset))
            throw new InvalidOperationException($"{value} was acknowledged at {before} and at {(partition, offset)}");
        _acknowledged[value] = (partition, offset);
        See(partition, offset, value);
    }

    /// <summary>What found no room is not stored, so that nobody may see it later.</summary>
    public void Refuse(string value, int records)
    {
        Tell($"no room for {value}");
        StorageErrors++;
        for (var i = 0; i < records; i++)
            _refused.Add($"{value}.{i}");
    }

    /// <summary>The broker was asked again to take it.</summary>
    public void Retry(string value, int records)
    {
        for (var i = 0; i < records; i++)
            _refused.Remove($"{value}.{i}");
    }

    private SimulatedNode Start() => new(_storage, _now, new BrokerSettings { SnapshotEveryEvents = 12, CacheBytesPerPartition = 400, RetentionCheckInterval = TimeSpan.FromMilliseconds(60), ConnectionIdleTimeout = TimeSpan.FromHours(1), OffsetsTopicPartitions = 2, NewId = NewId });

    private Guid NewId()
    {
        var bytes = new byte[16];
        _random.NextBytes(bytes);
        return new Guid(bytes);
    }

    private void CreateTopic()
    {
        var created = false;
        for (var tries = 0; !created; tries++)
        {
            if (tries > 50)
                throw new InvalidOperationException("the topic was not created");
            // A write that hangs ends with the node only.
            if (tries % 10 == 9)
                Kill();
            var request = new CreateTopicsRequest { timeoutMs = 1000 };
            request.Topics.Add(new CreateTopicsRequest.CreatableTopic { Name = Topic, NumPartitions = Partitions, ReplicationFactor = 1 });
            request.Topics[0].Configs.Add(new CreateTopicsRequest.CreatableTopicConfig { Name = "retention.ms", Value = $"{RetentionMs}" });
            _reader.Send(request, 5, response => created |= ((CreateTopicsResponse)response).Topics[0].ErrorCode is (short)ErrorCode.None or (short)ErrorCode.TopicAlreadyExists);
            for (var i = 0; i < 20 && !created; i++)
                Advance(20);
        }
    }

    private void Step()
    {
        foreach (var producer in _producers)
            producer.Step(_node);
        if (Next(3) == 0)
            FetchSomewhere(Next(Partitions));
        if (Next(6) == 0)
            ListLatest(Next(Partitions));
        if (Next(15) == 0)
            Trim();
        Advance(1 + Next(60));
        _committer.Step(_node);
        if (Next(30) == 0)
            Fill();
        if (Next(40) == 0)
            Kill();
        else if (Next(60) == 0)
            TakeOver();
    }

    /// <summary>The storage is full for a while; sometimes what is small still finds room.</summary>
    private void Fill()
    {
        _storage.Room = Next(2) * 60;
        _fullUntil = _now.AddMilliseconds(100 + Next(900));
        Tell($"the storage is full but for {_storage.Room} bytes");
    }

    private void FetchSomewhere(int partition) => Fetch(partition, Math.Max(0, _logStarts[partition] - 1) + Next(2 + (int)(StoredEnd(partition) - _logStarts[partition])));

    private void Advance(int milliseconds)
    {
        _node.Advance(milliseconds);
        _fenced?.Node.Advance(milliseconds);
        _now = _now.AddMilliseconds(milliseconds);
        if (_storage.Room is not null && _now >= _fullUntil)
            _storage.Room = null;
        _reader.Receive();
        _fenced?.Reader.Receive();
        _committer.Receive();
        foreach (var producer in _producers)
            producer.Receive();
    }

    /// <summary>Another node starts while the old one does not know yet; it serves those that are still connected to it for a while.</summary>
    private void TakeOver()
    {
        Tell("take over");
        TakeOvers++;
        DropFenced();
        _storage.Fence();
        _fenced = (_node, _reader);
        _served.Clear();
        _node = Start();
        _reader = _node.Connect();
    }

    private void DropFenced()
    {
        if (_fenced is not { } fenced)
            return;
        _fenced = null;
        fenced.Node.Dispose();
        ConnectionsLost(fenced.Node);
    }

    private void ConnectionsLost(SimulatedNode node)
    {
        foreach (var producer in _producers)
            producer.ConnectionLost(node);
        _committer.ConnectionLost(node);
    }

    private void Kill()
    {
        DropFenced();
        Kills++;
        _served.Clear();
        Tell("kill");
        _storage.Kill();
        _node.Dispose();
        ConnectionsLost(_node);
        _node = Start();
        _reader = _node.Connect();
    }

    private void Fetch(int partition, long offset)
    {
        var request = new FetchRequest { MaxWaitMs = Next(2) == 0 ? 0 : 50, MinBytes = 1, MaxBytes = 10_000 };
        var topic = new FetchRequest.FetchTopic { Topic = Topic };
        topic.Partitions.Add(new FetchRequest.FetchPartition { Partition = partition, FetchOffset = offset, PartitionMaxBytes = 1 + Next(_quiet ? 300 : 2_000), CurrentLeaderEpoch = -1 });
        request.Topics.Add(topic);
        var reader = _reader;
        var trimmed = _trimmed;
        reader.Send(request, 11, response =>
        {
            var data = ((FetchResponse)response).Responses[0].Partitions[0];
            var fenced = !ReferenceEquals(reader, _reader);
            if (partition == Trimmed && !fenced && (ErrorCode)data.ErrorCode == ErrorCode.None && data.LogStartOffset < trimmed)
                throw new InvalidOperationException($"the log's start is {data.LogStartOffset} after records before {trimmed} were deleted");
            Fetched(partition, offset, data, fenced);
        });
    }

    private void Trim()
    {
        var before = _logStarts[Trimmed] + Next(1 + (int)(StoredEnd(Trimmed) - _logStarts[Trimmed]));
        _trimWanted = Math.Max(_trimWanted, before);
        var request = new DeleteRecordsRequest { TimeoutMs = 1000 };
        request.Topics.Add(new DeleteRecordsRequest.DeleteRecordsTopic { Name = Topic, Partitions = [new DeleteRecordsRequest.DeleteRecordsPartition { PartitionIndex = Trimmed, Offset = before }] });
        _reader.Send(request, 1, response =>
        {
            var answer = ((DeleteRecordsResponse)response).Topics[0].Partitions[0];
            if ((ErrorCode)answer.ErrorCode != ErrorCode.None)
                return;
            Tell($"deleted before {answer.LowWatermark}");
            if (answer.LowWatermark > _trimmed)
                Trims++;
            _trimmed = Math.Max(_trimmed, answer.LowWatermark);
        });
    }

    private void Fetched(int partition, long offset, FetchResponse.PartitionData data, bool fenced)
    {
        if ((ErrorCode)data.ErrorCode is ErrorCode.None or ErrorCode.OffsetOutOfRange)
            StartsAt(partition, data.LogStartOffset);
        if ((ErrorCode)data.ErrorCode is not ErrorCode.None)
            return;
        if (data.HighWatermark > StoredEnd(partition))
            throw new InvalidOperationException($"partition {partition}: high watermark {data.HighWatermark} above what is durable, {StoredEnd(partition)}");
        var records = data.Records!;
        foreach (var batch in Batches.Of(records))
            foreach (var record in new RecordBatchReader(batch))
            {
                if (record.Offset >= data.HighWatermark)
                    throw new InvalidOperationException($"partition {partition}: record {record.Offset} shown above the high watermark {data.HighWatermark}");
                Read++;
                if (partition == Expiring)
                    _dates[record.Offset] = record.Timestamp;
                See(partition, record.Offset, Encoding.UTF8.GetString(record.Value!.Value.Span));
            }
        if (records.Length > 0 && BatchHeader.TryRead(records.Segments[0].Span, out var first) && (first.BaseOffset > offset || first.LastOffset < offset))
            throw new InvalidOperationException($"partition {partition}: a fetch from {offset} began with batch {first.BaseOffset}..{first.LastOffset}{(fenced ? ", on the node that was taken over" : "")}");
        if (records.Length > 0 && _storage.Room is not null)
            ReadsWhileFull++;
        if (records.Length > 0 && !fenced)
            _served.Add((partition, offset));
        else if (records.Length == 0 && offset < data.HighWatermark)
            throw new InvalidOperationException($"partition {partition}: nothing at {offset} below the high watermark {data.HighWatermark}");
    }

    /// <summary>A log's start never goes back, and nothing goes that is to be kept.</summary>
    private void StartsAt(int partition, long offset)
    {
        // A node that was fenced, or a request that took longer, may be behind.
        if (offset <= _logStarts[partition])
            return;
        for (var gone = _logStarts[partition]; gone < offset; gone++)
            if (partition == Trimmed ? gone >= _trimWanted : partition != Expiring || (_dates.TryGetValue(gone, out var date) && _now.ToUnixTimeMilliseconds() - date <= RetentionMs))
                throw new InvalidOperationException($"{partition}/{gone} is gone before its time");
        Expired += (int)(offset - _logStarts[partition]);
        _logStarts[partition] = offset;
    }

    /// <summary>Now, for records that expire.</summary>
    public long TimestampFor(int partition) => partition == Expiring ? _now.ToUnixTimeMilliseconds() : KeptTimestamp;

    private void ListLatest(int partition)
    {
        var request = new ListOffsetsRequest();
        var topic = new ListOffsetsRequest.ListOffsetsTopic { Name = Topic };
        topic.Partitions.Add(new ListOffsetsRequest.ListOffsetsPartition { PartitionIndex = partition, Timestamp = -1, CurrentLeaderEpoch = -1 });
        request.Topics.Add(topic);
        _reader.Send(request, 5, response =>
        {
            var found = ((ListOffsetsResponse)response).Topics[0].Partitions[0];
            if (found.ErrorCode == 0 && found.Offset > StoredEnd(partition))
                throw new InvalidOperationException($"partition {partition}: ListOffsets shows {found.Offset}, durable is {StoredEnd(partition)}");
        });
    }

    private void See(int partition, long offset, string value)
    {
        if (_refused.Contains(value))
            throw new InvalidOperationException($"{value} was refused for want of room and is at {partition}/{offset}");
        if (!_seen.TryAdd((partition, offset), value) && _seen[(partition, offset)] != value)
            throw new InvalidOperationException($"{partition}/{offset} was {_seen[(partition, offset)]} and is {value}");
    }

    /// <summary>No more faults: everything open must be answered, and the node must serve.</summary>
    private void Settle()
    {
        (_storage.FailureRate, _storage.HangRate, _storage.Room) = (0, 0, null);
        Kill();
        _quiet = true;
        for (var i = 0; i < 400 && _producers.Any(producer => producer.IsBusy); i++)
        {
            foreach (var producer in _producers)
                producer.Step(_node);
            Advance(50);
        }
        _committer.Settle(_node, () => Advance(50));
        if (_producers.FirstOrDefault(producer => producer.IsBusy) is { } busy)
            throw new InvalidOperationException($"{busy} was not answered within 20 s without faults");
        for (var i = 0; i < 100 && Unread() is { Count: > 0 } unread; i++)
        {
            foreach (var (partition, offset) in unread)
                Fetch(partition, offset);
            for (var waited = 0; waited < 20 && _reader.Open > 0; waited++)
                Advance(50);
            if (_reader.Open > 0)
                throw new InvalidOperationException($"{_reader.Open} reads were not answered within 1 s without faults");
        }
    }

    /// <summary>Offsets that no fetch since the last kill began at: each is to be served, also from inside a batch.</summary>
    private List<(int Partition, long Offset)> Unread()
    {
        var unread = new List<(int Partition, long Offset)>();
        for (var partition = 0; partition < Partitions; partition++)
            for (long offset = _logStarts[partition], end = StoredEnd(partition); offset < end; offset++)
                if (!_served.Contains((partition, offset)))
                    unread.Add((partition, offset));
        return unread;
    }

    public bool IsQuiet => _quiet;

    private void Check()
    {
        if (Unread() is [var first, ..])
            throw new InvalidOperationException($"{first.Partition}/{first.Offset} could not be read");
        foreach (var twice in _seen.GroupBy(record => record.Value).Where(copies => copies.Count() > 1 && copies.Key.StartsWith("once", StringComparison.Ordinal)))
            throw new InvalidOperationException($"{twice.Key} of an idempotent producer is there {twice.Count()} times");
        foreach (var (value, place) in _acknowledged)
            if (place.Offset >= _logStarts[place.Partition] && (!_seen.TryGetValue(place, out var found) || found != value))
                throw new InvalidOperationException($"{value} was acknowledged at {place} and is not there");
    }

    /// <summary>The offset after the last batch that the storage has, whatever the broker thinks.</summary>
    private long StoredEnd(int partition) => _storage.EndOffset(id => id.StartsWith("p-", StringComparison.Ordinal) && id.EndsWith($"-{partition}", StringComparison.Ordinal));
}
