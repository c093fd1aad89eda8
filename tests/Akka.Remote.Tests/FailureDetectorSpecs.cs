using Akka.Configuration;
using FsCheck.Fluent;

namespace Akka.Remote.Tests;

public sealed class FailureDetectorSpecs
{
    private long _now = 1_000_000;

    private PhiAccrualFailureDetector Phi(double threshold = 8, int pause = 0) =>
        new(threshold, 1000, TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(pause), TimeSpan.FromSeconds(1), () => _now);

    private bool AvailableAfter(FailureDetector detector, params int[] intervals)
    {
        foreach (var interval in intervals)
        {
            _now += interval;
            detector.HeartBeat();
        }
        return detector.IsAvailable;
    }

    [Fact]
    public void What_has_never_been_heard_of_is_available_and_not_monitored()
    {
        Assert.True(Phi().IsAvailable);
        Assert.False(Phi().IsMonitoring);
        Assert.True(new DeadlineFailureDetector(TimeSpan.FromSeconds(1), () => _now).IsAvailable);
    }

    [Fact]
    public void Heartbeats_at_their_habit_keep_it_available_and_their_absence_does_not()
    {
        var detector = Phi();
        Assert.True(AvailableAfter(detector, 0, 1000, 100, 1000, 1000));
        Assert.True(detector.IsMonitoring);
        _now += 7000;
        Assert.False(detector.IsAvailable);
        Assert.True(AvailableAfter(detector, 0, 1000, 1000));
    }

    [Fact]
    public void A_pause_that_is_accepted_is_added_to_the_habit()
    {
        var detector = Phi(threshold: 8, pause: 3000);
        Assert.True(AvailableAfter(detector, 0, 1000, 1000, 1000, 1000, 1000));
        _now += 4000;
        Assert.True(detector.IsAvailable);
        _now += 3000;
        Assert.False(detector.IsAvailable);
    }

    [Fact]
    public void Suspicion_only_grows_while_nothing_is_heard()
    {
        var intervals = Gen.Choose(1, 3000).ArrayOf();
        FsCheck.Check.QuickThrowOnFailure(Prop.ForAll(intervals.ToArbitrary(), heard =>
        {
            var detector = Phi();
            AvailableAfter(detector, [0, .. heard]);
            var available = true;
            for (var i = 0; i < 100; i++)
            {
                _now += 500;
                if (detector.IsAvailable && !available) return false;
                available = detector.IsAvailable;
            }
            return !available;
        }));
    }

    [Fact]
    public void A_deadline_is_the_interval_and_the_pause()
    {
        var detector = new DeadlineFailureDetector(TimeSpan.FromMilliseconds(500), TimeSpan.FromMilliseconds(1000), () => _now);
        detector.HeartBeat();
        _now += 1499;
        Assert.True(detector.IsAvailable);
        _now += 1;
        Assert.False(detector.IsAvailable);
        detector.HeartBeat();
        Assert.True(detector.IsAvailable);
    }

    [Fact]
    public void Detectors_are_made_as_configured_and_kept_by_resource()
    {
        using var system = Akka.Actor.ActorSystem.Create("detectors");
        var config = ConfigurationFactory.ParseString("heartbeat-interval = 1s, acceptable-heartbeat-pause = 3s, threshold = 8, max-sample-size = 10, min-std-deviation = 100ms");
        Assert.IsType<DeadlineFailureDetector>(FailureDetectorLoader.Load("Akka.Remote.DeadlineFailureDetector, Akka.Remote", config, system));
        Assert.IsType<PhiAccrualFailureDetector>(FailureDetectorLoader.Load("Akka.Remote.PhiAccrualFailureDetector, Akka.Remote", config, system));
        Assert.Throws<ConfigurationException>(() => FailureDetectorLoader.Load("No.Such, Type", config, system));
        var registry = new DefaultFailureDetectorRegistry<string>(() => new DeadlineFailureDetector(TimeSpan.FromSeconds(1), () => _now));
        registry.Heartbeat("a");
        Assert.True(registry.IsMonitoring("a"));
        Assert.False(registry.IsMonitoring("b"));
        _now += 2000;
        registry.Heartbeat("b");
        Assert.Equal((false, true, true), (registry.IsAvailable("a"), registry.IsAvailable("b"), registry.IsAvailable("c")));
        registry.Remove("a");
        Assert.True(registry.IsAvailable("a"));
        registry.Reset();
        Assert.False(registry.IsMonitoring("b"));
    }
}
