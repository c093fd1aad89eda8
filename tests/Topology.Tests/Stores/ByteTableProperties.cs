using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Actors.Topology.Tests.Stores;

public class ByteTableProperties
{
    [Fact]
    public void A_table_holds_what_a_dictionary_holds()
    {
        var step = from key in Gen.Choose(0, 40) from size in Gen.OneOf(Gen.Choose(0, 60), Gen.Choose(0, 5000)) from remove in Gen.Choose(0, 3) select (key, size, remove: remove == 0);
        Prop.ForAll(step.ArrayOf(300).ToArbitrary(), steps =>
        {
            var table = new ByteTable();
            var model = new Dictionary<int, byte[]>();
            foreach (var (key, size, remove) in steps)
            {
                var bytes = Encoding.UTF8.GetBytes($"key-{key}");
                var value = Enumerable.Range(0, size).Select(i => (byte)(i * 31 + key)).ToArray();
                var row = table.Find(bytes);
                Assert.Equal(model.ContainsKey(key), row >= 0);
                if (remove && row >= 0) table.Remove(row);
                else if (row >= 0) table.Set(row, value);
                else if (!remove) table.Add(bytes, value);
                if (remove) model.Remove(key);
                else model[key] = value;
            }
            Assert.Equal(model.Count, table.Count);
            foreach (var (key, value) in model)
            {
                var row = table.Find(Encoding.UTF8.GetBytes($"key-{key}"));
                Assert.True(row >= 0 && table.Value(row).SequenceEqual(value), $"key-{key}");
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(50));
    }

    [Fact]
    public void A_hundred_thousand_rows_are_few_objects_and_removed_rows_are_used_again()
    {
        var table = new ByteTable();
        for (var round = 0; round < 5; round++)
        {
            for (var i = 0; i < 100_000; i++) table.Add(BitConverter.GetBytes(i), BitConverter.GetBytes((long)i));
            Assert.Equal(100_000, table.Count);
            for (var i = 0; i < 100_000; i++) table.Remove(table.Find(BitConverter.GetBytes(i)));
        }
        Assert.Equal(0, table.Count);
        Assert.InRange(table.MemoryBytes, 0, 16_000_000);
    }

    [Fact]
    public void Rows_of_windows_come_out_earliest_first()
    {
        var index = new WindowIndex();
        long[] starts = [50, 10, 30, 10, 20, 50];
        for (var row = 0; row < starts.Length; row++) index.Add(row, starts[row]);
        index.Remove(4, 20);
        var order = new List<long>();
        while (index.TryFirst(49, out var row))
        {
            order.Add(starts[row]);
            index.Remove(row, starts[row]);
        }
        Assert.Equal([10, 10, 30], order);
        Assert.True(index.TryFirst(50, out _));
    }
}
