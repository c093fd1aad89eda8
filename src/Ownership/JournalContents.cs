using System.Globalization;

namespace Actors.Ownership;

/// <summary>What the journal's table holds of one persistent actor.</summary>
/// <param name="Rows">Events that are not deleted.</param>
/// <param name="Bytes">Of their serialised forms; what the database adds is not counted.</param>
/// <param name="FirstSequenceNr">Of the first of them; 0 without any.</param>
/// <param name="LastSequenceNr">Of the last of them; 0 without any.</param>
public sealed record JournalContents(long Rows, long Bytes, long FirstSequenceNr, long LastSequenceNr)
{
    /// <summary>Looks at the rows of several, each by itself and in their order, on a connection of its own; it costs a look at every row.</summary>
    /// <param name="database">The database that the plugin is configured with.</param>
    /// <param name="persistenceIds">Whose rows.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<IReadOnlyList<JournalContents>> ReadAsync(JournalDatabase database, IEnumerable<string> persistenceIds, CancellationToken cancellation = default)
    {
        var contents = new List<JournalContents>();
        await using var connection = await database.OpenAsync(cancellation).ConfigureAwait(false);
        foreach (var id in persistenceIds)
        {
            await using var command = database.Command(connection, null, "journal-contents", ("pid", id));
            await using var row = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
            await row.ReadAsync(cancellation).ConfigureAwait(false);
            contents.Add(new JournalContents(Number(0), Number(1), Number(2), Number(3)));

            // PostgreSQL adds up to numeric.
            long Number(int column) => Convert.ToInt64(row.GetValue(column), CultureInfo.InvariantCulture);
        }
        return contents;
    }
}
