using Actors.Ownership;
using Akka.Actor;

namespace Actors.Node;

/// <summary>Makes this process the only one whose events the journal takes, before it writes anything of its own.</summary>
internal static class JournalOwnership
{
    private const string Journal = "akka.persistence.journal.sql";
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(30);

    /// <summary>On the embedded database the directory's lock decides: whoever else has written there is fenced at once.</summary>
    /// <exception cref="JournalUnavailableException">The journal does not answer.</exception>
    public static async Task TakeAsync(ActorSystem system, int nodeId, string storage)
    {
        var config = system.Settings.Config;
        var database = new JournalDatabase(config.GetString(Journal + ".provider-name"), config.GetString(Journal + ".connection-string"));
        var uuid = await JournalWriter.LearnUuidAsync(system, database, nodeId.ToString(System.Globalization.CultureInfo.InvariantCulture), Within);
        if (storage == "SQLite")
            await new Fence(database).AddAllButAsync(uuid);
    }
}
