using System.Diagnostics;

namespace Actors.Topology.Runtime;

/// <summary>A span for each commit of a task. Nothing is allocated while nobody listens.</summary>
internal static class CommitTraces
{
    /// <summary>The source of the spans.</summary>
    public const string SourceName = "Actors.Topology";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Null where nobody listens, or this one is not wanted. It ends when it is disposed.</summary>
    public static Activity? Start(TaskSetting setting)
    {
        if (!Source.HasListeners()) return null;
        return Source.StartActivity("commit")?.SetTag("messaging.consumer.group.name", setting.Plan.Name).SetTag("kafka.streams.task.id", setting.Id.ToString());
    }
}
