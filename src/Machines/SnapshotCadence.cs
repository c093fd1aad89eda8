namespace Actors.Machines;

/// <summary>Counts events since the last snapshot of a machine whose events are small.</summary>
internal sealed class SnapshotCadence
{
    private const int Events = 1_000;
    private int _since;

    public bool IsDue => _since >= Events;

    public void Applied() => _since++;

    public void Taken() => _since = 0;
}
