using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Actors.Node;

/// <summary>The node's figures in Prometheus' text format.</summary>
internal static class MetricsText
{
    public static Task WriteAsync(HttpContext http, NodeState node)
    {
        var text = new StringBuilder();
        var figures = node.Broker.Figures;
        using var process = Process.GetCurrentProcess();
        Gauge("actors_connections", "Open connections of Kafka clients.", figures.Connections);
        Gauge("actors_topics", "Topics that exist.", figures.Topics);
        Gauge("actors_partitions_led", "Partitions that this node leads.", figures.Leaders);
        Gauge("actors_groups_coordinated", "Consumer groups that this node coordinates.", figures.Groups);
        Gauge("actors_in_flight_bytes", "Bytes of requests being worked on.", figures.InFlightBytes);
        Gauge("actors_cache_bytes", "Bytes of recent batches in memory.", figures.CacheBytes);
        Counter("actors_requests_total", "Requests answered.", figures.Requests);
        Counter("actors_appended_batches_total", "Record batches made durable.", figures.AppendedBatches);
        Counter("actors_appended_bytes_total", "Bytes of record batches made durable.", figures.AppendedBytes);
        Counter("actors_fetched_bytes_total", "Bytes of record batches answered to fetches.", figures.FetchedBytes);
        Counter("process_cpu_seconds_total", "CPU time of the process in seconds.", process.TotalProcessorTime.TotalSeconds);
        Gauge("process_resident_memory_bytes", "Resident memory of the process.", process.WorkingSet64);
        http.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        return http.Response.WriteAsync(text.ToString());

        void Gauge(string name, string help, double value) => Metric(name, help, "gauge", value);

        void Counter(string name, string help, double value) => Metric(name, help, "counter", value);

        void Metric(string name, string help, string type, double value) => text
            .Append("# HELP ").Append(name).Append(' ').Append(help).Append('\n')
            .Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n')
            .Append(name).Append(' ').Append(value.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }
}
