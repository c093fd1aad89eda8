using System.Reflection;
using System.Runtime.InteropServices;

namespace Actors.Protocol.Records.Codecs;

/// <summary>Where the operating system keeps the compression libraries: by their versioned names, which need no development packages.</summary>
internal static class NativeLibraries
{
    public const string Lz4 = "lz4";
    public const string Zstd = "zstd";

    private static readonly Lock RegisterOnce = new();
    private static bool _registered;

    /// <summary>Makes imports of this assembly find the libraries; called by each codec before its first import.</summary>
    public static void Register()
    {
        lock (RegisterOnce)
        {
            if (_registered) return;
            NativeLibrary.SetDllImportResolver(typeof(NativeLibraries).Assembly, Resolve);
            _registered = true;
        }
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name is not (Lz4 or Zstd)) return 0;
        foreach (var candidate in (string[])[$"lib{name}.so.1", $"lib{name}.1.dylib", $"lib{name}.dll"])
            if (NativeLibrary.TryLoad(candidate, assembly, path, out var handle))
                return handle;
        throw new DllNotFoundException($"Records compressed with {name} need the library lib{name}.so.1 (Debian packages liblz4-1, libzstd1).");
    }
}
