using Actors.Client;
using Actors.Protocol.Records;

namespace Actors.Cli.Records;

/// <summary>What to read, from where, how much.</summary>
internal sealed record ConsumeRequest(IReadOnlyList<string> Topics, RecordStyle Style)
{
    public int? Partition { get; init; }

    /// <summary>A number or a <see cref="LogicalOffset"/>; null: as <see cref="FromBeginning"/> says.</summary>
    public long? Offset { get; init; }

    public bool FromBeginning { get; init; }

    /// <summary>Null: the partitions are read alone and nothing is committed.</summary>
    public string? Group { get; init; }

    /// <summary>Negative: without end.</summary>
    public long MaxMessages { get; init; } = -1;

    public TimeSpan? Timeout { get; init; }

    public IsolationLevel Isolation { get; init; }

    /// <summary>How often a group's offsets are committed; null: never.</summary>
    public TimeSpan? AutoCommit { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>Why reading ended.</summary>
internal enum ReadEnd
{
    Enough,
    Interrupted,
    TimedOut,

    /// <summary>Whoever read the output has gone.</summary>
    Unread,
}

/// <summary>Reads topics and shows their records, a line each.</summary>
internal static class Consumption
{
    public static async Task<(ReadEnd End, long Shown)> RunAsync(Terminal terminal, ClusterClient client, ConsumeRequest request, CancellationToken cancellation)
    {
        var shown = 0L;
        using var progress = new Progress(terminal, "records read");
        try
        {
            var topics = new List<TopicMetadata>();
            foreach (var topic in request.Topics) topics.Add(await client.TopicAsync(topic, cancellation: cancellation));
            await using var source = request.Group is null ? await SingleAsync(client, request, topics, cancellation) : Member(client, request);
            while (shown != request.MaxMessages)
            {
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                if (request.Timeout is { } timeout) patience.CancelAfter(timeout);
                var chunk = await source.ReadAsync(patience.Token);
                var (count, next) = Show(chunk, request.Style, terminal.Output, request.MaxMessages < 0 ? long.MaxValue : request.MaxMessages - shown);
                shown += count;
                progress.At(shown);
                source.StopAt(next);
            }
            return (ReadEnd.Enough, shown);
        }
        catch (OperationCanceledException)
        {
            return (cancellation.IsCancellationRequested ? ReadEnd.Interrupted : ReadEnd.TimedOut, shown);
        }
        catch (IOException)
        {
            return (ReadEnd.Unread, shown);
        }
    }

    private static (long Count, long Next) Show(FetchedChunk chunk, RecordStyle style, Stream target, long most)
    {
        using var output = new MemoryStream();
        var writer = new RecordWriter(style, output);
        var (count, next) = (0L, chunk.NextOffset);
        foreach (var batch in chunk.Batches)
        {
            using var reader = new RecordBatchReader(batch.Bytes);
            foreach (var record in reader)
            {
                if (record.Offset < chunk.Offset) continue;
                if (count == most)
                {
                    output.WriteTo(target);
                    return (count, record.Offset);
                }
                writer.Write(chunk.Partition, record, batch.Header.TimestampType);
                count++;
                next = Math.Max(next, record.Offset + 1);
            }
        }
        output.WriteTo(target);
        target.Flush();
        return (count, next);
    }

    private static async ValueTask<Source> SingleAsync(ClusterClient client, ConsumeRequest request, List<TopicMetadata> topics, CancellationToken cancellation)
    {
        foreach (var topic in topics)
            if (request.Partition is { } one && (uint)one >= (uint)topic.Partitions.Count)
                throw new CommandFailedException($"partition {topic.Name}-{one} does not exist: the topic has {topic.Partitions.Count}, numbered from 0");
        var start = request.Offset ?? (request.FromBeginning ? LogicalOffset.Earliest : LogicalOffset.Latest);
        var partitions = topics.SelectMany(t => t.Partitions.Where(p => request.Partition is null || p.Index == request.Partition).Select(p => new TopicPartition(t.Name, p.Index))).ToDictionary(p => p, _ => start);
        if (start < 0)
        {
            // Settled before the first read, so that what is written from now on is seen for certain.
            await using var admin = new Admin(client);
            foreach (var (partition, found) in await admin.ListOffsetsAsync(partitions, request.Isolation, cancellation)) partitions[partition] = found.Offset;
        }
        var fetcher = new Fetcher(client, Fetching(request));
        fetcher.Assign(partitions);
        return new Source(fetcher, null);
    }

    private static Source Member(ClusterClient client, ConsumeRequest request) => new(null, new Consumer(client, new ConsumerOptions
    {
        Group = new GroupOptions { GroupId = request.Group!, Topics = request.Topics }, Fetch = Fetching(request), AutoCommit = request.AutoCommit,
    }));

    private static FetcherOptions Fetching(ConsumeRequest request) => new()
    {
        Isolation = request.Isolation, Reset = request.FromBeginning ? OffsetReset.Earliest : OffsetReset.Latest,
    };

    /// <summary>Partitions read alone, or as a member of a group.</summary>
    private sealed class Source(Fetcher? fetcher, Consumer? consumer) : IAsyncDisposable
    {
        public ValueTask<FetchedChunk> ReadAsync(CancellationToken cancellation) => fetcher?.ReadAsync(cancellation) ?? consumer!.ReadAsync(cancellation);

        public void StopAt(long offset) => consumer?.StopAt(offset);

        public ValueTask DisposeAsync() => fetcher?.DisposeAsync() ?? consumer!.DisposeAsync();
    }
}
