using System.Text;
using Actors.Client;

namespace Actors.Cli.Groups;

/// <summary>Offsets as CSV: <c>topic,partition,offset</c> a line for one group, <c>group,topic,partition,offset</c> for several.</summary>
internal static class OffsetsFile
{
    /// <exception cref="CommandFailedException">The file cannot be read, or a line is not as it must be.</exception>
    public static Dictionary<string, Dictionary<TopicPartition, long>> Read(string file, IReadOnlyCollection<string> groups)
    {
        var read = new Dictionary<string, Dictionary<TopicPartition, long>>();
        var number = 0;
        foreach (var line in Lines(file))
        {
            number++;
            if (line.Length == 0) continue;
            var cells = line.Split(',', StringSplitOptions.TrimEntries).Select(c => c.Trim('"')).ToArray();
            if (cells.Length == 3 && groups.Count == 1) cells = [groups.First(), .. cells];
            if (cells.Length != 4 || !int.TryParse(cells[2], out var partition) || !long.TryParse(cells[3], out var offset) || partition < 0 || offset < 0)
                throw new CommandFailedException($"--from-file {file}: line {number}: topic,partition,offset is meant, group,topic,partition,offset for several groups: '{line}'");
            if (!read.TryGetValue(cells[0], out var offsets)) read[cells[0]] = offsets = [];
            offsets[new TopicPartition(cells[1], partition)] = offset;
        }
        return read;
    }

    public static string Write(IReadOnlyList<(string Group, IReadOnlyDictionary<TopicPartition, long> Offsets)> reset)
    {
        var text = new StringBuilder();
        foreach (var (group, offsets) in reset)
            foreach (var (partition, offset) in offsets) text.Append(reset.Count > 1 ? $"{group}," : "").Append($"{partition.Topic},{partition.Partition},{offset}\n");
        return text.ToString();
    }

    private static string[] Lines(string file)
    {
        try
        {
            return File.ReadAllLines(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException($"--from-file {file}: {error.Message}");
        }
    }
}
