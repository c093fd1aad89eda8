using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Akka.Persistence.Sql.Storage;

/// <summary>The writers' commits as measurements of the meter <c>Akka.Persistence.Sql</c>, of all writers of the process; they cost nothing where nobody listens.</summary>
internal static class CommitMeter
{
    private static readonly Meter Meter = new("Akka.Persistence.Sql");
    private static readonly Histogram<double> Durations = Meter.CreateHistogram<double>("akka.persistence.sql.commit.duration", "s", "A transaction of the journal's writer.");
    private static readonly Counter<long> Events = Meter.CreateCounter<long>("akka.persistence.sql.commit.events", "{event}", "Events that were committed.");
    private static readonly Counter<long> Bytes = Meter.CreateCounter<long>("akka.persistence.sql.commit.bytes", "By", "Their bytes.");

    public static void Committed(List<Work> group, long startedAt)
    {
        if (!Durations.Enabled) return;
        long events = 0, bytes = 0;
        foreach (var work in group)
        {
            if (work is not AppendEvents append) continue;
            events += append.Rows.Length;
            foreach (var row in append.Rows) bytes += row.Message.Length;
        }
        Durations.Record(Stopwatch.GetElapsedTime(startedAt).TotalSeconds);
        Events.Add(events);
        Bytes.Add(bytes);
    }
}
