using System.IO.Compression;
using System.Text.Json;

namespace Actors.Protocol.Tests;

/// <summary>The golden files beside the tests (see Data/NOTICE), and the same files as the repository's neighbours share them, where they do.</summary>
internal static class WireData
{
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = 64 };

    public static IEnumerable<JsonElement> Lines(string name) =>
        Text(name).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line, Deep).RootElement);

    public static JsonElement Document(string name) => JsonDocument.Parse(Text(name), Deep).RootElement;

    public static string Text(string name)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "Data", name);
        if (File.Exists(path)) return File.ReadAllText(path);
        using var text = new StreamReader(new GZipStream(File.OpenRead(path + ".gz"), CompressionMode.Decompress));
        return text.ReadToEnd();
    }

    /// <summary>The folder of shared facts beside the repository, or null.</summary>
    public static string? SharedFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var shared = Path.Combine(folder.FullName, "shared", "kafka-wire");
            if (Directory.Exists(shared)) return shared;
        }

        return null;
    }

    public static byte[] Hex(this JsonElement line) => Convert.FromHexString(line.GetProperty("hex").GetString()!);

    public static string String(this JsonElement line, string property) => line.GetProperty(property).GetString()!;
}
