namespace Actors.Machines;

/// <summary>What a node does, in this order, before it takes what another owned. Each step may be done twice, and by several nodes at once.</summary>
public enum TakeoverStep
{
    /// <summary>Refuse the owner's renewals, if its counter is still the one under which it was judged.</summary>
    Condemn,

    /// <summary>End the owner's database sessions: one that is frozen inside a transaction holds its locks.</summary>
    EndSessions,

    /// <summary>Have the journal refuse the owner's writer.</summary>
    FenceWriter,

    /// <summary>Tell all that the first three are done.</summary>
    MarkOut,

    /// <summary>The owner's rows may be taken, each by compare-and-set on the owner.</summary>
    TakeRows,

    /// <summary>The owner was renewed meanwhile: nothing is taken.</summary>
    GiveUp,
}

/// <summary>The order of a takeover.</summary>
public static class Takeover
{
    /// <summary>The first step, for a row in this state.</summary>
    public static TakeoverStep First(LeaseState state) => state switch
    {
        LeaseState.Live => TakeoverStep.Condemn,
        LeaseState.Condemned => TakeoverStep.EndSessions,
        _ => TakeoverStep.TakeRows,
    };

    /// <summary>The step after one that succeeded; what failed is done again.</summary>
    /// <param name="condemned">Of <see cref="TakeoverStep.Condemn"/>: the row's state afterwards, as the database has it.</param>
    public static TakeoverStep After(TakeoverStep step, LeaseState condemned = LeaseState.Condemned) => step switch
    {
        TakeoverStep.Condemn => condemned == LeaseState.Live ? TakeoverStep.GiveUp : First(condemned),
        TakeoverStep.EndSessions => TakeoverStep.FenceWriter,
        TakeoverStep.FenceWriter => TakeoverStep.MarkOut,
        _ => TakeoverStep.TakeRows,
    };
}
