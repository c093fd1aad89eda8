using System.Runtime.InteropServices;
using System.Text;

namespace Akka.Persistence.Sql.Sqlite;

/// <summary>A prepared statement of one <see cref="SqliteDatabase"/>, used by one thread. Parameters count from 1, columns from 0.</summary>
internal sealed unsafe class SqliteStatement : IDisposable
{
    private const nint Static = 0;
    private const nint Transient = -1;

    private readonly SqliteDatabase _database;
    private nint _handle;

    public SqliteStatement(SqliteDatabase database, string sql)
    {
        _database = database;
        var text = Encoding.UTF8.GetBytes(sql);
        fixed (byte* p = text) database.Check(Sqlite3.Prepare(database.Handle, p, text.Length, out _handle, out _), sql);
    }

    public SqliteStatement Bind(int index, long value)
    {
        _database.Check(Sqlite3.BindInt64(_handle, index, value));
        return this;
    }

    public SqliteStatement Bind(int index, string value)
    {
        Span<byte> buffer = stackalloc byte[512];
        var text = Encoding.UTF8.TryGetBytes(value, buffer, out var length) ? buffer[..length] : Encoding.UTF8.GetBytes(value);
        fixed (byte* p = &MemoryMarshal.GetReference(text))
            _database.Check(Sqlite3.BindText(_handle, index, p, text.Length, Transient));
        return this;
    }

    /// <summary>Runs a statement without rows.</summary>
    public void Run()
    {
        var code = Sqlite3.Step(_handle);
        if (code != Sqlite3.Done) throw Failed(code);
        Sqlite3.Reset(_handle);
    }

    /// <summary>Runs a statement without rows and with one blob, which SQLite reads where it lies.</summary>
    public void Run(int blobIndex, byte[] blob)
    {
        // A null pointer would bind NULL, and an empty array has no first byte.
        var bytes = blob.Length == 0 ? Placeholder : blob;
        fixed (byte* p = bytes)
        {
            _database.Check(Sqlite3.BindBlob(_handle, blobIndex, p, blob.Length, Static));
            Run();
        }
    }

    /// <summary>Goes to the next row; at the end the statement is reset.</summary>
    public bool Step()
    {
        var code = Sqlite3.Step(_handle);
        if (code == Sqlite3.Row) return true;
        if (code != Sqlite3.Done) throw Failed(code);
        Sqlite3.Reset(_handle);
        return false;
    }

    public void Reset() => Sqlite3.Reset(_handle);

    /// <summary>The first column of the only row.</summary>
    public long ReadInt64()
    {
        if (!Step()) throw new InvalidOperationException("The statement gave no row.");
        var value = Int64(0);
        Reset();
        return value;
    }

    public long Int64(int column) => Sqlite3.ColumnInt64(_handle, column);

    public string Text(int column) => Encoding.UTF8.GetString(Utf8(column));

    /// <summary>Valid until the next step.</summary>
    public ReadOnlySpan<byte> Utf8(int column)
    {
        var p = Sqlite3.ColumnText(_handle, column);
        return new ReadOnlySpan<byte>(p, Sqlite3.ColumnBytes(_handle, column));
    }

    public byte[] Blob(int column)
    {
        var p = Sqlite3.ColumnBlob(_handle, column);
        var length = Sqlite3.ColumnBytes(_handle, column);
        var blob = GC.AllocateUninitializedArray<byte>(length);
        new ReadOnlySpan<byte>(p, length).CopyTo(blob);
        return blob;
    }

    public int Length(int column) => Sqlite3.ColumnBytes(_handle, column);

    public void Dispose()
    {
        if (_handle != 0) Sqlite3.Finalize(_handle);
        _handle = 0;
    }

    private static readonly byte[] Placeholder = [0];

    private Exception Failed(int code)
    {
        var failure = _database.Failure(code);
        Sqlite3.Reset(_handle);
        return failure;
    }
}
