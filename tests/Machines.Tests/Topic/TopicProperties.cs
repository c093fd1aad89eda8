using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Actors.Machines.Tests;

/// <summary>Random creations, deletions and changes against a dictionary of names.</summary>
public class TopicProperties
{
    private static readonly string[] Names = ["a", "b", "c", "a.b", "a_b", "b-c"];

    [Fact]
    public void Topics_are_what_was_made_of_them()
    {
        var step = Gen.Choose(0, 99_999).Select(number => (Kind: number % 5, Number: number / 5));
        Prop.ForAll(Arb.From(step.ListOf(60).Select(list => list.ToList())), run =>
        {
            var (machine, model, journal, ids) = (new TopicsMachine(), new SortedDictionary<string, (int Partitions, string? Retention)>(StringComparer.Ordinal),
                new List<(string, byte[])>(), 0);
            foreach (var (kind, number) in run)
            {
                var decision = machine.Decide(Command(kind, number, ++ids), 0);
                foreach (var @event in decision.Events)
                {
                    journal.Add((TopicsEvents.Manifest(@event), TopicsEvents.Write(@event)));
                    machine.Apply(@event, machine.AppliedSequenceNr + 1);
                }
                Model(model, kind, number);
                Assert.Equal(model.Select(pair => (pair.Key, pair.Value.Partitions, pair.Value.Retention)),
                    machine.Image.ByName.Values.Select(topic => (topic.Name, topic.Partitions, topic.Configs.GetValueOrDefault("retention.ms"))));
                Assert.Equal(machine.Image.ByName.Values.Select(topic => topic.Id).Order(), machine.Image.ById.Keys.Order());
                Assert.Empty(machine.Image.Deleted.Keys.Intersect(machine.Image.ById.Keys));
            }
            CheckRecovery(machine, journal);
        }).QuickCheckThrowOnFailure();
    }

    private static TopicsCommand Command(int kind, int number, int id)
    {
        var name = Names[number % Names.Length];
        return kind switch
        {
            0 or 1 => new CreateTopics([new NewTopic(name, new Guid(id, 0, 0, new byte[8]), 1 + number % 3)], ValidateOnly: false, [1]),
            2 => new DeleteTopics([new TopicReference(name, null)]),
            3 => new CreatePartitions([new MorePartitions(name, number % 7)], ValidateOnly: false, [1]),
            _ => new AlterConfigs([new ResourceChanges(ConfigurationResource.Topic(name), [new ConfigChange("retention.ms", $"{number}", number % 2 == 0 ? ConfigOperation.Set : ConfigOperation.Delete)])], ValidateOnly: false, AskedNode: 1),
        };
    }

    private static void Model(SortedDictionary<string, (int Partitions, string? Retention)> model, int kind, int number)
    {
        var name = Names[number % Names.Length];
        var exists = model.TryGetValue(name, out var topic);
        var collides = (name == "a.b" && model.ContainsKey("a_b")) || (name == "a_b" && model.ContainsKey("a.b"));
        switch (kind)
        {
            case 0 or 1 when !exists && !collides:
                model.Add(name, (1 + number % 3, null));
                break;
            case 2:
                model.Remove(name);
                break;
            case 3 when exists && number % 7 > topic.Partitions:
                model[name] = topic with { Partitions = number % 7 };
                break;
            case 4 when exists:
                model[name] = topic with { Retention = number % 2 == 0 ? $"{number}" : null };
                break;
        }
    }

    private static void CheckRecovery(TopicsMachine machine, List<(string Manifest, byte[] Bytes)> journal)
    {
        var expected = machine.ToSnapshot().Write();
        Assert.Equal(expected, TopicsMachine.From(TopicsImage.Read(expected)).ToSnapshot().Write());
        var (replayed, half) = (new TopicsMachine(), new TopicsMachine());
        foreach (var (manifest, bytes) in journal)
        {
            if (replayed.AppliedSequenceNr == journal.Count / 2)
                half = TopicsMachine.From(TopicsImage.Read(replayed.ToSnapshot().Write()));
            replayed.Apply(TopicsEvents.Read(manifest, bytes), replayed.AppliedSequenceNr + 1);
            if (replayed.AppliedSequenceNr > journal.Count / 2)
                half.Apply(TopicsEvents.Read(manifest, bytes), half.AppliedSequenceNr + 1);
        }
        Assert.Equal(expected, replayed.ToSnapshot().Write());
        Assert.Equal(expected, half.ToSnapshot().Write());
    }
}
