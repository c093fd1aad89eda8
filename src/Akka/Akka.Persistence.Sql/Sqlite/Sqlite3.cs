using System.Runtime.InteropServices;

namespace Akka.Persistence.Sql.Sqlite;

/// <summary>
/// The functions of SQLite's C interface that the journal's hot path needs. Microsoft.Data.Sqlite copies every blob on its way
/// in; here it is bound where it lies.
/// </summary>
internal static unsafe partial class Sqlite3
{
    public const int Ok = 0;
    public const int Busy = 5;
    public const int Constraint = 19;
    public const int Row = 100;
    public const int Done = 101;
    public const int CheckpointPassive = 0;
    public const int CheckpointTruncate = 3;
    public const int FileControlFile = 7;
    public const int FileControlLog = 28;
    public const int SyncData = 0x12;
    public const int OpenReadWrite = 0x2;
    public const int OpenCreate = 0x4;
    public const int OpenNoMutex = 0x8000;

    [LibraryImport(SqliteLibrary.Name, EntryPoint = "sqlite3_open_v2", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string filename, out nint db, int flags, string? vfs);

    [LibraryImport(SqliteLibrary.Name, EntryPoint = "sqlite3_close_v2")]
    public static partial int Close(nint db);

    [LibraryImport(SqliteLibrary.Name, EntryPoint = "sqlite3_extended_errcode")]
    public static partial int ExtendedErrorCode(nint db);

    [LibraryImport(SqliteLibrary.Name, EntryPoint = "sqlite3_errmsg")]
    public static partial byte* ErrorMessage(nint db);

    [LibraryImport(SqliteLibrary.Name, EntryPoint = "sqlite3_busy_timeout")]
    public static partial int BusyTimeout(nint db, int milliseconds);

    [LibraryImport(SqliteLibrary.Name, EntryPoint = "sqlite3_get_autocommit")]
    public static partial int GetAutocommit(nint db);

    [LibraryImport(SqliteLibrary.Name, EntryPoint = "sqlite3_changes")]
    public static partial int Changes(nint db);

    [LibraryImport(SqliteLibrary.Name, EntryPoint = "sqlite3_prepare_v2")]
    public static partial int Prepare(nint db, byte* sql, int bytes, out nint statement, out byte* tail);

    [LibraryImport(SqliteLibrary.Name, EntryPoint = "sqlite3_step")]
    public static partial int Step(nint statement);

    [LibraryImport(SqliteLibrary.Name, EntryPoint = "sqlite3_reset")]
    public static partial int Reset(nint statement);

    [LibraryImport(SqliteLibrary.Name, EntryPoint = "sqlite3_finalize")]
    public static partial int Finalize(nint statement);

    [LibraryImport(SqliteLibrary.Name, EntryPoint = "sqlite3_bind_int64")]
    public static partial int BindInt64(nint statement, int index, long value);

    [LibraryImport(SqliteLibrary.Name, EntryPoint = "sqlite3_bind_text")]
    public static partial int BindText(nint statement, int index, byte* text, int bytes, nint destructor);

    [LibraryImport(SqliteLibrary.Name, EntryPoint = "sqlite3_bind_blob")]
    public static partial int BindBlob(nint statement, int index, byte* blob, int bytes, nint destructor);

    [LibraryImport(SqliteLibrary.Name, EntryPoint = "sqlite3_column_int64")]
    public static partial long ColumnInt64(nint statement, int column);

    [LibraryImport(SqliteLibrary.Name, EntryPoint = "sqlite3_column_text")]
    public static partial byte* ColumnText(nint statement, int column);

    [LibraryImport(SqliteLibrary.Name, EntryPoint = "sqlite3_column_blob")]
    public static partial byte* ColumnBlob(nint statement, int column);

    [LibraryImport(SqliteLibrary.Name, EntryPoint = "sqlite3_column_bytes")]
    public static partial int ColumnBytes(nint statement, int column);

    [LibraryImport(SqliteLibrary.Name, EntryPoint = "sqlite3_blob_open", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int BlobOpen(nint db, string database, string table, string column, long row, int writable, out nint blob);

    [LibraryImport(SqliteLibrary.Name, EntryPoint = "sqlite3_blob_reopen")]
    public static partial int BlobReopen(nint blob, long row);

    [LibraryImport(SqliteLibrary.Name, EntryPoint = "sqlite3_blob_read")]
    public static partial int BlobRead(nint blob, byte* target, int bytes, int offset);

    [LibraryImport(SqliteLibrary.Name, EntryPoint = "sqlite3_blob_close")]
    public static partial int BlobClose(nint blob);

    [LibraryImport(SqliteLibrary.Name, EntryPoint = "sqlite3_wal_checkpoint_v2")]
    public static partial int Checkpoint(nint db, byte* name, int mode, out int framesInLog, out int framesCheckpointed);

    [LibraryImport(SqliteLibrary.Name, EntryPoint = "sqlite3_file_control", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int FileControl(nint db, string name, int operation, void* argument);

    [LibraryImport(SqliteLibrary.Name, EntryPoint = "sqlite3_wal_hook")]
    public static partial nint WalHook(nint db, delegate* unmanaged[Cdecl]<void*, nint, byte*, int, int> hook, void* argument);

    /// <summary>What SQLite calls an open file by: its first word points to the file system's functions.</summary>
    public struct OpenFile
    {
        public Functions* Functions;
    }

    /// <summary>The beginning of sqlite3_io_methods.</summary>
    public struct Functions
    {
        public int Version;
        public nint Close;
        public nint Read;
        public nint Write;
        public nint Truncate;
        public delegate* unmanaged[Cdecl]<OpenFile*, int, int> Sync;
    }
}
