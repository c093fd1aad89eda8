using System.Text;
using Actors.Expressions;
using Actors.Hocon;

namespace Actors.Topology.Testing;

/// <summary>
/// <c>actors topologies test FILE --input IN.jsonl [--expect OUT.jsonl]</c> as a call: runs a topology file over lines of records, without a node.
/// Input lines are <c>{"topic","key","value","timestamp"[,"partition","headers"]}</c> or <c>{"advance":"5s"}</c>, which moves the wall clock.
/// Of an expected line the fields it has are compared, as JSON.
/// </summary>
public static class TopologyTest
{
    /// <summary>All went well, and what came out is what was expected.</summary>
    public const int Passed = 0;

    /// <summary>What came out is not what was expected.</summary>
    public const int Different = 1;

    /// <summary>The topology or a line of the input or the expectation cannot be read.</summary>
    public const int Unreadable = 2;

    /// <summary>Runs the files; returns the exit code.</summary>
    /// <param name="topologyFile">The topology file.</param>
    /// <param name="inputFile">The records that go in.</param>
    /// <param name="expectFile">What should come out; null: it is not compared.</param>
    /// <param name="output">Gets what reaches <c>to</c> topics, a line a record.</param>
    /// <param name="error">Gets the errors, or the first difference.</param>
    public static int Run(string topologyFile, string inputFile, string? expectFile, TextWriter output, TextWriter error)
    {
        if (!TopologyFile.TryLoad(topologyFile, out var plan, out var errors))
        {
            error.WriteLine(TopologyError.Explain(errors));
            return Unreadable;
        }
        try
        {
            var produced = Run(plan, inputFile, File.ReadAllLines(inputFile));
            foreach (var record in produced) output.WriteLine(record);
            return expectFile is null ? Passed : Compare(produced, expectFile, File.ReadAllLines(expectFile), error);
        }
        catch (LineException wrong)
        {
            error.WriteLine(wrong.Message);
            return Unreadable;
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            error.WriteLine(wrong.Message);
            return Unreadable;
        }
    }

    /// <summary>Runs input lines through a topology; what reaches <c>to</c> topics, in the order of production.</summary>
    /// <exception cref="LineException">A line cannot be read.</exception>
    public static IReadOnlyList<TestRecord> Run(TopologyPlan plan, string inputName, IReadOnlyList<string> lines)
    {
        var inputs = lines.Select((text, i) => Line.Read(inputName, i + 1, text)).OfType<Line>().ToList();
        var partitions = new Dictionary<string, int>();
        foreach (var line in inputs)
            if (line.Topic is { } topic)
                partitions[topic] = Math.Max(partitions.GetValueOrDefault(topic, 1), line.Partition + 1 ?? 1);
        var driver = new TopologyTestDriver(plan, partitions);
        foreach (var line in inputs) line.Feed(driver);
        return driver.ReadOutputs();
    }

    /// <summary>Compares with expected lines; writes the first difference.</summary>
    internal static int Compare(IReadOnlyList<TestRecord> produced, string expectName, IReadOnlyList<string> lines, TextWriter error)
    {
        var at = 0;
        for (var i = 0; i < lines.Count; i++)
        {
            if (string.IsNullOrWhiteSpace(lines[i])) continue;
            if (!JsonText.TryRead(lines[i], out var expected) || expected.Kind != ValueKind.Object) throw new LineException(expectName, i + 1, "is no JSON object");
            var found = at < produced.Count ? produced[at].ToString() : null;
            at++;
            if (found is not null && Agrees(expected, found)) continue;
            error.WriteLine($"{expectName}:{i + 1}: output {at} differs\n  expected {lines[i].Trim()}\n  found    {found ?? "nothing more"}");
            return Different;
        }
        if (at == produced.Count) return Passed;
        error.WriteLine($"{expectName}: output {at + 1} is not expected\n  expected nothing more\n  found    {produced[at]}");
        return Different;
    }

    private static bool Agrees(in Value expected, string found)
    {
        JsonText.TryRead(found, out var actual);
        var fields = expected.ObjectFields();
        for (var i = 0; i < fields.Names.Length; i++)
            if (!actual.Field(fields.Names[i]).Equals(fields.Values[i]))
                return false;
        return true;
    }

    /// <summary>A line of input that was read.</summary>
    private sealed record Line(string File, int Number, string? Topic, int? Partition, Value Json, TimeSpan? Advance)
    {
        private static readonly string[] Known = ["topic", "key", "value", "timestamp", "partition", "headers"];

        public static Line? Read(string file, int number, string text)
        {
            if (string.IsNullOrWhiteSpace(text)) return null;
            if (!JsonText.TryRead(text, out var json) || json.Kind != ValueKind.Object) throw new LineException(file, number, "is no JSON object");
            if (!json.Field("advance").IsNull) return new Line(file, number, null, null, json, Duration(file, number, text));
            foreach (var name in json.ObjectFields().Names.Select(Encoding.UTF8.GetString))
                if (!Known.Contains(name))
                    throw new LineException(file, number, $"unknown field {name}; known are {string.Join(", ", Known)}, or advance alone");
            if (json.Field("topic") is not { Kind: ValueKind.String } topic) throw new LineException(file, number, "has no topic");
            if (json.Field("timestamp") is { Kind: not (ValueKind.Long or ValueKind.Null) }) throw new LineException(file, number, "timestamp is no integer of milliseconds");
            var partition = json.Field("partition");
            if (!partition.IsNull && (partition.Kind != ValueKind.Long || partition.AsLong is < 0 or > 9999)) throw new LineException(file, number, "partition is no number from 0 to 9999");
            return new Line(file, number, topic.AsString, partition.IsNull ? null : (int)partition.AsLong, json, null);
        }

        private static TimeSpan Duration(string file, int number, string text)
        {
            try
            {
                return HoconDocument.Parse(text, file).Resolve().Get("advance").GetDuration();
            }
            catch (HoconException wrong)
            {
                throw new LineException(file, number, $"advance {wrong.Reason}");
            }
        }

        public void Feed(TopologyTestDriver driver)
        {
            if (Advance is { } by)
            {
                driver.AdvanceWallClock(by);
                return;
            }
            var source = driver.Plan.Description.Sources.FirstOrDefault(s => s.Topic == Topic && driver.Plan.SourceTopics.Contains(s.Topic))
                ?? throw new LineException(File, Number, $"{Topic} is no source topic of {driver.Plan.Name}; they are {string.Join(", ", driver.Plan.SourceTopics)}");
            if (!JsonLines.TryWrite(source.Key, Json.Field("key"), out var key, out var reason)) throw new LineException(File, Number, $"key {reason}");
            if (!JsonLines.TryWrite(source.Value, Json.Field("value"), out var value, out reason)) throw new LineException(File, Number, $"value {reason}");
            var timestamp = Json.Field("timestamp");
            try
            {
                driver.Pipe(Topic!, key, value, timestamp.IsNull ? driver.WallClock : timestamp.AsLong, Partition, JsonLines.ReadHeaders(Json.Field("headers")));
            }
            catch (StreamsException failed)
            {
                throw new LineException(File, Number, failed.Message);
            }
        }
    }
}

/// <summary>A line of a file that cannot be read.</summary>
public sealed class LineException(string file, int line, string reason) : Exception($"{file}:{line}: {reason}");
