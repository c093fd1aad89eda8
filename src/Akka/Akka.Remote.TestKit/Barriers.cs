namespace Akka.Remote.TestKit;

/// <summary>What a barrier's node is told.</summary>
internal readonly record struct BarrierOutcome(string Barrier, string? Failure, IReadOnlyList<string> Nodes);

/// <summary>Which nodes stand before which barrier: pure, all that happens is an argument.</summary>
internal sealed class Barriers
{
    private readonly HashSet<string> _nodes = [];
    private readonly HashSet<string> _arrived = [];
    private readonly HashSet<string> _failed = [];
    private string? _current;
    private string? _lost;

    internal IReadOnlyCollection<string> Nodes => _nodes;

    internal void Join(string node) => _nodes.Add(node);

    internal BarrierOutcome? Enter(string node, string barrier)
    {
        if (_lost is not null) return new BarrierOutcome(barrier, $"node [{_lost}] was lost", [node]);
        if (_failed.Contains(barrier)) return new BarrierOutcome(barrier, $"[{barrier}] has failed already", [node]);
        if (_current is not null && _current != barrier)
        {
            _failed.Add(barrier);
            return Fail($"[{node}] entered [{barrier}] while [{string.Join(", ", _arrived)}] wait at [{_current}]", node);
        }
        _current = barrier;
        _arrived.Add(node);
        return PassIfAllArrived();
    }

    /// <summary>The node has gone, as it should: nobody waits for it.</summary>
    internal BarrierOutcome? Leave(string node)
    {
        _nodes.Remove(node);
        _arrived.Remove(node);
        return PassIfAllArrived();
    }

    /// <summary>The node has gone, and nobody asked it to: no barrier means anything any more.</summary>
    internal BarrierOutcome? Lose(string node)
    {
        _nodes.Remove(node);
        _arrived.Remove(node);
        _lost ??= node;
        return _current is null ? null : Fail($"node [{node}] was lost");
    }

    internal BarrierOutcome? TimeOut(string barrier)
    {
        if (_current != barrier) return null;
        return Fail($"timed out; arrived: [{string.Join(", ", _arrived.Order())}], missing: [{string.Join(", ", _nodes.Except(_arrived).Order())}]");
    }

    private BarrierOutcome? PassIfAllArrived()
    {
        if (_current is null || _arrived.Count == 0 || !_nodes.All(_arrived.Contains)) return null;
        var outcome = new BarrierOutcome(_current, null, [.. _arrived]);
        _current = null;
        _arrived.Clear();
        return outcome;
    }

    private BarrierOutcome Fail(string reason, string? also = null)
    {
        var outcome = new BarrierOutcome(_current!, reason, also is null ? [.. _arrived] : [.. _arrived, also]);
        _failed.Add(_current!);
        _current = null;
        _arrived.Clear();
        return outcome;
    }
}
