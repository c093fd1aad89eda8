using Akka.Configuration;
using Akka.Event;

namespace Akka.Remote;

/// <summary>
/// Suspicion grows with the time since the last heartbeat, measured against the spread of the intervals seen before
/// (Hayashibara and others, "The phi accrual failure detector", 2004).
/// </summary>
public class PhiAccrualFailureDetector : FailureDetector
{
    private readonly Lock _gate = new();
    private readonly Queue<double> _intervals = new();
    private readonly Clock _clock;
    private readonly double _threshold;
    private readonly int _maxSampleSize;
    private readonly double _minStdDeviation;
    private readonly double _acceptablePause;
    private readonly double _firstEstimate;
    private double _sum;
    private double _squares;
    private long? _last;

    public PhiAccrualFailureDetector(
        double threshold, int maxSampleSize, TimeSpan minStdDeviation, TimeSpan acceptableHeartbeatPause, TimeSpan firstHeartbeatEstimate, Clock? clock = null)
    {
        if (threshold <= 0) throw new ArgumentOutOfRangeException(nameof(threshold), "must be > 0");
        if (maxSampleSize <= 0) throw new ArgumentOutOfRangeException(nameof(maxSampleSize), "must be > 0");
        if (minStdDeviation <= TimeSpan.Zero) throw new ArgumentOutOfRangeException(nameof(minStdDeviation), "must be > 0");
        _clock = clock ?? DefaultClock;
        _threshold = threshold;
        _maxSampleSize = maxSampleSize;
        _minStdDeviation = minStdDeviation.TotalMilliseconds;
        _acceptablePause = acceptableHeartbeatPause.TotalMilliseconds;
        _firstEstimate = firstHeartbeatEstimate.TotalMilliseconds;
    }

    public PhiAccrualFailureDetector(Config config, EventStream ev) : this(
        config.GetDouble("threshold"),
        config.GetInt("max-sample-size"),
        config.GetTimeSpan("min-std-deviation"),
        config.GetTimeSpan("acceptable-heartbeat-pause"),
        config.GetTimeSpan("heartbeat-interval"))
    {
        _ = ev;
    }

    public string Address { get; set; } = "N/A";

    public override bool IsAvailable => Phi() < _threshold;

    public override bool IsMonitoring
    {
        get { lock (_gate) return _last.HasValue; }
    }

    public override void HeartBeat()
    {
        lock (_gate)
        {
            var now = _clock();
            if (_last is { } last)
            {
                // An interval after the node was thought dead says nothing about its habit.
                if (Phi(now) < _threshold) Add(now - last);
            }
            else
            {
                // A guess with a high deviation, until there are samples.
                Add(_firstEstimate - _firstEstimate / 4);
                Add(_firstEstimate + _firstEstimate / 4);
            }
            _last = now;
        }
    }

    private void Add(double interval)
    {
        if (_intervals.Count >= _maxSampleSize)
        {
            var oldest = _intervals.Dequeue();
            _sum -= oldest;
            _squares -= oldest * oldest;
        }
        _intervals.Enqueue(interval);
        _sum += interval;
        _squares += interval * interval;
    }

    private double Phi()
    {
        lock (_gate) return Phi(_clock());
    }

    private double Phi(long now)
    {
        if (_last is not { } last) return 0;
        var mean = _sum / _intervals.Count;
        var deviation = Math.Max(Math.Sqrt(Math.Max(0, _squares / _intervals.Count - mean * mean)), _minStdDeviation);
        // A logistic approximation of the cumulative normal distribution.
        var y = (now - last - mean - _acceptablePause) / deviation;
        var e = Math.Exp(-y * (1.5976 + 0.070566 * y * y));
        return y > 0 ? -Math.Log10(e / (1 + e)) : -Math.Log10(1 - 1 / (1 + e));
    }
}
