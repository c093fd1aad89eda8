using Akka.Actor;
using Akka.Util;

namespace Akka.Pattern;

/// <summary>Tasks that begin later, on the scheduler's clock.</summary>
public static class FutureTimeoutSupport
{
    public static Task<T> After<T>(TimeSpan duration, IScheduler scheduler, Func<Task<T>> value)
    {
        if (duration <= TimeSpan.Zero) return Start(value);
        var due = new TaskCompletionSource();
        scheduler.Advanced.ScheduleOnce(duration, () => due.TrySetResult());
        return Later(due.Task, value);
    }

    private static async Task<T> Later<T>(Task due, Func<Task<T>> value)
    {
        await due.ConfigureAwait(false);
        return await value().ConfigureAwait(false);
    }

    private static async Task<T> Start<T>(Func<Task<T>> value) => await value().ConfigureAwait(false);
}

/// <summary>Trying again.</summary>
public static class RetrySupport
{
    public static Task<T> Retry<T>(Func<Task<T>> attempt, int attempts) => Retry(attempt, attempts, _ => Option<TimeSpan>.None, null);

    public static Task<T> Retry<T>(Func<Task<T>> attempt, int attempts, TimeSpan delay, IScheduler scheduler) => Retry(attempt, attempts, _ => delay, scheduler);

    /// <summary>The pause grows from the least to the greatest, as a <see cref="BackoffSupervisor"/>'s does.</summary>
    public static Task<T> Retry<T>(Func<Task<T>> attempt, int attempts, TimeSpan minBackoff, TimeSpan maxBackoff, int randomFactor, IScheduler scheduler)
    {
        if (minBackoff <= TimeSpan.Zero) throw new ArgumentException("Parameter minBackoff must be > 0", nameof(minBackoff));
        if (maxBackoff < minBackoff) throw new ArgumentException("Parameter maxBackoff must be >= minBackoff", nameof(maxBackoff));
        if (randomFactor is < 0 or > 1) throw new ArgumentException("RandomFactor must be between 0.0 and 1.0", nameof(randomFactor));
        return Retry(attempt, attempts, n => BackoffSupervisor.CalculateDelay(n, minBackoff, maxBackoff, randomFactor, Random.Shared.NextDouble()), scheduler);
    }

    /// <summary>At most so many attempts after the first; the last failure is the result.</summary>
    public static async Task<T> Retry<T>(Func<Task<T>> attempt, int attempts, Func<int, Option<TimeSpan>> delayFunction, IScheduler scheduler)
    {
        if (attempts < 0) throw new ArgumentException("Parameter attempts must be >= 0.", nameof(attempts));
        for (var tried = 0; ; tried++)
        {
            try
            {
                return await attempt().ConfigureAwait(false);
            }
            catch (Exception) when (tried < attempts)
            {
                if (delayFunction(tried) is { HasValue: true, Value: var delay } && delay > TimeSpan.Zero) await FutureTimeoutSupport.After(delay, scheduler, () => Task.FromResult(true)).ConfigureAwait(false);
            }
        }
    }
}
