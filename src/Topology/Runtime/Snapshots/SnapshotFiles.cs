using System.Text.Json;
using System.Text.Json.Serialization;
using Actors.Protocol.Records;

namespace Actors.Topology.Runtime;

/// <summary>A chunk's file, its length and the CRC-32C of its bytes.</summary>
internal sealed record SnapshotChunkInfo(string File, long Bytes, uint Crc);

/// <summary>What a snapshot is of: all changes in the change-log's partition below the offset.</summary>
internal sealed record SnapshotManifest(string Topic, Guid TopicId, int Partition, long Offset, long NextChunk, IReadOnlyList<SnapshotChunkInfo> Chunks)
{
    public const int CurrentVersion = 1;

    public int Version { get; init; } = CurrentVersion;
}

[JsonSerializable(typeof(SnapshotManifest))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
internal sealed partial class SnapshotJson : JsonSerializerContext;

/// <summary>A snapshot's directory: <c>manifest.json</c>, replaced as a whole, and the chunks it names. Other chunks are left over and removed.</summary>
internal sealed class SnapshotFiles(string directory)
{
    private const string ManifestName = "manifest.json";

    /// <summary>The manifest; null where there is none that can be read.</summary>
    public async ValueTask<SnapshotManifest?> ReadManifestAsync(CancellationToken cancellation)
    {
        try
        {
            var text = await File.ReadAllBytesAsync(Path.Combine(directory, ManifestName), cancellation);
            return JsonSerializer.Deserialize(text, SnapshotJson.Default.SnapshotManifest) is { Version: SnapshotManifest.CurrentVersion } manifest ? manifest : null;
        }
        catch (Exception error) when (error is IOException or JsonException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>A chunk's bytes; null where they are not those that were written.</summary>
    public async ValueTask<byte[]?> ReadChunkAsync(SnapshotChunkInfo chunk, CancellationToken cancellation)
    {
        try
        {
            var bytes = await File.ReadAllBytesAsync(Path.Combine(directory, Path.GetFileName(chunk.File)), cancellation);
            return bytes.Length == chunk.Bytes && Crc32C.Compute(bytes) == chunk.Crc ? bytes : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public async ValueTask<SnapshotChunkInfo> WriteChunkAsync(long number, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        Directory.CreateDirectory(directory);
        var name = $"{number:d8}.chunk";
        await WriteAsync(name, bytes, cancellation);
        return new SnapshotChunkInfo(name, bytes.Length, Crc32C.Compute(bytes.Span));
    }

    /// <summary>Makes the chunks that the manifest names the snapshot, and removes the others.</summary>
    public async ValueTask WriteManifestAsync(SnapshotManifest manifest, CancellationToken cancellation)
    {
        Directory.CreateDirectory(directory);
        const string draft = ManifestName + ".new";
        await WriteAsync(draft, JsonSerializer.SerializeToUtf8Bytes(manifest, SnapshotJson.Default.SnapshotManifest), cancellation);
        File.Move(Path.Combine(directory, draft), Path.Combine(directory, ManifestName), overwrite: true);
        var kept = manifest.Chunks.Select(c => c.File).ToHashSet();
        foreach (var file in Directory.EnumerateFiles(directory, "*.chunk"))
            if (!kept.Contains(Path.GetFileName(file)))
                File.Delete(file);
    }

    private async ValueTask WriteAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        await using var file = new FileStream(Path.Combine(directory, name), FileMode.Create, FileAccess.Write, FileShare.None, 1, FileOptions.Asynchronous);
        await file.WriteAsync(bytes, cancellation);
        file.Flush(flushToDisk: true);
    }
}
