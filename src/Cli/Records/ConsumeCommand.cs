using System.CommandLine;
using Actors.Client;
using Actors.Protocol.Records;

namespace Actors.Cli.Records;

/// <summary><c>actors consume</c>, with the flags, properties and lines of kafka-console-consumer.</summary>
internal static class ConsumeCommand
{
    /// <summary>What to read, from where, how much.</summary>
    private sealed record Request(
        string Topic, int? Partition, long? Offset, bool FromBeginning, string? Group, long MaxMessages, TimeSpan? Timeout, IsolationLevel Isolation, RecordStyle Style);

    public static Command Build(Terminal terminal)
    {
        var servers = Options.BootstrapServer();
        var topic = Options.Topic("The topic to read.");
        topic.Required = true;
        var partition = new Option<int?>("--partition") { Description = "Read this one only.", HelpName = "n" };
        var offset = new Option<string?>("--offset") { Description = "With --partition: a number, earliest or latest (the default).", HelpName = "offset" };
        var fromBeginning = new Option<bool>("--from-beginning") { Description = "Start with the oldest record; else only new ones are shown." };
        var group = new Option<string?>("--group", "-g") { Description = "Read as a member of this group, from its committed offsets, and commit.", HelpName = "group" };
        var maxMessages = new Option<long?>("--max-messages") { Description = "End after so many.", HelpName = "n" };
        var timeout = new Option<int?>("--timeout-ms") { Description = "End when no record comes for so long.", HelpName = "ms" };
        var isolation = new Option<string>("--isolation-level") { Description = "read_uncommitted or read_committed.", HelpName = "level", DefaultValueFactory = _ => "read_uncommitted" };
        var key = new Option<string?>("--key") { Description = $"The keys' format: {DataFormats.Names}. A windowed key is shown as [key@start/end].", HelpName = "format" };
        var value = new Option<string>("--value") { Description = "The values' format, likewise.", HelpName = "format", DefaultValueFactory = _ => "string" };
        var json = new Option<bool>("--json") { Description = "Show each record as a JSON object with topic, key, value, timestamp, partition, offset, headers and window." };
        var properties = Options.Properties(string.Join(", ", RecordStyle.Known));
        var command = new ExampleCommand("consume", "Show a topic's records, a line each, until Ctrl+C.", "actors consume --topic ratings --from-beginning --property print.key=true")
        {
            servers, topic, partition, offset, fromBeginning, group, maxMessages, timeout, isolation, key, value, json, properties,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var style = RecordStyle.Of(
                Options.Pairs("--property", parsed.GetValue(properties)!, RecordStyle.Known),
                parsed.GetValue(key) is { } given ? DataFormats.Parse("--key", given) : null, DataFormats.Parse("--value", parsed.GetValue(value)!), parsed.GetValue(json));
            var request = new Request(
                parsed.GetValue(topic)!, parsed.GetValue(partition), Offset(parsed.GetValue(offset)), parsed.GetValue(fromBeginning), parsed.GetValue(group),
                parsed.GetValue(maxMessages) ?? -1, parsed.GetValue(timeout) is { } ms and >= 0 ? TimeSpan.FromMilliseconds(ms) : null, Isolation(parsed.GetValue(isolation)!), style);
            Check(request);
            await using var client = Options.Connect(terminal, parsed.GetValue(servers)!);
            await RunAsync(terminal, client, request, cancellation);
            return 0;
        });
        return command;
    }

    private static void Check(Request request)
    {
        if (request.Offset is not null && request.Partition is null) throw new UsageException("--offset needs --partition");
        if (request.Offset is not null && request.FromBeginning) throw new UsageException("--offset and --from-beginning exclude each other");
        if (request.Group is not null && request.Partition is not null) throw new UsageException("--group and --partition exclude each other: the group shares the partitions");
    }

    private static async Task RunAsync(Terminal terminal, ClusterClient client, Request request, CancellationToken cancellation)
    {
        var shown = 0L;
        try
        {
            var topic = await client.TopicAsync(request.Topic, cancellation: cancellation);
            await using var source = request.Group is null ? await SingleAsync(client, request, topic, cancellation) : Member(client, request);
            while (shown != request.MaxMessages)
            {
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                if (request.Timeout is { } timeout) patience.CancelAfter(timeout);
                var chunk = await source.ReadAsync(patience.Token);
                var (count, next) = Show(chunk, request.Style, terminal.Output, request.MaxMessages < 0 ? long.MaxValue : request.MaxMessages - shown);
                shown += count;
                source.StopAt(next);
            }
        }
        catch (OperationCanceledException)
        {
            // Ctrl+C, or nothing came for --timeout-ms.
        }
        catch (IOException)
        {
            // Whoever read the output has gone.
        }
        terminal.Error.WriteLine($"Processed a total of {shown} messages");
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

    private static async ValueTask<Source> SingleAsync(ClusterClient client, Request request, TopicMetadata topic, CancellationToken cancellation)
    {
        if (request.Partition is { } one && (uint)one >= (uint)topic.Partitions.Count)
            throw new CommandFailedException($"partition {topic.Name}-{one} does not exist: the topic has {topic.Partitions.Count}, numbered from 0");
        var start = request.Offset ?? (request.FromBeginning ? LogicalOffset.Earliest : LogicalOffset.Latest);
        var partitions = topic.Partitions.Where(p => request.Partition is null || p.Index == request.Partition).ToDictionary(p => new TopicPartition(topic.Name, p.Index), _ => start);
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

    private static Source Member(ClusterClient client, Request request) => new(null, new Consumer(client, new ConsumerOptions
    {
        Group = new GroupOptions { GroupId = request.Group!, Topics = [request.Topic] }, Fetch = Fetching(request),
    }));

    private static FetcherOptions Fetching(Request request) => new()
    {
        Isolation = request.Isolation, Reset = request.FromBeginning ? OffsetReset.Earliest : OffsetReset.Latest,
    };

    private static long? Offset(string? text) => text switch
    {
        null => null,
        "earliest" => LogicalOffset.Earliest,
        "latest" => LogicalOffset.Latest,
        _ when long.TryParse(text, out var offset) && offset >= 0 => offset,
        _ => throw new UsageException($"--offset {text}: a number from 0, earliest or latest is meant"),
    };

    private static IsolationLevel Isolation(string text) => text switch
    {
        "read_uncommitted" => IsolationLevel.ReadUncommitted,
        "read_committed" => IsolationLevel.ReadCommitted,
        _ => throw new UsageException($"--isolation-level {text}: read_uncommitted or read_committed is meant"),
    };

    /// <summary>Partitions read alone, or as a member of a group.</summary>
    private sealed class Source(Fetcher? fetcher, Consumer? consumer) : IAsyncDisposable
    {
        public ValueTask<FetchedChunk> ReadAsync(CancellationToken cancellation) => fetcher?.ReadAsync(cancellation) ?? consumer!.ReadAsync(cancellation);

        public void StopAt(long offset) => consumer?.StopAt(offset);

        public ValueTask DisposeAsync() => fetcher?.DisposeAsync() ?? consumer!.DisposeAsync();
    }
}
