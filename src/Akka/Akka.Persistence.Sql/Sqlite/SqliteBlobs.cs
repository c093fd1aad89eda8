namespace Akka.Persistence.Sql.Sqlite;

/// <summary>
/// Reads blobs of one column, row after row, each straight into an array of its size. A column of a query would be gathered in SQLite's own memory first,
/// which costs a copy and, for large blobs, fresh pages each time. To be used while a query holds the transaction, and closed with it.
/// </summary>
internal sealed unsafe class SqliteBlobs(SqliteDatabase database, string table, string column) : IDisposable
{
    private nint _handle;

    public byte[] Read(long row, int length)
    {
        if (_handle == 0) database.Check(Sqlite3.BlobOpen(database.Handle, "main", table, column, row, 0, out _handle), table);
        else database.Check(Sqlite3.BlobReopen(_handle, row), table);
        var blob = GC.AllocateUninitializedArray<byte>(length);
        fixed (byte* target = blob) database.Check(Sqlite3.BlobRead(_handle, target, length, 0), table);
        return blob;
    }

    public void Dispose()
    {
        if (_handle != 0) Sqlite3.BlobClose(_handle);
        _handle = 0;
    }
}
