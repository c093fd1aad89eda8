using System.Runtime.InteropServices;
using Akka.Configuration;
using Microsoft.Data.Sqlite;

namespace Akka.Persistence.Sql.Sqlite;

/// <summary>How hard SQLite tries to keep what it acknowledged: NORMAL survives a killed process, FULL a power loss too.</summary>
internal enum Synchronous
{
    Normal = 1,
    Full = 2,
}

/// <summary>One connection to an SQLite file, used by one thread at a time.</summary>
internal sealed unsafe class SqliteDatabase : IDisposable
{
    private const int BusyMilliseconds = 5_000;

    private SqliteDatabase(nint handle) => Handle = handle;

    public nint Handle { get; private set; }

    /// <summary>Whether no transaction is open; SQLite itself rolls back when, say, the disk is full.</summary>
    public bool InAutocommit => Sqlite3.GetAutocommit(Handle) != 0;

    public int Changes => Sqlite3.Changes(Handle);

    /// <summary>The file that a connection string names.</summary>
    public static string FileOf(string connectionString)
    {
        var builder = new SqliteConnectionStringBuilder(connectionString);
        if (builder.Mode == SqliteOpenMode.Memory || builder.DataSource is "" or ":memory:")
            throw new ConfigurationException("connection-string: the SQLite journal needs a file (Data Source=...).");
        return builder.DataSource;
    }

    /// <summary>Opens a file, or creates it with pages and vacuum as the journal wants them.</summary>
    public static SqliteDatabase Open(string file, Synchronous synchronous)
    {
        var code = Sqlite3.Open(file, out var handle, Sqlite3.OpenReadWrite | Sqlite3.OpenCreate | Sqlite3.OpenNoMutex, null);
        var database = new SqliteDatabase(handle);
        try
        {
            database.Check(code, file);
            database.Check(Sqlite3.BusyTimeout(handle, BusyMilliseconds));
            if (database.ReadInt64("PRAGMA page_count") == 0)
            {
                // On an older file they would change nothing, yet wait for its writer.
                database.Execute("PRAGMA page_size = 16384");
                database.Execute("PRAGMA auto_vacuum = INCREMENTAL");
                database.Execute("PRAGMA journal_mode = WAL");
            }
            database.Execute("PRAGMA wal_autocheckpoint = 0");
            database.Execute("PRAGMA secure_delete = OFF");
            database.Execute("PRAGMA temp_store = MEMORY");
            database.Execute($"PRAGMA synchronous = {(int)synchronous}");
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    public SqliteStatement Prepare(string sql) => new(this, sql);

    public void Execute(string sql)
    {
        using var statement = Prepare(sql);
        while (statement.Step())
        {
        }
    }

    public long ReadInt64(string sql)
    {
        using var statement = Prepare(sql);
        return statement.ReadInt64();
    }

    /// <summary>Moves what it can from the log into the file without waiting for anyone; says whether all of it was moved.</summary>
    public bool Checkpoint(int mode)
    {
        var code = Sqlite3.Checkpoint(Handle, null, mode, out var inLog, out var moved);
        if ((code & 0xff) == Sqlite3.Busy) return false;
        Check(code);
        return inLog == moved;
    }

    /// <summary>Brings to the disk what was written to the file or its log. Through SQLite's own file, for closing another one would end SQLite's locks.</summary>
    public void Sync()
    {
        Sync(Sqlite3.FileControlLog);
        Sync(Sqlite3.FileControlFile);
    }

    /// <summary>Calls back after each commit of this connection with the number of frames in the log, at <paramref name="frames"/>.</summary>
    public void CountFrames(int* frames) => Sqlite3.WalHook(Handle, &Committed, frames);

    public void Check(int code, string? about = null)
    {
        if (code != Sqlite3.Ok) throw Failure(code, about);
    }

    public SqliteException Failure(int code, string? about = null)
    {
        var extended = Handle == 0 ? code : Sqlite3.ExtendedErrorCode(Handle);
        var message = Handle == 0 ? null : Marshal.PtrToStringUTF8((nint)Sqlite3.ErrorMessage(Handle));
        return new SqliteException($"SQLite Error {code}: '{message}'.{(about is null ? "" : $" ({about})")}", code & 0xff, extended);
    }

    public void Dispose()
    {
        if (Handle != 0) Sqlite3.Close(Handle);
        Handle = 0;
    }

    private void Sync(int which)
    {
        Sqlite3.OpenFile* file = null;
        Check(Sqlite3.FileControl(Handle, "main", which, &file));
        if (file is not null && file->Functions is not null) Check(file->Functions->Sync(file, Sqlite3.SyncData));
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(System.Runtime.CompilerServices.CallConvCdecl)])]
    private static int Committed(void* argument, nint db, byte* name, int frames)
    {
        *(int*)argument = frames;
        return Sqlite3.Ok;
    }
}
