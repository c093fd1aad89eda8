using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace Akka.Persistence.Sql.Sqlite;

/// <summary>
/// Makes the machine's SQLite the one that this plugin and Microsoft.Data.Sqlite use: it is newer than the bundled one and
/// gets the distribution's security fixes. The bundled one serves where the machine has none.
/// </summary>
internal static class SqliteLibrary
{
    public const string Name = "e_sqlite3";

    private static readonly string[] SystemNames = ["libsqlite3.so.0", "libsqlite3.dylib", "libsqlite3.0.dylib"];

    [ModuleInitializer]
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Usage", "CA2255", Justification = "The library must be chosen before the first call, whoever makes it.")]
    internal static void Choose()
    {
        NativeLibrary.SetDllImportResolver(typeof(SqliteLibrary).Assembly, Resolve);
        NativeLibrary.SetDllImportResolver(typeof(SQLite3Provider_e_sqlite3).Assembly, Resolve);
        raw.SetProvider(new SQLite3Provider_e_sqlite3());
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Name) return 0;
        foreach (var system in SystemNames)
            if (NativeLibrary.TryLoad(system, out var handle)) return handle;
        return NativeLibrary.TryLoad(name, assembly, path, out var bundled) ? bundled : 0;
    }
}
