using System.Collections;
using System.Globalization;
using System.Reflection;
using Actors.Hocon;
using Xunit;

namespace Actors.Node.Testing.Tests;

/// <summary>Each setting of hocon/reference.conf, given another value in a file, changes what the node is told in the one place that it is for, and nothing else.</summary>
public sealed class SettingsSpec
{
    /// <summary>A key under <c>actors</c>, a value that is not its default, and all that differs then.</summary>
    public static readonly TheoryData<string, string, string> Turned = new()
    {
        { "node-id", "7", "Broker.NodeId = 7" },
        { "cluster-id", "other", "Broker.ClusterId = other" },
        { "data", "/other/data", "Data = /other/data" },
        { "kafka.listen", "\"127.0.0.2:2001\"", "Listeners[0].Listen = 127.0.0.2:2001; Kafka = 127.0.0.2:2001" },
        {
            "kafka.listeners", "\"IN://127.0.0.3:2002,OUT://127.0.0.4:2003\"",
            "Listeners[0].Name = IN; Listeners[0].Listen = 127.0.0.3:2002; Listeners[1].Name = OUT; Listeners[1].Listen = 127.0.0.4:2003; Listeners[1].Advertised = none; Kafka = 127.0.0.4:2003"
        },
        { "kafka.advertised", "\"PLAINTEXT://outside:2004\"", "Listeners[0].Advertised = outside:2004" },
        { "kafka.max-connections", "2005", "Broker.MaxConnections = 2005" },
        { "kafka.connection-idle-timeout", "2006s", "Broker.ConnectionIdleTimeout = 00:33:26" },
        { "kafka.max-request-bytes", "2007KiB", "Broker.MaxRequestBytes = 2055168" },
        { "kafka.max-in-flight-bytes-per-connection", "2008KiB", "Broker.MaxInFlightBytesPerConnection = 2056192" },
        { "kafka.max-in-flight-bytes", "2009KiB", "Broker.MaxInFlightBytes = 2057216" },
        { "kafka.request-timeout", "2010s", "Broker.RequestTimeout = 00:33:30" },
        { "http.listen", "\"127.0.0.5:2011\"", "Http = 127.0.0.5:2011" },
        { "broker.auto-create-topics", "false", "Broker.AutoCreateTopics = False" },
        { "broker.default-partitions", "2012", "Broker.DefaultPartitions = 2012" },
        { "broker.fetch-max-bytes", "2013KiB", "Broker.FetchMaxBytes = 2061312" },
        { "broker.fetch-session-slots", "2014", "Broker.FetchSessionSlots = 2014" },
        { "broker.check-records", "header", "Broker.ChecksRecords = False" },
        { "broker.cache-bytes", "2015KiB", "Broker.CacheBytes = 2063360" },
        { "broker.cache-bytes-per-partition", "2016KiB", "Broker.CacheBytesPerPartition = 2064384" },
        { "broker.snapshot-every-bytes", "2017KiB", "Broker.SnapshotEveryBytes = 2065408" },
        { "broker.snapshot-every-events", "2018", "Broker.SnapshotEveryEvents = 2018" },
        { "broker.retention-check-interval", "2019s", "Broker.RetentionCheckInterval = 00:33:39" },
        { "broker.topic-defaults", "{ \"retention.ms\" = 2020 }", "Broker.TopicDefaults[retention.ms] = 2020" },
        { "groups.min-session-timeout", "2021ms", "Broker.GroupMinSessionTimeout = 00:00:02.0210000" },
        { "groups.max-session-timeout", "2022s", "Broker.GroupMaxSessionTimeout = 00:33:42" },
        { "groups.max-size", "2023", "Broker.GroupMaxSize = 2023" },
        { "groups.initial-rebalance-delay", "2024ms", "Broker.GroupInitialRebalanceDelay = 00:00:02.0240000" },
        { "groups.offsets-topic-partitions", "25", "Broker.OffsetsTopicPartitions = 25" },
        { "groups.offsets-retention", "2026s", "Broker.OffsetsRetention = 00:33:46" },
        { "groups.offset-metadata-max-bytes", "2027", "Broker.OffsetMetadataMaxBytes = 2027" },
        { "groups.keep-heartbeats-of", "other", "Broker.KeepHeartbeatsOf[0] = other" },
        { "cluster.remote", "\"127.0.0.6:2028\"", "Cluster.Remote = 127.0.0.6:2028" },
        { "cluster.seeds", "\"127.0.0.7:2029\"", "Cluster.Seeds[0] = 127.0.0.7:2029" },
        { "cluster.roles", "streams", "Broker.Roles[0] = streams; Cluster.Roles[0] = streams" },
        { "cluster.lease", "4s", "Cluster.Lease.Lease = 00:00:04; Cluster.Lease.Tenure = 00:00:03.7000000" },
        { "cluster.lease-renewal", "400ms", "Cluster.Lease.Renewal = 00:00:00.4000000; Cluster.Lease.ReadEvery = 00:00:00.2000000; Cluster.Lease.LongestGap = 00:00:00.8000000" },
        { "cluster.lease-margin", "200ms", "Cluster.Lease.Margin = 00:00:00.2000000; Cluster.Lease.Tenure = 00:00:02.8000000" },
        { "metrics.lag-interval", "2030ms", "Observability.LagInterval = 00:00:02.0300000" },
        { "telemetry.otlp.endpoint", "\"http://collector:2031\"", "Observability.OtlpEndpoint = http://collector:2031" },
        { "telemetry.otlp.interval", "2032ms", "Observability.OtlpInterval = 00:00:02.0320000" },
        { "telemetry.otlp.traces", "0.25", "Observability.TracedShare = 0.25" },
        { "log.format", "json", "Observability.LogFormat = Json" },
        { "topologies.directory", "/other/topologies", "Topologies.Directory = /other/topologies" },
        { "topologies.retry-backoff-initial", "2033ms", "Topologies.RetryPause = 00:00:02.0330000" },
        { "topologies.retry-backoff-max", "2034s", "Topologies.GreatestRetryPause = 00:33:54" },
    };

    [Theory]
    [MemberData(nameof(Turned))]
    public void A_key_turned_changes_its_own_setting(string key, string value, string difference)
    {
        var usual = Facts(Read("")).ToHashSet();
        Assert.Equal(difference, string.Join("; ", Facts(Read($"actors.{key} = {value}")).Where(fact => !usual.Contains(fact))));
    }

    [Fact]
    public void All_keys_of_the_reference_are_turned()
    {
        using var text = new StreamReader(typeof(NodeSettings).Assembly.GetManifestResourceStream("hocon/reference.conf")!);
        var keys = Keys(HoconDocument.Parse(text.ReadToEnd(), "reference.conf").Resolve().Get("actors").GetObject(), "");
        Assert.Equal(keys.Order(), Turned.Select(row => (string)row[0]).Order());
    }

    private static NodeSettings Read(string settings)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, settings);
            return NodeSettings.Read(new CommandLine { ConfigFiles = [file] }, _ => null);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static IEnumerable<string> Keys(HoconObject section, string before) => section.Fields.SelectMany(
        field => field.Value is HoconObject { Fields.Count: > 0 } inner ? Keys(inner, $"{before}{field.Key}.") : [before + field.Key]);

    private static IEnumerable<string> Facts(NodeSettings settings) => Facts(settings, "");

    /// <summary>Each value with where it stands in the settings.</summary>
    private static IEnumerable<string> Facts(object? value, string at) => value switch
    {
        null => [$"{at} = none"],
        // The actor system's, which is handed over as it is.
        HoconObject => [],
        string or ValueType => [$"{at} = {Convert.ToString(value, CultureInfo.InvariantCulture)}"],
        IReadOnlyDictionary<string, string> named => named.Select(each => $"{at}[{each.Key}] = {each.Value}"),
        IEnumerable listed => listed.Cast<object>().SelectMany((each, index) => Facts(each, $"{at}[{index}]")),
        _ => value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).SelectMany(property => Facts(property.GetValue(value), at.Length == 0 ? property.Name : $"{at}.{property.Name}")),
    };
}
