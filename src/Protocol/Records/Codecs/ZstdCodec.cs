using System.Runtime.InteropServices;

namespace Actors.Protocol.Records.Codecs;

/// <summary>zstd frames (RFC 8878), one or several, by the system's libzstd.</summary>
internal static unsafe partial class ZstdCodec
{
    private const int DefaultLevel = 3;

    /// <summary>A context that a frame of an uncommonly large window has blown up is not kept.</summary>
    private const nuint LargestKeptContext = 16 << 20;

    [ThreadStatic]
    private static Context? _compression;

    [ThreadStatic]
    private static Context? _decompression;

    static ZstdCodec() => NativeLibraries.Register();

    public static void Compress(ReadOnlySpan<byte> source, PooledBuffer target, int? level)
    {
        var context = _compression ??= new Context(ZSTD_createCCtx(), static handle => ZSTD_freeCCtx(handle));
        var room = target.GetSpan(checked((int)ZSTD_compressBound((nuint)source.Length)));
        fixed (byte* from = source, to = room)
        {
            var length = ZSTD_compressCCtx(context.Handle, to, (nuint)room.Length, from, (nuint)source.Length, level ?? DefaultLevel);
            if (ZSTD_isError(length) != 0) throw new InvalidOperationException($"zstd compression failed: {ErrorName(length)}.");
            target.Advance((int)length);
        }
    }

    public static void Decompress(ReadOnlySpan<byte> source, PooledBuffer target)
    {
        var context = _decompression ??= new Context(ZSTD_createDCtx(), static handle => ZSTD_freeDCtx(handle));
        try
        {
            Decompress(context, source, target);
        }
        finally
        {
            ZSTD_DCtx_reset(context.Handle, ResetSession);
            if (ZSTD_sizeof_DCtx(context.Handle) > LargestKeptContext)
            {
                context.Dispose();
                _decompression = null;
            }
        }
    }

    private static void Decompress(Context context, ReadOnlySpan<byte> source, PooledBuffer target)
    {
        if (source.IsEmpty) throw new CorruptRecordsException("zstd data is cut off.");
        fixed (byte* from = source)
        {
            var input = new Buffer { Bytes = from, Size = (nuint)source.Length };
            while (true)
            {
                // A full target may still need to hear that the frame has ended.
                if (target.Length < target.MaxBytes) Codec.ReserveForOutput(target, source.Length);
                var before = input.Position;
                var output = new Buffer { Size = (nuint)target.Free.Length };
                nuint hint;
                fixed (byte* to = target.Free)
                {
                    output.Bytes = to;
                    hint = ZSTD_decompressStream(context.Handle, &output, &input);
                }

                if (ZSTD_isError(hint) != 0) throw new CorruptRecordsException($"zstd data is damaged: {ErrorName(hint)}.");
                target.Advance((int)output.Position);
                if (hint == 0 && input.Position == input.Size) return;
                if (output.Position > 0 || input.Position > before) continue;
                throw target.Length == target.MaxBytes ? Codec.TooLarge(target) : new CorruptRecordsException("zstd data is cut off.");
            }
        }
    }

    private static string ErrorName(nuint code) => Marshal.PtrToStringUTF8(ZSTD_getErrorName(code)) ?? "unknown";

    /// <summary>A thread's compression or decompression state, freed after its thread.</summary>
    private sealed class Context : SafeHandle
    {
        private readonly Action<nint> _free;

        public Context(nint created, Action<nint> free) : base(0, ownsHandle: true)
        {
            if (created == 0) throw new InvalidOperationException("zstd cannot begin: no memory.");
            _free = free;
            SetHandle(created);
        }

        public nint Handle => handle;

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            _free(handle);
            return true;
        }
    }

    /// <summary>zstd.h's ZSTD_inBuffer and ZSTD_outBuffer, which are alike.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Buffer
    {
        public byte* Bytes;
        public nuint Size;
        public nuint Position;
    }

    /// <summary>zstd.h's ZSTD_reset_session_only.</summary>
    private const int ResetSession = 1;

    [LibraryImport(NativeLibraries.Zstd)]
    private static partial nint ZSTD_createCCtx();

    [LibraryImport(NativeLibraries.Zstd)]
    private static partial nuint ZSTD_freeCCtx(nint context);

    [LibraryImport(NativeLibraries.Zstd)]
    private static partial nint ZSTD_createDCtx();

    [LibraryImport(NativeLibraries.Zstd)]
    private static partial nuint ZSTD_freeDCtx(nint context);

    [LibraryImport(NativeLibraries.Zstd)]
    private static partial nuint ZSTD_sizeof_DCtx(nint context);

    [LibraryImport(NativeLibraries.Zstd)]
    private static partial nuint ZSTD_DCtx_reset(nint context, int directive);

    [LibraryImport(NativeLibraries.Zstd)]
    private static partial nuint ZSTD_compressBound(nuint length);

    [LibraryImport(NativeLibraries.Zstd)]
    private static partial nuint ZSTD_compressCCtx(nint context, byte* target, nuint capacity, byte* source, nuint length, int level);

    [LibraryImport(NativeLibraries.Zstd)]
    private static partial nuint ZSTD_decompressStream(nint context, Buffer* output, Buffer* input);

    [LibraryImport(NativeLibraries.Zstd)]
    private static partial uint ZSTD_isError(nuint code);

    [LibraryImport(NativeLibraries.Zstd)]
    private static partial nint ZSTD_getErrorName(nuint code);
}
