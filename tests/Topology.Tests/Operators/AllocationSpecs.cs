using System.Text;

namespace Actors.Topology.Tests.Operators;

public class AllocationSpecs
{
    private sealed class CountingSink : ITaskSink
    {
        public long Outputs { get; private set; }
        public long Changes { get; private set; }
        public void Output(in OutputRecord record) => Outputs++;
        public void ChangeLog(StoreDescription store, ReadOnlySpan<byte> key, ReadOnlySpan<byte> state, bool tombstone, long timestamp) => Changes++;
    }

    [Theory]
    [InlineData("{ filter = \"rating >= 1\" }, { group-by = brand }, { aggregate { n = \"COUNT(*)\", mean = \"AVG(rating)\" } }, { having = \"n > 3\" }", 0)]
    [InlineData("{ filter = \"rating >= 1\" }, { group-by = key }, { window { tumbling = 5s } }, { aggregate { n = \"COUNT(*)\" } }", 0)]
    [InlineData("{ filter = \"rating > 1 AND brand IN ('Acme', 'Globex')\" }, { map-values { b = brand, r = \"rating * 2\" } }", 0)]
    public void A_record_allocates_nothing_on_its_way_through_a_task(string stages, int sub)
    {
        var plan = Flows.Plan(stages + Flows.To);
        var records = Enumerable.Range(0, 1000).Select(i =>
            InputRecord.Of(Encoding.UTF8.GetBytes($"k{i % 10}"), Encoding.UTF8.GetBytes($$"""{"brand":"{{(i % 2 == 0 ? "Acme" : "Globex")}}","duration":{{30 + i % 2 * 15}},"rating":{{i % 5 + 1}}}"""), 1000 + i, i)).ToArray();
        var sink = new CountingSink();
        var task = new TopologyTask(plan.SubTopologies[sub], 0, sink);
        var topic = plan.SubTopologies[sub].SourceTopics[0];
        for (var i = 0; i < 3; i++) task.Process(topic, records);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10; i++) task.Process(topic, records);
        var perRecord = (GC.GetAllocatedBytesForCurrentThread() - before) / 10_000.0;
        Assert.True(sink.Outputs > 0, "the flow should write");
        Assert.True(perRecord < 1, $"{perRecord} bytes a record");
    }
}
