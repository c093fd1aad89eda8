using Actors.Client;

namespace Actors.Cli.Groups;

/// <summary>Works out a group's new offsets, and commits them.</summary>
internal sealed class GroupReset(Admin admin, ResetTarget target, Action<string> warn)
{
    /// <summary>The topics' partitions, as <c>--topic</c> names them; null: all that the group has committed offsets of.</summary>
    public IReadOnlyList<string>? Topics { get; init; }

    public bool Execute { get; init; }

    /// <summary>Gives the new offsets in the order of the partitions.</summary>
    /// <exception cref="CommandFailedException">The group has members, or a partition has no offset to shift.</exception>
    public async Task<IReadOnlyDictionary<TopicPartition, long>> RunAsync(string group, CancellationToken cancellation)
    {
        var state = (await admin.DescribeGroupAsync(group, cancellation)).State;
        if (state is not ("Empty" or "Dead"))
            throw new CommandFailedException($"Assignments can only be reset if the group '{group}' is inactive, but the current state is {state}.");
        var committed = await admin.CommittedAsync(group, cancellation: cancellation);
        var offsets = await OffsetsAsync(group, committed, await PartitionsAsync(committed, cancellation), cancellation);
        if (Execute && offsets.Count > 0) await admin.AlterOffsetsAsync(group, offsets.ToDictionary(o => o.Key, o => new OffsetAndMetadata(o.Value)), cancellation);
        return offsets;
    }

    private async Task<IReadOnlyCollection<TopicPartition>> PartitionsAsync(Dictionary<TopicPartition, OffsetAndMetadata> committed, CancellationToken cancellation)
    {
        if (target is ResetTarget.Listed) return [];
        if (Topics is null) return committed.Keys;
        var partitions = new SortedSet<TopicPartition>();
        foreach (var topic in Topics) partitions.UnionWith(await PartitionChoice.OfAsync(admin, topic, cancellation));
        return partitions;
    }

    private async Task<SortedDictionary<TopicPartition, long>> OffsetsAsync(
        string group, Dictionary<TopicPartition, OffsetAndMetadata> committed, IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellation)
    {
        var wanted = target switch
        {
            ResetTarget.To { Offset: < 0 and var logical } => await FindAsync(partitions, logical, cancellation),
            ResetTarget.To { Offset: var offset } => await WithinAsync(partitions.ToDictionary(p => p, _ => offset), cancellation),
            ResetTarget.ToTime { Timestamp: var time } => await AtTimeAsync(partitions, time, cancellation),
            ResetTarget.Shift { By: var by } => await WithinAsync(partitions.ToDictionary(p => p, p => committed.TryGetValue(p, out var at)
                ? at.Offset + by
                : throw new CommandFailedException($"Cannot shift offset for partition {p} since there is no current committed offset")), cancellation),
            ResetTarget.Current => await CurrentAsync(partitions, committed, cancellation),
            ResetTarget.Listed { ByGroup: var listed } => await WithinAsync(listed.GetValueOrDefault(group) ?? [], cancellation),
            _ => throw new InvalidOperationException($"{target} is no scenario"),
        };
        return new SortedDictionary<TopicPartition, long>(wanted);
    }

    private async Task<Dictionary<TopicPartition, long>> FindAsync(IEnumerable<TopicPartition> partitions, long what, CancellationToken cancellation) =>
        (await admin.ListOffsetsAsync(partitions.ToDictionary(p => p, _ => what), cancellation: cancellation)).ToDictionary(o => o.Key, o => o.Value.Offset);

    /// <summary>Where nothing is that new, the log's end.</summary>
    private async Task<Dictionary<TopicPartition, long>> AtTimeAsync(IReadOnlyCollection<TopicPartition> partitions, long time, CancellationToken cancellation)
    {
        var found = await FindAsync(partitions, Math.Max(time, 0), cancellation);
        var none = found.Where(o => o.Value < 0).Select(o => o.Key).ToList();
        foreach (var (partition, end) in await FindAsync(none, LogicalOffset.Latest, cancellation)) found[partition] = end;
        return found;
    }

    private async Task<Dictionary<TopicPartition, long>> CurrentAsync(
        IReadOnlyCollection<TopicPartition> partitions, Dictionary<TopicPartition, OffsetAndMetadata> committed, CancellationToken cancellation)
    {
        var offsets = await FindAsync([.. partitions.Where(p => !committed.ContainsKey(p))], LogicalOffset.Latest, cancellation);
        foreach (var partition in partitions)
            if (committed.TryGetValue(partition, out var at)) offsets[partition] = at.Offset;
        return offsets;
    }

    /// <summary>Offsets that the log does not have become its first or its end.</summary>
    private async Task<Dictionary<TopicPartition, long>> WithinAsync(Dictionary<TopicPartition, long> wanted, CancellationToken cancellation)
    {
        var first = await FindAsync(wanted.Keys, LogicalOffset.Earliest, cancellation);
        var end = await FindAsync(wanted.Keys, LogicalOffset.Latest, cancellation);
        foreach (var (partition, offset) in wanted.ToList())
        {
            if (offset < first[partition]) Take(partition, offset, "lower than earliest", first[partition]);
            else if (offset > end[partition]) Take(partition, offset, "higher than latest", end[partition]);
        }
        return wanted;

        void Take(TopicPartition partition, long offset, string what, long instead)
        {
            warn($"New offset ({offset}) is {what} offset for topic partition {partition}. Value will be set to {instead}");
            wanted[partition] = instead;
        }
    }
}
