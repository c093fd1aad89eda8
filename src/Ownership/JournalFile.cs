using Microsoft.Data.Sqlite;

namespace Actors.Ownership;

/// <summary>What the data directory holds cannot be used as it is; the message names it and says what to do. Nothing was changed.</summary>
public sealed class DataUnusableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Looks at an embedded database before anything is made of it.</summary>
public static class JournalFile
{
    private const int Corrupt = 11, NotADatabase = 26;

    // Reading a larger file whole would be felt at the start; damage in it shows when it is read.
    private const long WholeUpTo = 32L * 1024 * 1024;

    /// <summary>Passes what is no SQLite file, or not there yet.</summary>
    /// <exception cref="DataUnusableException">The file is damaged, or something else.</exception>
    public static void Check(JournalDatabase database)
    {
        if (!database.IsSqlite)
            return;
        var file = database.File!;
        if (!File.Exists(file) || new FileInfo(file).Length is var length && length == 0)
            return;
        try
        {
            using var connection = (SqliteConnection)database.NewConnection();
            connection.Open();
            Read(connection, "PRAGMA schema_version");
            if (length <= WholeUpTo && Read(connection, "PRAGMA quick_check(1)") is not "ok" and var found)
                throw Damaged(file, found.Replace('\n', ' '), null);
        }
        catch (SqliteException e) when (e.SqliteErrorCode is Corrupt or NotADatabase)
        {
            throw Damaged(file, e.Message, e);
        }
    }

    /// <summary>What to say when the node's start finds the storage full (<see cref="StorageFull"/>).</summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="database">The journal's.</param>
    /// <param name="cause">What failed.</param>
    public static DataUnusableException NoRoom(string directory, JournalDatabase database, Exception cause)
    {
        var deepest = cause;
        while (deepest.InnerException is { } inner)
            deepest = inner;
        var (what, remedy) = database.File is { } file
            ? ($"the data directory {directory} and the database file {file}", "Make room on their volumes, or move them to a larger one (--data names the directory)")
            : ($"the data directory {directory} and the journal's database", "Make room on the directory's volume or the database server's");
        return new($"The storage is full: a node writes to {what} as it starts ({deepest.Message.TrimEnd('.')}). {remedy}. What is stored is as it was.", cause);
    }

    private static string Read(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToString(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture) ?? "";
    }

    private static DataUnusableException Damaged(string file, string found, SqliteException? inner) => new(
        $"The database file {file} is damaged ({found.TrimEnd('.')}). Put back a copy of it, with its -wal file if there was one; or save what can be read with: "
        + $"sqlite3 {file} .recover | sqlite3 recovered.db; or move it away to start with an empty log. It was not changed.", inner);
}
