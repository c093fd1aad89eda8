namespace Actors.Hocon.Tests;

public sealed class Settings
{
    private const string Good = """
        actors {
          port = 9092, host = localhost, ratio = 0.5, enabled = on, sync = full, session = 10s, segment = 1 MiB, journal = Sqlite
          listeners = [a, b]
          topics { z { partitions = 3 }, a { partitions = 1 } }
        }
        """;

    private enum Sync
    {
        Normal,
        Full,
    }

    [Fact]
    public void Reads_every_type_and_finds_nothing_wrong()
    {
        var errors = new HoconErrors();
        var section = SectionOf(Good, errors);
        Assert.Equal((9092, "localhost", 0.5, true), (section.Int("port", 1, 65535), section.Text("host"), section.Double("ratio", 0, 1), section.Flag("enabled")));
        Assert.Equal((Sync.Full, TimeSpan.FromSeconds(10), 1048576), (section.Enum<Sync>("sync"), section.Duration("session", TimeSpan.Zero, TimeSpan.FromHours(1)), section.IntBytes("segment", 1, int.MaxValue)));
        Assert.Equal("Sqlite", section.Choice("journal", "Postgres", "Sqlite"));
        Assert.Equal(["a", "b"], section.Texts("listeners"));
        Assert.Equal([("z", 3), ("a", 1)], section.Section("topics").Entries().Select(entry => (entry.Key, entry.Value.Int("partitions", 1, 100))));
        Assert.False(section.Has("absent"));
        Assert.Null(section.OptionalSection("absent"));
        section.Done();
        errors.ThrowIfAny();
    }

    [Fact]
    public void All_errors_are_collected_one_a_line_in_the_order_of_the_file()
    {
        var errors = new HoconErrors();
        var section = SectionOf("""
            actors {
              port = 70000
              sync = sometimes
              sesion = 10s
              topics { z { partitions = none, colour = red }, plain = 5 }
              listeners = [a, [b]]
              gone = null
            }
            """, errors);
        section.Int("port", 1, 65535);
        section.Enum<Sync>("sync");
        section.Duration("session", TimeSpan.Zero, TimeSpan.FromHours(1));
        foreach (var (_, topic) in section.Section("topics").Entries()) topic.Int("partitions", 1, 100);
        section.Texts("listeners");
        section.Text("gone");
        section.Section("nothing").Section("below").Int("unseen", 1, 2);
        section.Done();
        Assert.Equal("""
            f.conf:1:8: actors.session: is missing
            f.conf:1:8: actors.nothing: is missing
            f.conf:2:10: actors.port: 70000 is not between 1 and 65535
            f.conf:3:10: actors.sync: "sometimes" is not one of normal, full
            f.conf:4:3: actors.sesion: unknown key; did you mean session?
            f.conf:5:29: actors.topics.z.partitions: "none" is not a whole number
            f.conf:5:35: actors.topics.z.colour: unknown key; known are partitions
            f.conf:5:59: actors.topics.plain: 5 is not an object
            f.conf:6:19: actors.listeners[1]: a list is not text
            f.conf:7:10: actors.gone: is missing
            """.ReplaceLineEndings("\n"), Assert.Throws<HoconException>(errors.ThrowIfAny).Message);
    }

    [Fact]
    public void A_section_read_twice_is_one_section()
    {
        var errors = new HoconErrors();
        var section = SectionOf("actors { a { x = 1, y = 2 } }", errors);
        section.Section("a").Int("x", 0, 9);
        section.Section("a").Int("y", 0, 9);
        section.Done();
        Assert.False(errors.Any);
    }

    private static HoconSection SectionOf(string text, HoconErrors errors) => new HoconSection(HoconDocument.Parse(text, "f.conf").Resolve().Get("actors").GetObject(), errors);
}
