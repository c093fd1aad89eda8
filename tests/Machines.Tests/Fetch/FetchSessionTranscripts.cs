using Actors.Protocol;
using Xunit;

namespace Actors.Machines.Tests;

public class FetchSessionTranscripts
{
    public static TheoryData<string> Names() => Transcript.Names("Fetch");

    [Theory]
    [MemberData(nameof(Names))]
    public void Fetch(string name)
    {
        var world = new World();
        Transcript.Check("Fetch", name, world.Run);
    }

    /// <summary>A node's sessions, and partitions that have the news given for them.</summary>
    private sealed class World
    {
        private readonly Dictionary<FetchedPartition, PartitionNews> _partitions = [];
        private readonly Dictionary<string, SessionFetch> _open = [];
        private FetchSessions _sessions = new(3, 1_000, 6);
        private long _now = 10_000;

        public IEnumerable<string> Run(TranscriptCommand command)
        {
            switch (command.Verb)
            {
                case "slots":
                    _sessions = new FetchSessions((int)command.NumberAt(0), 1_000, 6);
                    return [];
                case "time":
                    _now = command.NumberAt(0);
                    return [];
                case "partition":
                    _partitions[Named(command.Words[0])] = new PartitionNews(Enum.Parse<ErrorCode>(command.Text("error", "None")), command.Number("end", 0), command.Number("start", 0), command.Has("records"));
                    return [];
                case "begin":
                    return Begin(command, command.Words[0]) is { } refused ? [refused] : [$"reads {Shown(_open[command.Words[0]])}"];
                case "finish":
                    return [Finish(command, _open[command.Words[0]])];
                case "fetch":
                    return Begin(command, "") is { } error ? [error] : [Finish(command, _open[""])];
                case "sessions":
                    return [$"{_sessions.Count} sessions of {_sessions.Partitions} partitions, {_sessions.Evictions} evictions"];
                default:
                    throw new InvalidOperationException($"No such command: {command.Verb}");
            }
        }

        private string? Begin(TranscriptCommand command, string name)
        {
            var asked = command.List("ask").Select(text => text.Split('@')).Select(parts => new AskedPartition(Named(parts[0]), parts.Length > 1 ? long.Parse(parts[1]) : 0, 100, -1)).ToList();
            var fetch = _sessions.Begin((int)command.Number("session", 0), (int)command.Number("epoch", 0), command.Has("by-id"), asked, [.. command.List("forget").Select(Named)], _now);
            _open[name] = fetch;
            return fetch.Error == ErrorCode.None ? null : fetch.Error.ToString();
        }

        private string Finish(TranscriptCommand command, SessionFetch fetch)
        {
            var news = fetch.Partitions.Select(asked => _partitions.GetValueOrDefault(asked.Partition)).ToList();
            var answer = _sessions.Finish(fetch, news, _now, (int)command.Number("new", 1));
            if (answer.Error != ErrorCode.None)
                return answer.Error.ToString();
            var told = fetch.Partitions.Where((_, i) => answer.Told is null || answer.Told[i]).Select(asked => Shown(asked.Partition));
            return $"session {answer.SessionId}, {(fetch.IsIncremental ? "incremental" : "full")}, read {Shown(fetch)}; told {string.Join(' ', told)}".TrimEnd();
        }

        private static string Shown(SessionFetch fetch) => string.Join(' ', fetch.Partitions.Select(asked => $"{Shown(asked.Partition)}@{asked.Offset}"));

        private static string Shown(FetchedPartition partition) => $"{partition.Topic}-{partition.Partition}";

        private static FetchedPartition Named(string text) => new(Guid.Empty, text.Split('-')[0], int.Parse(text.Split('-')[1]));
    }
}
