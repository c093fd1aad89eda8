using System.Buffers.Binary;
using System.Globalization;
using Actors.Expressions;

namespace Actors.Topology.Testing;

/// <summary>A window: start inclusive, end exclusive, epoch milliseconds.</summary>
public readonly record struct TestWindow(long Start, long End);

/// <summary>A record that a topology wrote to a topic.</summary>
public sealed class TestRecord
{
    internal TestRecord(OutputTopic target, byte[]? key, byte[]? value, long timestamp, IReadOnlyList<RecordHeader> headers)
    {
        (Target, Key, Value, Timestamp, Headers) = (target, key, value, timestamp, headers);
        if (!target.IsWindowed || key is null) return;
        var start = BinaryPrimitives.ReadInt64BigEndian(key.AsSpan(key.Length - 8));
        Window = new TestWindow(start, start + target.WindowSize);
    }

    /// <summary>Where it went, with its formats.</summary>
    public OutputTopic Target { get; }

    public string Topic => Target.Topic;

    /// <summary>The key's bytes as they are on the topic: a windowed one ends in its start.</summary>
    public byte[]? Key { get; }

    /// <summary>The value's bytes; null is a tombstone.</summary>
    public byte[]? Value { get; }

    public long Timestamp { get; }
    public IReadOnlyList<RecordHeader> Headers { get; }

    /// <summary>The window of a windowed key.</summary>
    public TestWindow? Window { get; }

    /// <summary>The key, without its window, as JSON.</summary>
    public string KeyJson => JsonLines.Read(Target.Key, Key is null ? null : Key[..^(Window is null ? 0 : 8)]);

    /// <summary>The value as JSON.</summary>
    public string ValueJson => JsonLines.Read(Target.Value, Value);

    /// <summary>The record as a line of <c>actors topologies test</c>.</summary>
    public override string ToString()
    {
        var window = Window is { } w ? string.Create(CultureInfo.InvariantCulture, $",\"window\":{{\"start\":{w.Start},\"end\":{w.End}}}") : "";
        var headers = Headers.Count == 0 ? "" : $",\"headers\":{JsonLines.WriteHeaders(Headers)}";
        return string.Create(CultureInfo.InvariantCulture, $"{{\"topic\":{JsonText.ToJson(Expressions.Value.Of(Topic))},\"key\":{KeyJson},\"value\":{ValueJson},\"timestamp\":{Timestamp}{window}{headers}}}");
    }
}
