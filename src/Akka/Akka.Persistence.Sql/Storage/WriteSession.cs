namespace Akka.Persistence.Sql.Storage;

/// <summary>The writer's connection, in one dialect. Used by the writer's thread alone.</summary>
internal abstract class WriteSession : IDisposable
{
    /// <summary>Connects, and creates missing tables. Does nothing while connected.</summary>
    public abstract void Open();

    /// <summary>Stores all of the group in one transaction; when it throws, nothing of it is stored.</summary>
    public abstract void CommitTogether(IReadOnlyList<Work> group);

    /// <summary>
    /// Stores each of the group for itself, as far as it can be stored, and notes the others' failures at their places. When
    /// it throws, nothing is stored or it is unknown what is.
    /// </summary>
    public abstract void CommitSeparately(IReadOnlyList<Work> group, Exception?[] failures);

    /// <summary>Whether a failure says that one work of a group is to blame, as a taken key is, and not the database.</summary>
    public abstract bool BlamesOneWork(Exception failure);

    /// <summary>Deletes a slice of at most 64 rows in a transaction of its own; true when nothing is left to delete.</summary>
    public abstract bool DeleteSlice(DeleteEvents deletion);

    /// <summary>Upkeep between two transactions; <paramref name="idle"/> when nothing waits. True when more of it is due.</summary>
    public abstract bool BetweenCommits(bool idle);

    public abstract void Dispose();
}
