using Actors.Broker.Network;
using Xunit;

namespace Actors.Broker.Tests.Network;

/// <summary>Bytes of requests being worked on are bounded, and who waits for room gets it in order.</summary>
public sealed class ByteBudgetSpec
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    [Fact]
    public void What_fits_is_let_in_at_once()
    {
        var budget = new ByteBudget(100);
        Assert.True(budget.AcquireAsync(60, default).AsTask().IsCompletedSuccessfully);
        Assert.True(budget.AcquireAsync(40, default).AsTask().IsCompletedSuccessfully);
        Assert.Equal(100, budget.Used);
    }

    [Fact]
    public async Task What_does_not_fit_waits_until_enough_came_back()
    {
        var budget = new ByteBudget(100);
        await budget.AcquireAsync(60, default);
        await budget.AcquireAsync(40, default);
        var waits = budget.AcquireAsync(50, default).AsTask();
        budget.Release(40);
        Assert.False(waits.IsCompleted);
        Assert.Equal(60, budget.Used);
        budget.Release(60);
        await waits.WaitAsync(Deadline);
        Assert.Equal(50, budget.Used);
    }

    [Fact]
    public async Task A_small_one_does_not_overtake_a_large_one_that_waits()
    {
        var budget = new ByteBudget(100);
        await budget.AcquireAsync(60, default);
        var large = budget.AcquireAsync(80, default).AsTask();
        var small = budget.AcquireAsync(10, default).AsTask();
        Assert.False(small.IsCompleted);
        budget.Release(60);
        await Task.WhenAll(large, small).WaitAsync(Deadline);
        Assert.Equal(90, budget.Used);
    }

    [Fact]
    public async Task One_larger_than_the_budget_is_let_in_alone()
    {
        var budget = new ByteBudget(100);
        await budget.AcquireAsync(1, default);
        var huge = budget.AcquireAsync(500, default).AsTask();
        Assert.False(huge.IsCompleted);
        budget.Release(1);
        await huge.WaitAsync(Deadline);
        var next = budget.AcquireAsync(1, default).AsTask();
        Assert.False(next.IsCompleted);
        budget.Release(500);
        await next.WaitAsync(Deadline);
    }

    [Fact]
    public async Task Who_gives_up_takes_nothing_and_is_no_obstacle()
    {
        var budget = new ByteBudget(100);
        await budget.AcquireAsync(100, default);
        using var impatient = new CancellationTokenSource();
        var first = budget.AcquireAsync(90, impatient.Token).AsTask();
        var second = budget.AcquireAsync(20, default).AsTask();
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.WaitAsync(Deadline));
        budget.Release(100);
        await second.WaitAsync(Deadline);
        Assert.Equal(20, budget.Used);
    }
}
