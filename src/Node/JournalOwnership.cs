using Actors.Ownership;
using Akka.Actor;

namespace Actors.Node;

/// <summary>Makes this process the only one whose events the journal takes, before it writes anything of its own.</summary>
internal static class JournalOwnership
{
    public static readonly TimeSpan Within = TimeSpan.FromSeconds(30);

    /// <summary>On the embedded database the directory's lock decides: whoever else has written there is fenced at once.</summary>
    /// <exception cref="JournalUnavailableException">The journal does not answer.</exception>
    public static async Task TakeAsync(ActorSystem system, JournalDatabase database, NodeIdentity node, string storage)
    {
        var uuid = await JournalWriter.LearnUuidAsync(system, database, node.Name, Within);
        if (storage == "SQLite")
            await new Fence(database).AddAllButAsync(uuid);
    }
}
