using Akka.Actor;
using Akka.Configuration;

namespace Akka.Remote;

/// <summary>The settings under <c>akka.remote</c>.</summary>
public class RemoteSettings
{
    public static readonly string AkkaScheme = "akka";

    public RemoteSettings(Config config)
    {
        Config = config;
        StartupTimeout = config.GetTimeSpan("akka.remote.startup-timeout");
        ShutdownTimeout = config.GetTimeSpan("akka.remote.shutdown-timeout");
        FlushWait = config.GetTimeSpan("akka.remote.flush-wait-on-shutdown");
        RetryGateClosedFor = config.GetTimeSpan("akka.remote.retry-gate-closed-for");
        SysResendTimeout = config.GetTimeSpan("akka.remote.resend-interval");
        SysMsgBufferSize = config.GetInt("akka.remote.system-message-buffer-size");
        RemoteLifecycleEventsLogLevel = config.GetString("akka.remote.log-remote-lifecycle-events") switch
        {
            "on" or "true" or "yes" => "DEBUG",
            "off" or "false" or "no" => "OFF",
            var level => level.ToUpperInvariant(),
        };
        WatchFailureDetectorConfig = config.GetConfig("akka.remote.watch-failure-detector");
        WatchFailureDetectorImplementationClass = WatchFailureDetectorConfig.GetString("implementation-class");
        WatchHeartBeatInterval = WatchFailureDetectorConfig.GetTimeSpan("heartbeat-interval");
        WatchUnreachableReaperInterval = WatchFailureDetectorConfig.GetTimeSpan("unreachable-nodes-reaper-interval");
        WatchHeartbeatExpectedResponseAfter = WatchFailureDetectorConfig.GetTimeSpan("expected-response-after");
        Tcp = new TcpSettings(config);
    }

    internal TcpSettings Tcp { get; }

    public Config Config { get; }

    public TimeSpan StartupTimeout { get; }

    /// <summary>How long a system that ends waits for its connections to be flushed and closed.</summary>
    public TimeSpan ShutdownTimeout { get; }

    public TimeSpan FlushWait { get; }

    /// <summary>How long messages are dead letters after a failed connection.</summary>
    public TimeSpan RetryGateClosedFor { get; }

    public TimeSpan SysResendTimeout { get; }

    /// <summary>More unacknowledged system messages than this quarantine the other node.</summary>
    public int SysMsgBufferSize { get; }

    public string RemoteLifecycleEventsLogLevel { get; }

    public Config WatchFailureDetectorConfig { get; }

    public string WatchFailureDetectorImplementationClass { get; }

    public TimeSpan WatchHeartBeatInterval { get; }

    public TimeSpan WatchUnreachableReaperInterval { get; }

    public TimeSpan WatchHeartbeatExpectedResponseAfter { get; }

    public Props ConfigureDispatcher(Props props) => props;

    internal static Config Defaults { get; } = ConfigurationFactory.FromResource("Akka.Remote.remote.conf", typeof(RemoteSettings).Assembly);
}

/// <summary>The settings of the connections.</summary>
internal sealed class TcpSettings
{
    private const string Key = "akka.remote.dot-netty.tcp.";

    internal TcpSettings(Config config)
    {
        Hostname = config.GetString(Key + "hostname") ?? "";
        Port = config.GetInt(Key + "port");
        PublicHostname = config.GetString(Key + "public-hostname") ?? "";
        PublicPort = config.GetInt(Key + "public-port");
        var frame = config.GetByteSize(Key + "maximum-frame-size") ?? 128_000;
        if (frame is < 32_000 or > 256 * 1024 * 1024) throw new ConfigurationException($"{Key}maximum-frame-size = {frame}: from 32000b to 256 MiB");
        MaximumFrameSize = (int)frame;
        Backlog = config.GetInt(Key + "backlog");
        NoDelay = config.GetBoolean(Key + "tcp-nodelay");
        QueueSize = config.GetInt("akka.remote.outbound-message-queue-size");
        HandshakeTimeout = config.GetTimeSpan("akka.remote.handshake-timeout");
        HeartbeatInterval = config.GetTimeSpan("akka.remote.transport-failure-detector.heartbeat-interval");
        AcceptablePause = config.GetTimeSpan("akka.remote.transport-failure-detector.acceptable-heartbeat-pause");
    }

    internal string Hostname { get; }

    internal int Port { get; }

    internal string PublicHostname { get; }

    internal int PublicPort { get; }

    internal int MaximumFrameSize { get; }

    internal int Backlog { get; }

    internal bool NoDelay { get; }

    internal int QueueSize { get; }

    internal TimeSpan HandshakeTimeout { get; }

    internal TimeSpan HeartbeatInterval { get; }

    internal TimeSpan AcceptablePause { get; }
}
