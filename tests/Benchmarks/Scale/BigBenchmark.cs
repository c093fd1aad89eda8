using System.Diagnostics;
using System.Runtime.InteropServices;
using Actors.Client;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Actors.Protocol.Records;

namespace Actors.Benchmarks;

/// <summary>
/// Many gigabytes in one partition, records of a kilobyte a millisecond apart: kill -9 and the start over them, then fetches at random offsets and lookups of random times, each
/// compared with what must come out. The file's pages are taken out of the kernel's cache before the start and before each series that is called cold.
/// </summary>
internal static class BigBenchmark
{
    private const string Topic = "big";
    private const int RecordBytes = 1000, BatchRecords = 64, AtOnce = 64, Lookups = 1000, ProbeBytes = 64 * 1024;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <param name="args">How many gigabytes; 10 unless it says so.</param>
    public static async Task RunAsync(string[] args)
    {
        var gigabytes = args.Length > 0 ? double.Parse(args[0], System.Globalization.CultureInfo.InvariantCulture) : 10;
        var batches = (int)(gigabytes * 1e9 / RecordBytes / BatchRecords);
        var records = (long)batches * BatchRecords;
        var firstTime = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - records;
        using var node = new BenchmarkNode();
        await WriteAsync(node, batches, firstTime);
        node.Stop();
        Evict(node.Database);
        var watch = Stopwatch.StartNew();
        node.Start();
        await using var reader = await Reader.OpenAsync(node.Kafka);
        Same(records, await reader.EndAsync(), "the log's end");
        Console.WriteLine($"kill -9 and start, cold: ready after {node.ReadyAfter.TotalSeconds:F2} s, first answer of the partition after {watch.Elapsed.TotalSeconds:F2} s, {node.CpuSeconds:F2} CPU s, {node.ResidentMegabytes:F0} MB");

        var random = new Random(1);
        foreach (var temperature in (string[])["cold", "warm"])
        {
            await SeriesAsync(node, temperature, "fetch at a random offset, 64 KiB", random, offset => reader.FetchAsync(offset % records));
            await SeriesAsync(node, temperature, "lookup of a random time", random, async offset => Same(offset % records, await reader.LookUpAsync(firstTime + offset % records), "the time's offset"));
        }
        Console.WriteLine($"{node.ResidentMegabytes:F0} MB resident after it, {node.AnonymousMegabytes:F0} MB without the mapped pages of the database");
    }

    private static async Task WriteAsync(BenchmarkNode node, int batches, long firstTime)
    {
        await using var cluster = new ClusterClient(new ClusterOptions { BootstrapServers = node.Kafka });
        await using var admin = new Admin(cluster);
        await admin.CreateTopicAsync(new NewTopic(Topic, 1));
        await using var producer = new Producer(cluster);
        var value = new byte[RecordBytes];
        new Random(0).NextBytes(value);
        var open = new Queue<Task<RecordMetadata>>();
        var (watch, cpu) = (Stopwatch.StartNew(), node.CpuSeconds);
        for (var batch = 0; batch < batches; batch++)
        {
            var builder = new RecordBatchBuilder();
            for (var i = 0; i < BatchRecords; i++)
                builder.Append(firstTime + (long)batch * BatchRecords + i, null, value);
            open.Enqueue(producer.SendBatchAsync(Topic, 0, builder).AsTask());
            // The first one alone: those that wait for the topic's metadata would go in any order.
            if (batch == 0 || open.Count == AtOnce)
                await open.Dequeue();
        }
        await Task.WhenAll(open);
        Console.WriteLine($"{(double)batches * BatchRecords * RecordBytes / 1e9:F1} GB in {batches:N0} batches written in {watch.Elapsed.TotalSeconds:F0} s, {node.CpuSeconds - cpu:F1} CPU s, {node.ResidentMegabytes:F0} MB");
    }

    private static async Task SeriesAsync(BenchmarkNode node, string temperature, string what, Random random, Func<long, Task> once)
    {
        if (temperature == "cold")
            Evict(node.Database);
        var waits = new double[Lookups];
        var cpu = node.CpuSeconds;
        for (var i = 0; i < Lookups; i++)
        {
            var offset = random.NextInt64(long.MaxValue);
            var start = Stopwatch.GetTimestamp();
            await once(offset);
            waits[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }
        Console.WriteLine($"{what}, {temperature}: {new Waits(waits)}, {(node.CpuSeconds - cpu) / Lookups * 1000:F2} CPU ms each");
    }

    private static void Same(long expected, long found, string what)
    {
        if (expected != found)
            throw new InvalidOperationException($"{what} is {found}, not {expected}");
    }

    /// <summary>Writes out what is dirty of the file and its write-ahead log, and lets the kernel forget their pages.</summary>
    private static void Evict(string database)
    {
        foreach (var path in (string[])[database, database + "-wal"])
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            file.Flush(true);
            if (posix_fadvise((int)file.SafeFileHandle.DangerousGetHandle(), 0, 0, 4) is not 0 and var error)
                throw new InvalidOperationException($"posix_fadvise failed: {error}");
        }
    }

#pragma warning disable IDE1006, SYSLIB1054 // the C library's name; 4 is POSIX_FADV_DONTNEED
    [DllImport("libc")]
    private static extern int posix_fadvise(int file, long offset, long length, int advice);
#pragma warning restore IDE1006, SYSLIB1054

    /// <summary>A connection that asks for one thing at a time.</summary>
    private sealed class Reader(KafkaConnection connection) : IAsyncDisposable
    {
        public static async Task<Reader> OpenAsync(string bootstrap)
        {
            var (host, port) = (bootstrap[..bootstrap.IndexOf(':')], int.Parse(bootstrap[(bootstrap.IndexOf(':') + 1)..]));
            return new Reader(await KafkaConnection.OpenAsync(await TcpTransport.ConnectAsync(host, port, default), bootstrap, "big", Timeout));
        }

        public ValueTask DisposeAsync() => connection.DisposeAsync();

        public Task<long> EndAsync() => LookUpAsync(LogicalOffset.Latest);

        public async Task<long> LookUpAsync(long timestamp)
        {
            var answer = await connection.SendAsync(Apis.ListOffsets, new ListOffsetsRequest
            {
                ReplicaId = -1,
                Topics = [new() { Name = Topic, Partitions = [new() { PartitionIndex = 0, Timestamp = timestamp }] }],
            }, Timeout);
            var partition = answer.Topics[0].Partitions[0];
            Same(0, partition.ErrorCode, "the lookup's error");
            return partition.Offset;
        }

        public async Task FetchAsync(long offset)
        {
            var answer = await connection.SendAsync(Apis.Fetch, new FetchRequest
            {
                ReplicaId = -1,
                MaxWaitMs = 0,
                MaxBytes = ProbeBytes,
                Topics = [new() { Topic = Topic, Partitions = [new() { Partition = 0, FetchOffset = offset, PartitionMaxBytes = ProbeBytes }] }],
            }, Timeout);
            var partition = answer.Responses[0].Partitions[0];
            Same(0, partition.ErrorCode, "the fetch's error");
            if (!BatchHeader.TryRead(partition.Records!.ToMemory().Span, out var batch) || batch.BaseOffset > offset || batch.LastOffset < offset)
                throw new InvalidOperationException($"the fetch at offset {offset} began with {batch.BaseOffset} to {batch.LastOffset}");
        }
    }
}
