using System.Globalization;
using Actors.Broker;
using Actors.Protocol;
using Actors.Topology;
using Actors.Topology.Runtime;

namespace Actors.Node.Metrics;

/// <summary>A node's figures. Names are those of Kafka's JMX exporter where Kafka has the figure, kafka_exporter's for groups, OpenTelemetry's for the process, else our own.</summary>
internal sealed class NodeMetrics(NodeState node, TimeSpan lagInterval) : IDisposable
{
    private readonly JournalFigures _journal = new();
    private readonly LagReader _lags = new(node, lagInterval);

    public void Dispose() => _journal.Dispose();

    /// <summary>Everything, also what other actors have to be asked for.</summary>
    public async Task<IReadOnlyList<MetricFamily>> ReadAsync(CancellationToken cancellation = default) =>
        Read(node.Status == "up" ? await _lags.ReadAsync(cancellation) : Lags.None);

    /// <summary>What is known at once; all families are there.</summary>
    public IReadOnlyList<MetricFamily> Read(Lags lags)
    {
        var families = new MetricFamilies();
        Broker(families);
        Topics(families);
        Requests(families);
        Journal(families);
        Groups(families, lags.Groups);
        Topologies(families, lags.Topologies);
        Process(families);
        return families.All;
    }

    private void Broker(MetricFamilies families)
    {
        var figures = node.Broker.Figures;
        families.Gauge("actors_connections", "Open connections of Kafka clients.", figures.Connections);
        families.Gauge("actors_topics", "Topics that exist.", figures.Topics);
        families.Gauge("actors_partitions_led", "Partitions that this node leads.", figures.Leaders);
        families.Gauge("actors_groups_coordinated", "Consumer groups that this node coordinates.", figures.Groups);
        families.Gauge("actors_in_flight_bytes", "Bytes of requests being worked on.", figures.InFlightBytes);
        families.Gauge("actors_cache_bytes", "Bytes of recent batches in memory.", figures.CacheBytes);
        families.Counter("actors_requests_total", "Requests answered.", figures.Requests);
        families.Counter("actors_appended_batches_total", "Record batches made durable.", figures.AppendedBatches);
        families.Counter("actors_appended_bytes_total", "Bytes of record batches made durable.", figures.AppendedBytes);
        families.Counter("actors_fetched_bytes_total", "Bytes of record batches answered to fetches.", figures.FetchedBytes);
        families.Gauge("kafka_server_replicamanager_leadercount", "Partitions that this node leads.", figures.Leaders);
    }

    private void Topics(MetricFamilies families)
    {
        var topics = node.Broker.Topics;
        families.Counters("kafka_server_brokertopicmetrics_messagesin_total", "Records appended, by topic.", topics.Select(t => Of(t, t.RecordsIn)));
        families.Counters("kafka_server_brokertopicmetrics_bytesin_total", "Bytes appended, by topic.", topics.Select(t => Of(t, t.BytesIn)));
        families.Counters("kafka_server_brokertopicmetrics_messagesout_total", "Records of the batches answered to fetches, by topic.", topics.Select(t => Of(t, t.RecordsOut)));
        families.Counters("kafka_server_brokertopicmetrics_bytesout_total", "Bytes answered to fetches, by topic.", topics.Select(t => Of(t, t.BytesOut)));

        static Sample Of(TopicFigures topic, double value) => new(value, [("topic", topic.Topic)]);
    }

    private void Requests(MetricFamilies families)
    {
        var apis = node.Broker.Apis;
        families.Counters("kafka_network_requestmetrics_requests_total", "Requests answered, by API.", apis.Select(api => new Sample(api.Latency.Count, [("request", api.Request)])));
        families.Counters("kafka_network_requestmetrics_errors_total", "Errors answered, each partition, topic or group of a request for itself, by API and error.",
            apis.SelectMany(api => api.Errors.Select(e => new Sample(e.Value, [("request", api.Request), ("error", e.Key.WireName())]))));
        families.Histograms("kafka_network_requestmetrics_totaltimems", "Milliseconds from a request's arrival to its response, waiting for records included, by API.",
            apis.SelectMany(api => Buckets(api.Latency, [("request", api.Request)], 1)));
    }

    private void Journal(MetricFamilies families)
    {
        families.Histograms("actors_journal_commit_seconds", "Transactions of the journal's writer.", Buckets(_journal.Commits.Read(), [], 1000));
        families.Counter("actors_journal_events_total", "Events committed to the journal.", _journal.Events);
        families.Counter("actors_journal_bytes_total", "Their bytes.", _journal.Bytes);
    }

    private static void Groups(MetricFamilies families, IReadOnlyList<GroupLag> groups)
    {
        families.Gauges("kafka_consumergroup_members", "Members, by group.", groups.Select(g => new Sample(g.Members, [("consumergroup", g.Group)])));
        families.Gauges("kafka_consumergroup_lag_sum", "Records from the committed offsets to the logs' ends, by group and topic.",
            groups.SelectMany(g => g.ByTopic.Select(t => new Sample(t.Value, [("consumergroup", g.Group), ("topic", t.Key)]))));
    }

    private void Topologies(MetricFamilies families, IReadOnlyList<TopologyStatus> topologies)
    {
        families.Gauges("actors_topology_running", "1 while a topology runs on this node, else 0.",
            topologies.Select(t => new Sample(t.State == TopologyState.Running ? 1 : 0, [("topology", t.Name)])));
        families.Gauges("actors_topology_tasks", "Tasks on this node.", topologies.Select(t => new Sample(Own(t).Count(), [("topology", t.Name)])));
        families.Gauges("actors_topology_lag", "Records that the sources of this node's tasks hold beyond those processed.", topologies.Select(t => new Sample(Own(t).Sum(task => task.Lag), [("topology", t.Name)])));
        families.Counters("kafka_streams_stream_task_metrics_process_total", "Records processed by this node's tasks.", topologies.Select(t => new Sample(t.Counts.Processed, [("topology", t.Name)])));
        families.Counters("kafka_streams_stream_task_metrics_dropped_records_total", "Records left out by this node's tasks, by reason.",
            topologies.SelectMany(t => t.Counts.Dropped.Select(d => new Sample(d.Value, [("topology", t.Name), ("reason", Reason(d.Key))]))));

        IEnumerable<Actors.Topology.Runtime.TaskStatus> Own(TopologyStatus topology) => topology.Tasks.Where(task => task.Node == node.NodeId);

        static string Reason(DropReason reason) => reason switch
        {
            DropReason.BadTimestamp => "bad-timestamp",
            DropReason.NullKeyOrValue => "null-key-or-value",
            _ => reason.ToString().ToLowerInvariant(),
        };
    }

    private static void Process(MetricFamilies families)
    {
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        families.Counter("process_cpu_seconds_total", "CPU time of the process in seconds.", process.TotalProcessorTime.TotalSeconds);
        families.Gauge("process_resident_memory_bytes", "Resident memory of the process.", process.WorkingSet64);
        families.Counters("dotnet_gc_collections_total", "Garbage collections, by generation.",
            Enumerable.Range(0, GC.MaxGeneration + 1).Select(g => new Sample(GC.CollectionCount(g), [("gc_heap_generation", string.Create(CultureInfo.InvariantCulture, $"gen{g}"))])));
        families.Counter("dotnet_gc_pause_time_seconds_total", "Seconds that collections have stopped the process for.", GC.GetTotalPauseDuration().TotalSeconds);
        families.Counter("dotnet_gc_heap_total_allocated_bytes_total", "Bytes allocated on the managed heap.", GC.GetTotalAllocatedBytes());
        families.Gauge("dotnet_gc_last_collection_heap_size_bytes", "The managed heap after the last collection.", GC.GetGCMemoryInfo().HeapSizeBytes);
        families.Gauge("dotnet_thread_pool_thread_count", "Threads of the thread pool.", ThreadPool.ThreadCount);
        families.Gauge("dotnet_thread_pool_queue_length", "Work items that wait for one.", ThreadPool.PendingWorkItemCount);
    }

    /// <summary>The parts of one histogram; the buckets count what lies below too.</summary>
    private static IEnumerable<Sample> Buckets(LatencyFigures figures, (string, string)[] labels, double millisecondsInUnit)
    {
        var below = 0L;
        for (var i = 0; i < figures.Counts.Count; i++)
        {
            below += figures.Counts[i];
            var bound = i < LatencyHistogram.Bounds.Count ? (LatencyHistogram.Bounds[i] / millisecondsInUnit).ToString(CultureInfo.InvariantCulture) : "+Inf";
            yield return new Sample(below, [.. labels, ("le", bound)], "_bucket");
        }
        yield return new Sample(figures.TotalMilliseconds / millisecondsInUnit, labels, "_sum");
        yield return new Sample(below, labels, "_count");
    }
}
