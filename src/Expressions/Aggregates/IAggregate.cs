namespace Actors.Expressions;

/// <summary>
/// One aggregate function at work on one group. The object is used for group after group: state is read into it, a value added, the state
/// written back.
/// </summary>
public interface IAggregate
{
    /// <summary>The state of a group nothing has come to.</summary>
    void Reset();

    void Read(ref StateReader state);
    void Write(StateWriter state);
    void Add(in Value value);

    /// <summary>Whether a value can be taken out again, as aggregating a table needs.</summary>
    bool CanRemove { get; }

    /// <summary>Takes out a value that was added.</summary>
    /// <exception cref="NotSupportedException">The function cannot.</exception>
    void Remove(in Value value);

    Value Result();
}
