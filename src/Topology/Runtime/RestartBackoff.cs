namespace Actors.Topology.Runtime;

/// <summary>
/// How long to wait before what failed is tried again: the first pause, then twice as long each time up to the greatest one. What ran for as long as the
/// greatest pause before it failed begins again with the first: a record that can never be read is met at once, however much is read beside it.
/// </summary>
internal sealed class RestartBackoff(TimeSpan first, TimeSpan greatest)
{
    /// <summary>How often it has failed since it last ran well.</summary>
    public int InARow { get; private set; }

    /// <summary>It failed: the pause before the next try.</summary>
    /// <param name="ran">For how long it had run; zero where it did not come so far.</param>
    public TimeSpan Failed(TimeSpan ran)
    {
        if (ran >= greatest) InARow = 0;
        var pause = InARow < 62 && first.Ticks <= greatest.Ticks >> InARow ? TimeSpan.FromTicks(first.Ticks << InARow) : greatest;
        InARow++;
        return pause;
    }

    /// <summary>The same, as what is shown of it.</summary>
    public TopologyFailure Fail(Exception error, TimeSpan ran, TimeProvider time, out TimeSpan pause)
    {
        pause = Failed(ran);
        var now = time.GetUtcNow();
        return new TopologyFailure(error.GetBaseException().Message, now, InARow, now + pause);
    }
}
