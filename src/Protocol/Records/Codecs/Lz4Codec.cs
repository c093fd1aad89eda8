using System.Runtime.InteropServices;

namespace Actors.Protocol.Records.Codecs;

/// <summary>The lz4 frame format, with independent blocks of 64 KiB as Kafka's Java reader demands, by the system's liblz4.</summary>
internal static unsafe partial class Lz4Codec
{
    private const uint FrameVersion = 100;
    private const int BlocksOf64KiB = 4;
    private const int IndependentBlocks = 1;

    [ThreadStatic]
    private static DecompressionContext? _context;

    static Lz4Codec() => NativeLibraries.Register();

    public static void Compress(ReadOnlySpan<byte> source, PooledBuffer target, int? level)
    {
        var preferences = new Preferences { BlockSize = BlocksOf64KiB, BlockMode = IndependentBlocks, CompressionLevel = level ?? 0 };
        var room = target.GetSpan(checked((int)LZ4F_compressFrameBound((nuint)source.Length, &preferences)));
        fixed (byte* from = source, to = room)
        {
            var length = LZ4F_compressFrame(to, (nuint)room.Length, from, (nuint)source.Length, &preferences);
            if (LZ4F_isError(length) != 0) throw new InvalidOperationException($"lz4 compression failed: {ErrorName(length)}.");
            target.Advance((int)length);
        }
    }

    public static void Decompress(ReadOnlySpan<byte> source, PooledBuffer target)
    {
        var context = _context ??= DecompressionContext.Create();
        try
        {
            Decompress(context, source, target);
        }
        finally
        {
            LZ4F_resetDecompressionContext(context.Handle);
        }
    }

    private static void Decompress(DecompressionContext context, ReadOnlySpan<byte> source, PooledBuffer target)
    {
        fixed (byte* from = source)
        {
            nuint taken = 0;
            while (true)
            {
                // A full target may still need to hear that the frame has ended.
                if (target.Length < target.MaxBytes) Codec.ReserveForOutput(target, source.Length);
                nuint produced = (nuint)target.Free.Length, consumed = (nuint)source.Length - taken, hint;
                fixed (byte* to = target.Free) hint = LZ4F_decompress(context.Handle, to, &produced, from + taken, &consumed, null);
                if (LZ4F_isError(hint) != 0) throw new CorruptRecordsException($"lz4 data is damaged: {ErrorName(hint)}.");
                target.Advance((int)produced);
                taken += consumed;
                if (hint == 0) return;
                if (produced > 0 || consumed > 0) continue;
                throw target.Length == target.MaxBytes && taken < (nuint)source.Length ? Codec.TooLarge(target) : new CorruptRecordsException("lz4 data is cut off.");
            }
        }
    }

    private static string ErrorName(nuint code) => Marshal.PtrToStringUTF8(LZ4F_getErrorName(code)) ?? "unknown";

    /// <summary>A thread's decompression state, freed after its thread.</summary>
    private sealed class DecompressionContext : SafeHandle
    {
        private DecompressionContext() : base(0, ownsHandle: true) { }

        public nint Handle => handle;

        public override bool IsInvalid => handle == 0;

        public static DecompressionContext Create()
        {
            var context = new DecompressionContext();
            nint created;
            var code = LZ4F_createDecompressionContext(&created, FrameVersion);
            if (LZ4F_isError(code) != 0) throw new InvalidOperationException($"lz4 cannot begin: {ErrorName(code)}.");
            context.SetHandle(created);
            return context;
        }

        protected override bool ReleaseHandle()
        {
            LZ4F_freeDecompressionContext(handle);
            return true;
        }
    }

    /// <summary>lz4frame.h's LZ4F_preferences_t.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Preferences
    {
        public int BlockSize;
        public int BlockMode;
        public int ContentChecksum;
        public int FrameType;
        public ulong ContentSize;
        public uint DictionaryId;
        public int BlockChecksum;
        public int CompressionLevel;
        public uint AutoFlush;
        public uint FavorDecompressionSpeed;
        public fixed uint Reserved[3];
    }

    [LibraryImport(NativeLibraries.Lz4)]
    private static partial nuint LZ4F_compressFrameBound(nuint length, Preferences* preferences);

    [LibraryImport(NativeLibraries.Lz4)]
    private static partial nuint LZ4F_compressFrame(byte* target, nuint capacity, byte* source, nuint length, Preferences* preferences);

    [LibraryImport(NativeLibraries.Lz4)]
    private static partial uint LZ4F_isError(nuint code);

    [LibraryImport(NativeLibraries.Lz4)]
    private static partial nint LZ4F_getErrorName(nuint code);

    [LibraryImport(NativeLibraries.Lz4)]
    private static partial nuint LZ4F_createDecompressionContext(nint* context, uint version);

    [LibraryImport(NativeLibraries.Lz4)]
    private static partial nuint LZ4F_freeDecompressionContext(nint context);

    [LibraryImport(NativeLibraries.Lz4)]
    private static partial void LZ4F_resetDecompressionContext(nint context);

    [LibraryImport(NativeLibraries.Lz4)]
    private static partial nuint LZ4F_decompress(nint context, byte* target, nuint* targetLength, byte* source, nuint* sourceLength, void* options);
}
