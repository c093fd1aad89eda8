using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Actors.Machines;
using Actors.Protocol;
using Actors.Protocol.Records;

namespace Actors.Broker;

/// <summary>What was counted since the start; any thread adds, by batch and by request, and nothing is allocated but for what is counted the first time.</summary>
internal sealed class BrokerCounters
{
    /// <summary>Topics that are counted each for itself; what goes to later ones is counted together.</summary>
    public const int MostTopics = 1000;

    /// <summary>The label of topics beyond <see cref="MostTopics"/>: no topic can have the name.</summary>
    public const string OtherTopics = "(other)";

    private const int RecordCountOffset = 57;

    private static readonly Histogram<double> Durations =
        new Meter(MeterName).CreateHistogram<double>("kafka.request.duration", "s", "From a request's arrival to its response, by API.");

    private readonly ConcurrentDictionary<Guid, TopicCounters> _topics = new();
    private readonly TopicCounters _otherTopics = new();
    private readonly ApiCounters?[] _apis = new ApiCounters?[128];
    private long _appendedBatches, _appendedBytes, _fetchedBytes;

    /// <summary>The meter of what a measurement each is worth.</summary>
    public const string MeterName = "Actors.Broker";

    public long Requests => _apis.Sum(api => api?.Latency.Read().Count ?? 0);

    public long AppendedBatches => Interlocked.Read(ref _appendedBatches);

    public long AppendedBytes => Interlocked.Read(ref _appendedBytes);

    public long FetchedBytes => Interlocked.Read(ref _fetchedBytes);

    /// <summary>Counts a response's errors: of each partition, group or topic in it that failed.</summary>
    public void Failed(ApiKey api, IResponse response) => response.TellErrors(Of(api));

    private ApiCounters Of(ApiKey api) =>
        Volatile.Read(ref _apis[(int)api]) ?? Interlocked.CompareExchange(ref _apis[(int)api], new ApiCounters(api), null) ?? _apis[(int)api]!;

    public void Answered(ApiKey api, long startedAt)
    {
        var counters = Of(api);
        var duration = Stopwatch.GetElapsedTime(startedAt);
        counters.Latency.Add(duration);
        if (Durations.Enabled) Durations.Record(duration.TotalSeconds, counters.Tag);
    }

    public void Appended(Guid topic, int records, int bytes)
    {
        Interlocked.Increment(ref _appendedBatches);
        Interlocked.Add(ref _appendedBytes, bytes);
        Of(topic).In(records, bytes);
    }

    /// <summary>Batches as they were answered to a fetch.</summary>
    public void Fetched(Guid topic, RecordSet batches)
    {
        if (batches.Length == 0) return;
        var records = 0L;
        for (var i = 0; i < batches.Segments.Count; i++)
        {
            var batch = batches.Segments[i].Span;
            if (batch.Length >= RecordCountOffset + 4) records += BinaryPrimitives.ReadInt32BigEndian(batch[RecordCountOffset..]);
        }
        Interlocked.Add(ref _fetchedBytes, batches.Length);
        Of(topic).Out(records, batches.Length);
    }

    public IReadOnlyList<ApiFigures> Apis() => [.. _apis.OfType<ApiCounters>().Select(api => new ApiFigures(api.Api.ToString(), api.Latency.Read(), api.Errors()))];

    /// <summary>By topics that exist; what is counted of those that do not any more is forgotten.</summary>
    public IReadOnlyList<TopicFigures> Topics(TopicsImage image)
    {
        var figures = new List<TopicFigures>();
        foreach (var (id, counters) in _topics)
        {
            if (image.Find(id) is { } topic) figures.Add(counters.Read(topic.Name));
            else _topics.TryRemove(id, out _);
        }
        if (!_otherTopics.IsUnused) figures.Add(_otherTopics.Read(OtherTopics));
        return figures;
    }

    private TopicCounters Of(Guid topic) =>
        _topics.TryGetValue(topic, out var known) ? known : _topics.Count >= MostTopics ? _otherTopics : _topics.GetOrAdd(topic, static _ => new TopicCounters());

    private sealed class ApiCounters(ApiKey api) : IErrorTally
    {
        private static readonly ErrorCode[] Codes = Enum.GetValues<ErrorCode>();

        /// <summary>From the least code, <see cref="ErrorCode.UnknownServerError"/>, on.</summary>
        private readonly long[] _errors = new long[Codes.Max(code => (int)code) - (int)ErrorCode.UnknownServerError + 1];

        public void Add(ErrorCode error)
        {
            var at = (int)error - (int)ErrorCode.UnknownServerError;
            if ((uint)at < (uint)_errors.Length) Interlocked.Increment(ref _errors[at]);
        }

        public IReadOnlyDictionary<ErrorCode, long> Errors() =>
            Codes.Select(code => (Code: code, Count: Interlocked.Read(ref _errors[(int)code - (int)ErrorCode.UnknownServerError]))).Where(e => e.Count > 0).ToDictionary(e => e.Code, e => e.Count);

        public ApiKey Api { get; } = api;

        public LatencyHistogram Latency { get; } = new();

        public KeyValuePair<string, object?> Tag { get; } = new("request", api.ToString());
    }

    private sealed class TopicCounters
    {
        private long _recordsIn, _bytesIn, _recordsOut, _bytesOut;

        public bool IsUnused => Interlocked.Read(ref _bytesIn) == 0 && Interlocked.Read(ref _bytesOut) == 0;

        public void In(long records, long bytes)
        {
            Interlocked.Add(ref _recordsIn, records);
            Interlocked.Add(ref _bytesIn, bytes);
        }

        public void Out(long records, long bytes)
        {
            Interlocked.Add(ref _recordsOut, records);
            Interlocked.Add(ref _bytesOut, bytes);
        }

        public TopicFigures Read(string name) =>
            new(name, Interlocked.Read(ref _recordsIn), Interlocked.Read(ref _bytesIn), Interlocked.Read(ref _recordsOut), Interlocked.Read(ref _bytesOut));
    }
}

/// <summary>The requests of one API since the start.</summary>
/// <param name="Request">The API's name in Kafka.</param>
/// <param name="Latency">From arrival to response.</param>
/// <param name="Errors">What was answered with an error, each partition, topic or group of a request for itself, as Kafka counts them.</param>
public sealed record ApiFigures(string Request, LatencyFigures Latency, IReadOnlyDictionary<ErrorCode, long> Errors);

/// <summary>A topic's records and bytes since the start, through this node: appended as leader, and answered to fetches.</summary>
public sealed record TopicFigures(string Topic, long RecordsIn, long BytesIn, long RecordsOut, long BytesOut);
