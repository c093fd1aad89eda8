using System.Text;
using Actors.Expressions;
using Actors.Topology.Testing;
using FsCheck;
using FsCheck.Fluent;
using static Actors.Topology.Tests.Flows;

namespace Actors.Topology.Tests.Operators;

public class WindowProperties
{
    private sealed record Case(int Size, int Advance, int Grace, (int Key, int Time)[] Records)
    {
        public override string ToString() => $"size {Size} advance {Advance} grace {Grace}: {string.Join(" ", Records.Select(r => $"{r.Key}@{r.Time}"))}";
    }

    private static Gen<Case> Cases(bool hopping) =>
        from size in Gen.Choose(1, 20)
        from advance in hopping ? Gen.Choose(1, size) : Gen.Constant(size)
        from grace in Gen.Choose(0, 30)
        from count in Gen.Choose(0, 60)
        from records in (from key in Gen.Choose(0, 3) from time in Gen.Choose(0, 100) select (key, time)).ArrayOf(count)
        select new Case(size, advance, grace, records);

    private static TopologyTestDriver Run(Case c, bool restart)
    {
        var window = c.Size == c.Advance ? $"tumbling = {c.Size}ms" : $"hopping = {c.Size}ms, advance = {c.Advance}ms";
        var driver = new TopologyTestDriver(Plan($$"""{ group-by = b }, { window { {{window}}, grace = {{c.Grace}}ms } }, { aggregate { n = "COUNT(*)" } } """ + To));
        for (var i = 0; i < c.Records.Length; i++)
        {
            driver.Pipe("in", null, $$"""{"b":"{{c.Records[i].Key}}"}""", c.Records[i].Time);
            if (restart && i == c.Records.Length / 2) driver.Restart();
        }
        return driver;
    }

    /// <summary>The same in a few lines: every window that holds the time and is not closed yet counts one more.</summary>
    private static List<string> Model(Case c)
    {
        var emitted = new List<string>();
        var counts = new Dictionary<(int, int), int>();
        var streamTime = -1;
        foreach (var (key, time) in c.Records)
        {
            streamTime = Math.Max(streamTime, time);
            for (var start = 0; start <= time; start += c.Advance)
            {
                if (time >= start + c.Size || start + c.Size + c.Grace <= streamTime) continue;
                emitted.Add($"{key}@{start}={counts[(key, start)] = counts.GetValueOrDefault((key, start)) + 1}");
            }
        }
        return emitted;
    }

    private static List<string> Emitted(TopologyTestDriver driver) =>
    [
        .. driver.ReadOutputs().Select(r =>
        {
            JsonText.TryRead(r.ValueJson, out var value);
            return $"{Encoding.UTF8.GetString(r.Key!.AsSpan(0, r.Key!.Length - 8))}@{r.Window!.Value.Start}={value.Field("n").AsLong}";
        }),
    ];

    [Fact]
    public void Counts_of_tumbling_windows_equal_the_models() => Check(hopping: false, restart: false);

    [Fact]
    public void Counts_of_hopping_windows_equal_the_models() => Check(hopping: true, restart: false);

    [Fact]
    public void Counts_over_a_restart_equal_the_models() => Check(hopping: true, restart: true);

    private static void Check(bool hopping, bool restart) =>
        Prop.ForAll(Cases(hopping).ToArbitrary(), c => Emitted(Run(c, restart)).SequenceEqual(Model(c)).Label($"{c}\nmodel {string.Join(" ", Model(c))}\nfound {string.Join(" ", Emitted(Run(c, restart)))}"))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(100));

    [Fact]
    public void A_record_falls_in_exactly_one_tumbling_window_that_holds_it() =>
        Prop.ForAll(Cases(hopping: false).ToArbitrary(), c =>
        {
            var driver = Run(c with { Grace = 1000 }, restart: false);
            var outputs = driver.ReadOutputs();
            return outputs.Count == c.Records.Length
                && outputs.Zip(c.Records).All(p => p.First.Window!.Value is var w && w.Start <= p.Second.Time && p.Second.Time < w.End && w.Start % c.Size == 0 && w.End - w.Start == c.Size);
        }).Check(Config.QuickThrowOnFailure);
}
