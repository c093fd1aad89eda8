using System.Runtime.InteropServices;
using System.Text;

namespace Actors.Benchmarks.Journal;

/// <summary>The fastest way into SQLite that there is: one prepared insert, the blob bound where it lies. The measure for the journal.</summary>
internal sealed unsafe class RawSqlite : IDisposable
{
    private static readonly nint Library = NativeLibrary.Load(OperatingSystem.IsMacOS() ? "libsqlite3.dylib" : "libsqlite3.so.0");
    private static readonly delegate* unmanaged[Cdecl]<byte*, nint*, int> Open = (delegate* unmanaged[Cdecl]<byte*, nint*, int>)Export("sqlite3_open");
    private static readonly delegate* unmanaged[Cdecl]<nint, int> Close = (delegate* unmanaged[Cdecl]<nint, int>)Export("sqlite3_close_v2");
    private static readonly delegate* unmanaged[Cdecl]<nint, byte*, int, nint*, byte**, int> Prepare =
        (delegate* unmanaged[Cdecl]<nint, byte*, int, nint*, byte**, int>)Export("sqlite3_prepare_v2");
    private static readonly delegate* unmanaged[Cdecl]<nint, int> StepOf = (delegate* unmanaged[Cdecl]<nint, int>)Export("sqlite3_step");
    private static readonly delegate* unmanaged[Cdecl]<nint, int> Reset = (delegate* unmanaged[Cdecl]<nint, int>)Export("sqlite3_reset");
    private static readonly delegate* unmanaged[Cdecl]<nint, int> Finalize = (delegate* unmanaged[Cdecl]<nint, int>)Export("sqlite3_finalize");
    private static readonly delegate* unmanaged[Cdecl]<nint, int, byte*, int, nint, int> BindBlob =
        (delegate* unmanaged[Cdecl]<nint, int, byte*, int, nint, int>)Export("sqlite3_bind_blob");

    private readonly nint _database;
    private readonly nint _insert;
    private readonly nint _begin;
    private readonly nint _commit;

    public RawSqlite(string file)
    {
        nint database;
        fixed (byte* name = Encoding.UTF8.GetBytes(file + '\0')) Check(Open(name, &database), 0);
        _database = database;
        foreach (var sql in (string[])["PRAGMA page_size = 16384", "PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL", "PRAGMA wal_autocheckpoint = 4000", "CREATE TABLE blobs (id INTEGER PRIMARY KEY, blob BLOB NOT NULL)"])
            Execute(sql);
        _insert = Statement("INSERT INTO blobs (blob) VALUES (?)");
        _begin = Statement("BEGIN IMMEDIATE");
        _commit = Statement("COMMIT");
    }

    public void Insert(byte[] blob, int count)
    {
        Run(_begin);
        fixed (byte* p = blob)
        {
            for (var i = 0; i < count; i++)
            {
                Check(BindBlob(_insert, 1, p, blob.Length, 0), 0);
                Run(_insert);
            }
        }
        Run(_commit);
    }

    public void Dispose()
    {
        foreach (var statement in (nint[])[_insert, _begin, _commit]) Finalize(statement);
        Close(_database);
    }

    private void Execute(string sql)
    {
        var statement = Statement(sql);
        while (StepOf(statement) == 100)
        {
        }
        Check(Finalize(statement), 0);
    }

    private nint Statement(string sql)
    {
        nint statement;
        fixed (byte* p = Encoding.UTF8.GetBytes(sql + '\0')) Check(Prepare(_database, p, -1, &statement, null), 0);
        return statement;
    }

    private static void Run(nint statement)
    {
        Check(StepOf(statement), 101);
        Reset(statement);
    }

    private static void Check(int code, int expected)
    {
        if (code != expected) throw new IOException($"SQLite error {code}");
    }

    private static nint Export(string name) => NativeLibrary.GetExport(Library, name);
}
