using Akka.Configuration;

namespace Akka.TestKit.Configs;

/// <summary>Configurations that tests start from.</summary>
public static class TestConfigs
{
    public static Config DefaultConfig => TestKitBase.DefaultConfig;

    /// <summary>A clock that moves only when told to.</summary>
    public static Config TestSchedulerConfig { get; } = ConfigurationFactory.ParseString("""akka.scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit" """).WithFallback(DefaultConfig);
}
