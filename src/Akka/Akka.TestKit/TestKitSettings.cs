using Akka.Actor;
using Akka.Configuration;

namespace Akka.TestKit;

/// <summary>The settings under <c>akka.test</c>.</summary>
public class TestKitSettings : IExtension
{
    public TestKitSettings(Config config)
    {
        DefaultTimeout = config.GetTimeSpan("akka.test.default-timeout", TimeSpan.FromSeconds(5), allowInfinite: false);
        SingleExpectDefault = config.GetTimeSpan("akka.test.single-expect-default", TimeSpan.FromSeconds(3), allowInfinite: false);
        TestTimeFactor = config.GetDouble("akka.test.timefactor", 1);
        FilterLeeway = config.GetTimeSpan("akka.test.filter-leeway", TimeSpan.FromSeconds(3), allowInfinite: false);
        if (TestTimeFactor <= 0) throw new ConfigurationException(@"Expected a positive value for ""akka.test.timefactor""");
    }

    public TimeSpan DefaultTimeout { get; }

    /// <summary>How long one message is waited for unless said otherwise.</summary>
    public TimeSpan SingleExpectDefault { get; }

    /// <summary>Every time is multiplied by it.</summary>
    public double TestTimeFactor { get; }

    internal TimeSpan FilterLeeway { get; }
}

/// <summary>The settings of a system.</summary>
public sealed class TestKitExtension : ExtensionIdProvider<TestKitSettings>
{
    public override TestKitSettings CreateExtension(ExtendedActorSystem system) => new(system.Settings.Config);

    public static TestKitSettings For(ActorSystem system) => system.WithExtension<TestKitSettings, TestKitExtension>();
}
