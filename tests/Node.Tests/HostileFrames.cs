using System.Buffers.Binary;
using System.IO.Compression;
using System.Text.Json;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Actors.Protocol.Records;

namespace Actors.Node.Tests;

/// <summary>Real frames of every API and version that a node serves, and what is made of them by chance.</summary>
internal sealed class HostileFrames
{
    /// <summary>A topic that exists, so that frames about it go all the way.</summary>
    public const string Topic = "target";

    private static readonly byte[] Interesting = [0x00, 0x01, 0x7f, 0x80, 0xfe, 0xff];
    private static readonly int[] InterestingInts = [0, -1, 1, int.MaxValue, int.MinValue, 0x10000000, 0x7fff, -2];
    private readonly List<byte[]> _frames = [];

    /// <param name="served">The APIs that the node says it serves.</param>
    public HostileFrames(IEnumerable<ApiVersionsResponse.ApiVersion> served)
    {
        var versions = served.ToDictionary(api => api.ApiKey);
        foreach (var line in Golden())
        {
            if (!line.GetProperty("message").GetString()!.EndsWith("Request", StringComparison.Ordinal) || line.GetProperty("apiKey").ValueKind != JsonValueKind.Number)
                continue;
            var (key, version) = (line.GetProperty("apiKey").GetInt16(), line.GetProperty("version").GetInt16());
            if (versions.TryGetValue(key, out var api) && version >= api.MinVersion && version <= api.MaxVersion)
                _frames.Add(Frame(key, version, Convert.FromHexString(line.GetProperty("hex").GetString()!)));
        }
        Apis = _frames.Select(frame => BinaryPrimitives.ReadInt16BigEndian(frame.AsSpan(4))).Distinct().Count();
        var ofTopic = AboutTheTopic().ToList();
        // As many again, for what exists is asked for more often than what does not.
        for (var i = 0; i < _frames.Count / 2; i++)
            ofTopic.Add(ofTopic[i % ofTopic.Count]);
        _frames.AddRange(ofTopic);
    }

    /// <summary>How many APIs there are frames of.</summary>
    public int Apis { get; }

    public byte[] Real(Random random) => _frames[random.Next(_frames.Count)];

    /// <summary>A real frame that was cut, changed, lengthened, or that lies about its length; or no frame at all.</summary>
    public byte[] Mutated(Random random)
    {
        var frame = (byte[])Real(random).Clone();
        switch (random.Next(10))
        {
            case 0:
                for (var flips = 1 + random.Next(8); flips > 0; flips--)
                    frame[random.Next(4, frame.Length)] ^= (byte)(1 << random.Next(8));
                return frame;
            case 1:
                for (var bytes = 1 + random.Next(4); bytes > 0; bytes--)
                    frame[random.Next(4, frame.Length)] = Interesting[random.Next(Interesting.Length)];
                return frame;
            case 2:
                if (frame.Length > 12)
                    BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(random.Next(4, frame.Length - 3)), InterestingInts[random.Next(InterestingInts.Length)]);
                return frame;
            case 3:
                return WithLength(frame[..random.Next(4, frame.Length)]);
            case 4:
                return frame[..random.Next(frame.Length)];
            case 5:
                var more = new byte[random.Next(1, 40)];
                random.NextBytes(more);
                var at = random.Next(4, frame.Length);
                return WithLength([.. frame[..at], .. more, .. frame[at..]]);
            case 6:
                var (from, count) = (random.Next(4, frame.Length), random.Next(1, 60));
                return WithLength([.. frame, .. frame.AsSpan(from, Math.Min(count, frame.Length - from))]);
            case 7:
                BinaryPrimitives.WriteInt32BigEndian(frame, random.Next(3) == 0 ? InterestingInts[random.Next(InterestingInts.Length)] : frame.Length - 4 + random.Next(-20, 20));
                return frame;
            case 8:
                BinaryPrimitives.WriteInt16BigEndian(frame.AsSpan(random.Next(2) == 0 ? 4 : 6), (short)random.Next(-2, 90));
                return frame;
            default:
                var noise = new byte[random.Next(1, 300)];
                random.NextBytes(noise);
                return random.Next(2) == 0 ? noise : WithLength([0, 0, 0, 0, .. noise]);
        }
    }

    private static byte[] WithLength(byte[] frame)
    {
        BinaryPrimitives.WriteInt32BigEndian(frame, frame.Length - 4);
        return frame;
    }

    private static byte[] Frame(short key, short version, byte[] body)
    {
        var header = new List<byte> { 0, 0, 0, 0 };
        header.AddRange([(byte)(key >> 8), (byte)key, (byte)(version >> 8), (byte)version, 0, 0, 0, 7, 0, 4, .. "wire"u8]);
        // Tagged fields, none, in the flexible versions' header.
        if (ApiVersionTable.Of((ApiKey)key).RequestHeaderVersion(version) == 2)
            header.Add(0);
        return WithLength([.. header, .. body]);
    }

    private static IEnumerable<byte[]> AboutTheTopic()
    {
        using var builder = new RecordBatchBuilder(Compression.Gzip);
        for (var i = 0; i < 5; i++)
            builder.Append(1_700_000_000_000 + i, [1, 2, 3], new byte[20]);
        var produce = new ProduceRequest { Acks = -1, TimeoutMs = 1_000 };
        produce.TopicData.Add(new ProduceRequest.TopicProduceData { Name = Topic, PartitionData = [new() { Index = 0, Records = RecordSet.Of(builder.Build()) }] });
        var fetch = new FetchRequest { MaxBytes = 1 << 16, MaxWaitMs = 5, SessionEpoch = 0 };
        fetch.Topics.Add(new FetchRequest.FetchTopic { Topic = Topic, Partitions = [new() { Partition = 0, FetchOffset = 0, PartitionMaxBytes = 1 << 16 }] });
        var list = new ListOffsetsRequest { ReplicaId = -1 };
        list.Topics.Add(new ListOffsetsRequest.ListOffsetsTopic { Name = Topic, Partitions = [new() { PartitionIndex = 0, Timestamp = 1_700_000_000_000 }] });
        var commit = new OffsetCommitRequest { GroupId = "hostile", GenerationIdOrMemberEpoch = -1, MemberId = "" };
        commit.Topics.Add(new OffsetCommitRequest.OffsetCommitRequestTopic { Name = Topic, Partitions = [new() { PartitionIndex = 0, CommittedOffset = 1, CommittedMetadata = "" }] });
        var join = new JoinGroupRequest { GroupId = "hostile", SessionTimeoutMs = 6_000, RebalanceTimeoutMs = 6_000, MemberId = "", ProtocolType = "consumer" };
        join.Protocols.Add(new JoinGroupRequest.JoinGroupRequestProtocol { Name = "range", Metadata = new byte[] { 0, 1, 0, 0, 0, 0, 0, 0, 0, 0 } });
        foreach (var (request, version) in ((IRequest, short)[])[(produce, 8), (produce, 9), (fetch, 11), (fetch, 12), (list, 5), (list, 7), (commit, 7), (commit, 8), (join, 5), (join, 7)])
            yield return WireClient.Frame(request, version);
    }

    private static IEnumerable<JsonElement> Golden()
    {
        using var text = new StreamReader(new GZipStream(File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Data", "golden.jsonl.gz")), CompressionMode.Decompress));
        while (text.ReadLine() is { } line)
            yield return JsonDocument.Parse(line).RootElement;
    }
}
