using System.Diagnostics;
using Microsoft.Data.Sqlite;

namespace Actors.Benchmarks;

/// <summary>What the least that SQLite can do for these blobs costs: prepared inserts, 4 MiB a transaction, WAL, NORMAL, 16 KiB pages, one index.</summary>
internal static class RawInserts
{
    private const int TransactionBytes = 4 * 1024 * 1024;

    /// <summary>CPU seconds of inserting the journal's largest persistence id into a new file, blob by blob.</summary>
    public static double CpuSecondsFor(string database)
    {
        var blobs = Read(database);
        var copy = Path.GetTempFileName();
        try
        {
            using var connection = new SqliteConnection($"Data Source={copy};Pooling=False");
            connection.Open();
            Execute(connection, "PRAGMA page_size=16384; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=4000;");
            Execute(connection, "CREATE TABLE j (ordering INTEGER PRIMARY KEY, persistence_id TEXT, sequence_number INTEGER, message BLOB, UNIQUE (persistence_id, sequence_number))");
            var before = Process.GetCurrentProcess().TotalProcessorTime;
            Insert(connection, blobs);
            return (Process.GetCurrentProcess().TotalProcessorTime - before).TotalSeconds;
        }
        finally
        {
            foreach (var file in (string[])[copy, copy + "-wal", copy + "-shm"])
                File.Delete(file);
        }
    }

    private static void Insert(SqliteConnection connection, List<byte[]> blobs)
    {
        using var insert = connection.CreateCommand();
        insert.CommandText = "INSERT INTO j (persistence_id, sequence_number, message) VALUES ('p-0123456789abcdef0123456789abcdef-0', $n, $m)";
        var (number, message) = (insert.Parameters.Add("$n", SqliteType.Integer), insert.Parameters.Add("$m", SqliteType.Blob));
        for (var i = 0; i < blobs.Count;)
        {
            using var transaction = connection.BeginTransaction();
            insert.Transaction = transaction;
            for (var bytes = 0; i < blobs.Count && bytes < TransactionBytes; i++)
            {
                (number.Value, message.Value) = (i, blobs[i]);
                insert.ExecuteNonQuery();
                bytes += blobs[i].Length;
            }
            transaction.Commit();
        }
    }

    private static List<byte[]> Read(string database)
    {
        var blobs = new List<byte[]>();
        using var connection = new SqliteConnection($"Data Source={database};Pooling=False");
        connection.Open();
        using var select = connection.CreateCommand();
        select.CommandText = "SELECT message FROM journal WHERE manifest = 'b' AND persistence_id = (SELECT persistence_id FROM journal WHERE manifest = 'b' ORDER BY ordering DESC LIMIT 1) ORDER BY sequence_number";
        using var reader = select.ExecuteReader();
        while (reader.Read())
            blobs.Add((byte[])reader[0]);
        return blobs;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
