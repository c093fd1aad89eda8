using System.Diagnostics;
using Actors.Client;

namespace Actors.Benchmarks;

/// <summary>
/// Many topics of one partition on one node, and groups of five consumers over five topics each, every consumer with a client and connections of its own: the start over what
/// was written, memory and CPU while all of them wait for records, then with records coming in.
/// </summary>
internal static class ManyBenchmark
{
    private const int PerGroup = 5, RecordsEach = 10, LoadSeconds = 30, WarmUpSeconds = 10, PerMillisecond = 1;
    private const string Requests = "actors_requests_total";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <param name="args">How many groups, and how many seconds of rest are measured; 200 and 60 unless they say so.</param>
    public static async Task RunAsync(string[] args)
    {
        var groups = args.Length > 0 ? int.Parse(args[0]) : 200;
        var rest = args.Length > 1 ? int.Parse(args[1]) : 60;
        using var node = new BenchmarkNode();
        var topics = Enumerable.Range(0, groups * PerGroup).Select(i => $"topic-{i:D5}").ToList();
        await FillAsync(node, topics);
        node.Stop();
        node.Start();
        Console.WriteLine($"kill -9 and start over {topics.Count:N0} partitions: ready after {node.ReadyAfter.TotalSeconds:F2} s, {node.CpuSeconds:F2} CPU s, {node.ResidentMegabytes:F0} MB");
        await Task.Delay(TimeSpan.FromSeconds(20));
        await RestAsync(node, 20, "nobody connected");

        var read = new Count();
        var (watch, cpu) = (Stopwatch.StartNew(), node.CpuSeconds);
        var members = topics.Select((_, i) => new Member(node.Kafka, $"group-{i / PerGroup:D4}", topics.GetRange(i / PerGroup * PerGroup, PerGroup), read)).ToList();
        await UntilAsync(() => IsStable(members), () => $"{members.Count(member => member.Partitions.Count == 1)} of {members.Count} members have their partition");
        Console.WriteLine($"{members.Count:N0} consumers, {groups} groups: all stable after {watch.Elapsed.TotalSeconds:F1} s, {node.CpuSeconds - cpu:F1} CPU s");
        await UntilAsync(() => read.Records == topics.Count * RecordsEach, () => $"{read.Records} records were read");

        await Task.Delay(TimeSpan.FromSeconds(10));
        await RestAsync(node, rest, "all waiting");
        await LookAtLagsAsync(node);
        await LoadAsync(node, topics, read);
        await Task.Delay(TimeSpan.FromSeconds(10));
        await RestAsync(node, 10, "all waiting again");
        watch.Restart();
        await Task.WhenAll(members.Select(member => member.DisposeAsync().AsTask()));
        Console.WriteLine($"all left after {watch.Elapsed.TotalSeconds:F1} s");
    }

    private static async Task FillAsync(BenchmarkNode node, List<string> topics)
    {
        await using var cluster = new ClusterClient(new ClusterOptions { BootstrapServers = node.Kafka });
        await using var admin = new Admin(cluster);
        var (watch, cpu) = (Stopwatch.StartNew(), node.CpuSeconds);
        foreach (var topic in topics)
            await admin.CreateTopicAsync(new NewTopic(topic, 1));
        Console.WriteLine($"{topics.Count:N0} topics created one by one in {watch.Elapsed.TotalSeconds:F1} s, {node.CpuSeconds - cpu:F1} CPU s");
        await using var producer = new Producer(cluster);
        for (var i = 0; i < RecordsEach; i++)
            await Task.WhenAll(topics.Select(topic => producer.SendAsync(new ProducerRecord(topic, null, new byte[100])).AsTask()));
    }

    private static async Task RestAsync(BenchmarkNode node, int seconds, string what)
    {
        var requests = node.Metric(Requests);
        var cpu = node.CpuSeconds;
        var watch = Stopwatch.StartNew();
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        var (took, used) = (watch.Elapsed.TotalSeconds, node.CpuSeconds - cpu);
        Console.WriteLine($"at rest, {what}: {used / took * 60:F2} CPU s a minute, {(node.Metric(Requests) - requests) / took:N0} requests/s, {node.ResidentMegabytes:F0} MB resident");
    }

    /// <summary>What a monitor asks for every some seconds, once what is kept of the last answer is too old.</summary>
    private static async Task LookAtLagsAsync(BenchmarkNode node)
    {
        await Task.Delay(TimeSpan.FromSeconds(11));
        var (watch, cpu) = (Stopwatch.StartNew(), node.CpuSeconds);
        node.Metric(Requests);
        Console.WriteLine($"/metrics with the groups' lags: {watch.Elapsed.TotalSeconds:F2} s, {node.CpuSeconds - cpu:F2} CPU s");
    }

    private static async Task LoadAsync(BenchmarkNode node, List<string> topics, Count read)
    {
        await using var cluster = new ClusterClient(new ClusterOptions { BootstrapServers = node.Kafka });
        await using var producer = new Producer(cluster);
        var wanted = read.Records + (WarmUpSeconds + LoadSeconds) * 1000L * PerMillisecond;
        await PacedLoad.SendAsync(producer, PerMillisecond, WarmUpSeconds, number => topics[number % topics.Count]);
        var cpu = node.CpuSeconds;
        var waits = await PacedLoad.SendAsync(producer, PerMillisecond, LoadSeconds, number => topics[number % topics.Count]);
        cpu = node.CpuSeconds - cpu;
        await UntilAsync(() => read.Records >= wanted, () => $"{read.Records} of {wanted} records were read");
        Console.WriteLine($"{PerMillisecond * 1000:N0} x 100 B a second, one topic after the other, all of it read: {waits}, {cpu / LoadSeconds * 60:F1} CPU s a minute, {node.ResidentMegabytes:F0} MB resident");
    }

    private static bool IsStable(List<Member> members) =>
        members.All(member => member.Partitions.Count == 1) && members.SelectMany(member => member.Partitions).Distinct().Count() == members.Count;

    private static async Task UntilAsync(Func<bool> holds, Func<string> how)
    {
        for (var watch = Stopwatch.StartNew(); !holds(); await Task.Delay(20))
            if (watch.Elapsed > Patience)
                throw new TimeoutException(how());
    }

    private sealed class Count
    {
        private long _records;

        public long Records => Interlocked.Read(ref _records);

        public void Add(long records) => Interlocked.Add(ref _records, records);
    }

    /// <summary>A consumer that reads all it is given.</summary>
    private sealed class Member : IAsyncDisposable
    {
        private readonly ClusterClient _cluster;
        private readonly Consumer _consumer;
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _reading;

        public Member(string bootstrap, string group, List<string> topics, Count read)
        {
            _cluster = new ClusterClient(new ClusterOptions { BootstrapServers = bootstrap });
            _consumer = new Consumer(_cluster, new ConsumerOptions
            {
                Group = new GroupOptions { GroupId = group, Topics = topics, Assignors = [new CooperativeStickyAssignor()] },
                Fetch = new FetcherOptions { Reset = OffsetReset.Earliest },
            });
            _reading = ReadAsync(read);
        }

        public IReadOnlyList<TopicPartition> Partitions => _consumer.Member.Assignment;

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _reading;
            await _consumer.DisposeAsync();
            await _cluster.DisposeAsync();
        }

        private async Task ReadAsync(Count read)
        {
            try
            {
                while (true)
                {
                    var chunk = await _consumer.ReadAsync(_stop.Token);
                    read.Add(chunk.NextOffset - chunk.Offset);
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                // It is closed.
            }
        }
    }
}
