using System.Globalization;
using System.Text.Json;
using Actors.Client;

namespace Actors.Cli.Live;

/// <summary>A member as a node's <c>/events</c> tells it.</summary>
internal sealed record WatchedMember(string MemberId, string? GroupInstanceId, string ClientId, string Host, IReadOnlyList<WatchedPartition>? Assignment, long Lag);

internal sealed record WatchedPartition(string Topic, int Partition);

/// <summary>An assignment that was: who owned what, and what led to it.</summary>
/// <param name="Number">Null while the group's coordinator does not say.</param>
internal sealed record WatchedGeneration(int? Number, DateTimeOffset At, string Assignor, IReadOnlyDictionary<TopicPartition, string> Owners, IReadOnlyList<string> Why);

/// <summary>What somebody who watches a group knows: made of the events of a node, without a terminal.</summary>
internal sealed class WatchedGroup(string name)
{
    private const int MostRemembered = 50;
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private readonly List<WatchedGeneration> _generations = [];
    private readonly Dictionary<string, string> _names = [];
    private readonly List<string> _why = [];
    private bool _isComplete;

    public string Name => name;

    /// <summary>Null before the node has told of the group; Dead once it is gone.</summary>
    public string? State { get; private set; }

    public int? Generation { get; private set; }

    public string Assignor { get; private set; } = "";

    public int Coordinator { get; private set; }

    public long Lag { get; private set; }

    public IReadOnlyList<WatchedMember> Members { get; private set; } = [];

    /// <summary>The assignments so far, oldest first.</summary>
    public IReadOnlyList<WatchedGeneration> Generations => _generations;

    /// <summary>Why nothing is heard at the moment; null while a node tells.</summary>
    public string? Trouble { get; private set; }

    /// <summary>The node tells no more: the next one begins with how the group stands.</summary>
    public void Interrupt(string trouble) => (Trouble, _isComplete) = (trouble, false);

    /// <summary>Every member that was ever seen, by its id: a letter and then some, in the order in which they came.</summary>
    public string Letter(string memberId)
    {
        if (!_names.TryGetValue(memberId, out var letter))
        {
            var (round, place) = Math.DivRem(_names.Count, 26);
            _names.Add(memberId, letter = (char)('A' + place) + (round == 0 ? "" : round.ToString(CultureInfo.InvariantCulture)));
        }
        return letter;
    }

    /// <summary>Takes an event in and says in lines what it tells; none for an event of something else.</summary>
    public IReadOnlyList<string> Take(ServerSentEvent happened)
    {
        Trouble = null;
        _isComplete |= happened.Name == "ready";
        switch (happened.Name)
        {
            case "group" when Read<GroupData>(happened) is { } group && group.Group == name: return Stands(group);
            case "group-gone" when Read<GoneData>(happened)?.Name == name: return Gone();
            case "member-joined" when Read<MemberData>(happened) is { } joined && joined.Group == name:
                return [Note(joined.At, $"+ {Called(joined)} joined from {joined.Host.TrimStart('/')}")];
            case "member-left" when Read<MemberData>(happened) is { } left && left.Group == name:
                return [Note(left.At, $"- {Called(left)} {(string.IsNullOrEmpty(left.Reason) ? "is gone" : left.Reason)}")];
            case "generation" when Read<GenerationData>(happened) is { } began && began.Group == name:
                Generation = began.Generation;
                return began.Members == 0 ? [Note(began.At, "the group is empty")] : [];
            case "assignment" when Read<AssignmentData>(happened) is { } assigned && assigned.Group == name: return Assigned(assigned);
            case "ready" when State is null: return [$"there is no group {name} yet; it is shown when its first member joins"];
            default: return [];
        }
    }

    private List<string> Stands(GroupData group)
    {
        (State, Assignor, Coordinator, Lag, Members) = (group.State, group.Assignor, group.Coordinator, group.Lag, group.Members);
        Generation = group.Generation ?? Generation;
        // What a stream begins with may be of a generation whose assignment was told while nobody listened.
        if (_isComplete || group.State != "Stable" || (_generations.Count > 0 && _generations[^1].Number == group.Generation)) return [];
        if (_generations.Count > 0) _why.Add("what led here was not seen");
        return Assigned(new AssignmentData(group.Group, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), group.Generation, group.Assignor, group.Members));
    }

    private List<string> Gone()
    {
        (State, Members, Lag) = ("Dead", [], 0);
        return [Note(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), "the group is gone")];
    }

    private List<string> Assigned(AssignmentData assigned)
    {
        var owners = new Dictionary<TopicPartition, string>();
        foreach (var member in assigned.Members)
            foreach (var (topic, partition) in member.Assignment ?? [])
                owners[new TopicPartition(topic, partition)] = member.MemberId;
        foreach (var member in assigned.Members) Letter(member.MemberId);
        var at = DateTimeOffset.FromUnixTimeMilliseconds(assigned.At);
        _generations.Add(new WatchedGeneration(assigned.Generation, at, assigned.Assignor, owners, [.. _why]));
        if (_generations.Count > MostRemembered) _generations.RemoveAt(0);
        _why.Clear();
        Generation = assigned.Generation ?? Generation;
        var count = assigned.Members.Count;
        var lines = new List<string> { $"{Time(at)} generation {Number(assigned.Generation)}: {count} member{(count == 1 ? "" : "s")} ({assigned.Assignor})" };
        foreach (var member in assigned.Members)
            lines.Add($"{"",13}{Letter(member.MemberId)} {member.MemberId} {Partitions(member.Assignment ?? [])}");
        return lines;
    }

    /// <summary>As kafka-consumer-groups writes it, with runs of numbers drawn together: <c>orders(0-3,7)</c>.</summary>
    public static string Partitions(IReadOnlyList<WatchedPartition> partitions) => partitions.Count == 0 ? "-" : string.Join(' ', partitions
        .GroupBy(p => p.Topic).OrderBy(t => t.Key, StringComparer.Ordinal).Select(topic => $"{topic.Key}({string.Join(',', Runs([.. topic.Select(p => p.Partition).Order()]))})"));

    public static string Number(int? generation) => generation?.ToString(CultureInfo.InvariantCulture) ?? "?";

    public static string Time(DateTimeOffset at) => at.ToLocalTime().ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);

    private static IEnumerable<string> Runs(int[] numbers)
    {
        for (var i = 0; i < numbers.Length;)
        {
            var last = i;
            while (last + 1 < numbers.Length && numbers[last + 1] == numbers[last] + 1) last++;
            yield return last == i ? $"{numbers[i]}" : last == i + 1 ? $"{numbers[i]},{numbers[last]}" : $"{numbers[i]}-{numbers[last]}";
            i = last + 1;
        }
    }

    private string Note(long at, string what)
    {
        _why.Add(what);
        return $"{Time(DateTimeOffset.FromUnixTimeMilliseconds(at))} {what}";
    }

    private string Called(MemberData member) => $"{Letter(member.MemberId)} {member.GroupInstanceId ?? member.ClientId}";

    private static T? Read<T>(ServerSentEvent happened) => JsonSerializer.Deserialize<T>(happened.Data, Json);

    private sealed record GroupData(string Group, string State, string Assignor, int? Generation, int Coordinator, IReadOnlyList<WatchedMember> Members, long Lag);

    private sealed record GoneData(string Name);

    private sealed record MemberData(string Group, long At, string MemberId, string? GroupInstanceId, string ClientId, string Host, string? Reason);

    private sealed record GenerationData(string Group, long At, int Generation, int Members);

    private sealed record AssignmentData(string Group, long At, int? Generation, string Assignor, IReadOnlyList<WatchedMember> Members);
}
