using System.Globalization;

namespace Actors.Ownership;

/// <summary>The version of all that a data directory holds, in a file of its own, so that an older node does not read what it cannot know.</summary>
public static class DataVersion
{
    /// <summary>What this node writes, and the newest that it reads.</summary>
    public const int Current = 1;

    private const string FileName = "version";

    /// <summary>Passes a directory of this version or an older one and notes the version in it. The directory must be locked (<see cref="DataDirectoryLock"/>).</summary>
    /// <exception cref="DataUnusableException">A newer node wrote there, or the file does not hold a version.</exception>
    public static void Check(string directory)
    {
        var file = Path.Combine(directory, FileName);
        if (File.Exists(file))
        {
            var text = File.ReadAllText(file).Trim();
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version))
                throw new DataUnusableException($"{file} should hold the data's version, a number, and holds \"{(text.Length > 20 ? text[..20] + "…" : text)}\". This node writes version {Current}.");
            if (version > Current)
                throw new DataUnusableException(
                    $"The data directory {directory} is of version {version}, this node reads up to version {Current}. Start the newer node that wrote it, or name another directory with --data.");
            if (version == Current)
                return;
        }
        File.WriteAllText(file, $"{Current}\n");
    }
}
