using FsCheck;
using FsCheck.Fluent;

namespace Actors.Topology.Tests.Files;

public class HostileFileProperties
{
    private static string Commercials => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "topologies", "commercials.conf"));

    [Fact]
    public void A_damaged_file_is_planned_or_refused_with_places_in_it_and_never_throws()
    {
        var text = Commercials;
        var damage = from at in Gen.Choose(0, text.Length - 1) from length in Gen.Choose(0, 12) from put in Gen.Elements("", "{", "}", "\"", "[", "x", "= 5", "COUNT(", ",") select (at, length, put);
        Prop.ForAll(damage.ArrayOf(2).ToArbitrary(), damages =>
        {
            var damaged = text;
            foreach (var (at, length, put) in damages)
            {
                var start = Math.Min(at, damaged.Length);
                damaged = damaged.Remove(start, Math.Min(length, damaged.Length - start)).Insert(start, put);
            }
            var lines = damaged.Split('\n').Length;
            var planned = TopologyFile.TryRead(damaged, "damaged.conf", out var plan, out var errors);
            return (planned == (plan is not null) && planned == (errors.Count == 0) && errors.All(e => e.Line >= 1 && e.Line <= lines && e.Column >= 1 && e.Message.Length > 0))
                .Label($"{damaged}\n{string.Join("\n", errors)}");
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(400));
    }
}
