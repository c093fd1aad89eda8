using Microsoft.Data.Sqlite;
using Npgsql;

namespace Actors.Ownership;

/// <summary>Tells a write that failed for want of room from others: nothing of it is stored, and the same write will do once there is room.</summary>
public static class StorageFull
{
    // SQLITE_FULL; SQLITE_IOERR_SHMSIZE, when the index of a write-ahead log finds no room; ENOSPC of Linux and ERROR_DISK_FULL of Windows in an exception's HResult.
    private const int SqliteFull = 13, SqliteNoIndex = 4874, NoSpace = 28, DiskFull = 112;

    /// <summary>Whether the failure, or one that it wraps, says so.</summary>
    public static bool Is(Exception? failure) => failure switch
    {
        null => false,
        AggregateException several => several.InnerExceptions.Any(Is),
        SqliteException { SqliteErrorCode: SqliteFull } or SqliteException { SqliteExtendedErrorCode: SqliteNoIndex } => true,
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } => true,
        IOException { HResult: var code } when (code & 0xffff) is NoSpace or DiskFull => true,
        _ => Is(failure.InnerException),
    };
}
