using Actors.Expressions;

namespace Actors.Topology;

/// <summary>The record that goes through a task's operators. Each operator that makes new records has one row of its own, filled again and again.</summary>
internal sealed class Row : RecordContext
{
    /// <summary>Whether the key is a windowed one.</summary>
    public bool Windowed { get; set; }

    /// <summary>The window's start; inclusive, epoch milliseconds.</summary>
    public long WindowStart { get; set; }

    /// <summary>The grouping fields' values, between group-by and aggregate.</summary>
    public Value[] Group { get; set; } = [];

    /// <summary>Takes over all but the key and the value.</summary>
    public void CopyRest(Row other)
    {
        (Timestamp, Partition, Offset, Now, Headers) = (other.Timestamp, other.Partition, other.Offset, other.Now, other.Headers);
        (Windowed, WindowStart, Group) = (other.Windowed, other.WindowStart, other.Group);
    }
}
