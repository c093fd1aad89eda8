using System.Threading.Channels;

namespace Actors.Client;

/// <summary>Wakes one waiting loop; being set twice before it looks wakes it once. A timer may set it later.</summary>
internal sealed class Signal : IDisposable
{
    private readonly Channel<bool> _set = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ITimer _timer;

    public Signal(TimeProvider time) => _timer = time.CreateTimer(static self => ((Signal)self!).Set(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    public void Set() => _set.Writer.TryWrite(true);

    /// <summary>Waits until set, at most <paramref name="atMost"/>.</summary>
    public async ValueTask WaitAsync(TimeSpan atMost, CancellationToken cancellation)
    {
        _timer.Change(atMost, Timeout.InfiniteTimeSpan);
        await _set.Reader.ReadAsync(cancellation);
    }

    public void Dispose() => _timer.Dispose();
}
