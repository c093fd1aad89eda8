using System.Text;
using System.Text.RegularExpressions;
using Xunit;

namespace Actors.Machines.Tests;

public partial class GroupTranscripts
{
    private GroupHarness _group = new(new GroupSettings(MaxSize: 3));
    private int _ids;
    private long _tokens;
    private bool _watched;

    public static TheoryData<string> Names() => Transcript.Names("Group");

    [Theory]
    [MemberData(nameof(Names))]
    public void Group(string name)
    {
        Transcript.Check("Group", name, command => Run(command).Select(ShortIds));
        Assert.Equal(_group.Machine.ToSnapshot().Write(), _group.Recovered().ToSnapshot().Write());
        var snapshot = _group.Machine.ToSnapshot().Write();
        Assert.Equal(snapshot, GroupMachine.From(GroupSnapshot.Read(snapshot)).ToSnapshot().Write());
    }

    private IEnumerable<string> Run(TranscriptCommand command) => command.Verb switch
    {
        "settings" => Settings(command),
        "join" => Do(Join(command)),
        "sync" => Do(Sync(command)),
        "heartbeat" => Do(new Heartbeat(LongId(command.Words[0]), command.Text("instance"), (int)command.Number("gen", 1), command.Has("keep") ? ++_tokens : null)),
        "watch" => Watch(),
        "leave" => Do(new LeaveGroup([.. command.Words.Select(word => new LeavingMember(LongId(word), command.Text("instance"))),
            .. command.List("instances").Select(instance => new LeavingMember("", instance))])),
        "commit" => Do(Commit(command)),
        "delete-offsets" => Do(new DeleteOffsets([.. command.Words.Select(Partition)])),
        "delete" => Do(new DeleteGroup()),
        "forget" => Do(new ForgetTopics(command.Words)),
        "expire" => Do(new ExpireOffsets(command.NumberAt(0))),
        "wait" => Wait(command.NumberAt(0)),
        "restart" => Restart(),
        "describe" => Describe(),
        "offsets" => _group.Machine.ToSnapshot().Offsets.Select(pair => $"{pair.Key} {pair.Value.Offset} epoch {pair.Value.LeaderEpoch} '{Cut(pair.Value.Metadata)}' at {pair.Value.CommitTimestamp}"),
        "stop" => _group.Machine.AnswerParked(Actors.Protocol.ErrorCode.NotCoordinator).Select(Show),
        _ => throw new InvalidOperationException($"No such command: {command.Verb}"),
    };

    private IEnumerable<string> Settings(TranscriptCommand command)
    {
        _group = new GroupHarness(new GroupSettings(MaxSize: (int)command.Number("max-size", 3), InitialRebalanceDelayMs: (int)command.Number("initial-delay", 0)));
        return [];
    }

    private JoinGroup Join(TranscriptCommand command)
    {
        var client = command.Words[0];
        var session = (int)command.Number("session", 10_000);
        var protocols = command.List("protocols") is { Length: > 0 } given ? given : ["range:" + client.ToUpperInvariant()];
        return new JoinGroup(++_tokens, LongId(command.Text("member", "")), command.Text("instance"), GroupHarness.Id(++_ids), client, "/127.0.0.1", session,
            (int)command.Number("rebalance", 60_000), command.Text("type", "consumer"),
            [.. protocols.Where(text => text != "none").Select(text => text.Split(':')).Select(parts => new GroupProtocol(parts[0], Metadata(parts[1])))],
            !command.Has("v3"), command.Has("v9"));
    }

    /// <summary><c>@topic+topic</c> is a consumer's subscription, anything else just bytes.</summary>
    private static byte[] Metadata(string text)
    {
        if (!text.StartsWith('@'))
            return Encoding.UTF8.GetBytes(text);
        var topics = text[1..].Split('+');
        return [0, 1, 0, 0, 0, (byte)topics.Length, .. topics.SelectMany(topic => new byte[] { 0, (byte)topic.Length }.Concat(Encoding.UTF8.GetBytes(topic)))];
    }

    /// <summary><c>@topic+0+1</c> is a consumer's assignment, anything else just bytes.</summary>
    private static byte[] Assignment(string text)
    {
        if (!text.StartsWith('@'))
            return Encoding.UTF8.GetBytes(text);
        var parts = text[1..].Split('+');
        return [0, 1, 0, 0, 0, 1, 0, (byte)parts[0].Length, .. Encoding.UTF8.GetBytes(parts[0]), 0, 0, 0, (byte)(parts.Length - 1),
            .. parts.Skip(1).SelectMany(number => new byte[] { 0, 0, 0, byte.Parse(number) })];
    }

    private SyncGroup Sync(TranscriptCommand command) => new(++_tokens, LongId(command.Words[0]), command.Text("instance"), (int)command.Number("gen", 1),
        command.Text("type"), command.Text("protocol"),
        [.. command.List("assign").Select(text => text.Split(':')).Select(parts => new MemberAssignment(LongId(parts[0]), Assignment(parts[1])))]);

    private static CommitOffsets Commit(TranscriptCommand command) => new(LongId(command.Text("member", "")), command.Text("instance"), (int)command.Number("gen", -1),
        [.. command.Rest.Where(pair => pair.Key is not "member" and not "instance" and not "gen").Select(pair => (pair.Key, Parts: pair.Value.Split(':')))
            .Select(pair => new OffsetToCommit(Partition(pair.Key), long.Parse(pair.Parts[0]), -1,
                pair.Parts.Length == 1 ? null : pair.Parts[1] == "long" ? new string('m', 4_097) : pair.Parts[1] == "longest" ? new string('m', 4_096) : pair.Parts[1]))]);

    private IEnumerable<string> Do(GroupCommand command)
    {
        var mark = _group.Machine.Mark;
        var (events, released, reply) = _group.Do(command);
        foreach (var @event in events)
            yield return "event " + @event switch
            {
                GroupGenerationStored stored => $"GroupGenerationStored {stored.GenerationId} {stored.ProtocolType}/{stored.ProtocolName} leader {stored.LeaderId ?? "none"}: "
                    + string.Join(' ', stored.Members.Select(member => $"{member.MemberId}={Text(member.Assignment)}")),
                OffsetsCommitted committed => $"OffsetsCommitted {string.Join(' ', committed.Offsets.Select(offset => $"{offset.Partition}={offset.Offset}"))}",
                OffsetsRemoved removed => $"OffsetsRemoved {string.Join(' ', removed.Partitions)}",
                _ => @event.GetType().Name,
            };
        foreach (var answer in released)
            yield return Show(answer);
        if (reply is not null)
            yield return "reply " + reply switch
            {
                LeaveReply left => $"{left.Error}: {string.Join(' ', left.Members.Select(member => $"{(member.MemberId.Length > 0 ? member.MemberId : member.InstanceId)}={member.Error}"))}",
                OffsetsReply offsets => $"{offsets.Error}: {string.Join(' ', offsets.Partitions.Select(partition => $"{partition.Partition}={partition.Error}"))}",
                Actors.Machines.GroupReply simple => simple.Error.ToString(),
                _ => reply.ToString(),
            };
        if (_watched)
            foreach (var change in _group.Machine.ChangesSince(mark, command))
                yield return "change " + Show(change);
    }

    private IEnumerable<string> Watch()
    {
        _watched = true;
        return [];
    }

    private static string Show(GroupChange change) => change switch
    {
        MemberJoined joined => $"{joined.MemberId} joined",
        MemberLeft left => $"{left.MemberId} is gone: {left.Reason}",
        RebalanceStarted started => $"generation {started.GenerationId} ends",
        GenerationStarted started => $"generation {started.GenerationId} {started.ProtocolName} of {started.Members}, leader {started.LeaderId ?? "none"}",
        GenerationAssigned assigned => $"generation {assigned.GenerationId} assigned: {string.Join(' ', assigned.Members.Select(member =>
            $"{member.MemberId}={(member.Partitions is { } partitions ? string.Join(',', partitions) : "?")}"))}",
        _ => change.ToString(),
    };

    private static string Show(ReleasedReply answer) => $"answer {answer.Token}: " + answer.Reply switch
    {
        JoinReply { Error: Actors.Protocol.ErrorCode.None } join => $"joined as {join.MemberId}, generation {join.GenerationId} {join.ProtocolType}/{join.ProtocolName}, leader {join.Leader}"
            + (join.Members.Count == 0 ? "" : $" of {string.Join(' ', join.Members.Select(member => $"{member.MemberId}:{Text(member.Metadata)}"))}") + (join.SkipAssignment ? ", skip assignment" : ""),
        JoinReply join => $"join {join.Error}, member '{join.MemberId}'",
        SyncReply { Error: Actors.Protocol.ErrorCode.None } sync => $"synced {sync.ProtocolType}/{sync.ProtocolName}: '{Text(sync.Assignment)}'",
        SyncReply sync => $"sync {sync.Error}",
        Actors.Machines.GroupReply simple => simple.Error.ToString(),
        var other => other.ToString(),
    };

    private IEnumerable<string> Wait(long milliseconds)
    {
        var until = _group.Now + milliseconds;
        while (_group.NextTimer(until) is { } timer)
        {
            yield return $"after {milliseconds - (until - _group.Now)}: {timer.Key}";
            foreach (var line in Do(timer.Command))
                yield return line;
        }
    }

    private IEnumerable<string> Restart()
    {
        _group.Restart();
        return Describe();
    }

    private IEnumerable<string> Describe()
    {
        var group = _group.Machine.Describe();
        yield return $"{group.State}, generation {_group.Machine.GenerationId}, {group.ProtocolType}/{group.Protocol}, timers [{string.Join(' ', _group.Timers.Order(StringComparer.Ordinal))}]";
        foreach (var member in group.Members)
            yield return $"{member.MemberId}{(member.InstanceId is null ? "" : $" ({member.InstanceId})")} {member.ClientId} {member.ClientHost}: {Text(member.Metadata)} '{Text(member.Assignment)}'";
    }

    private static TopicPartition Partition(string text) => new(text[..text.LastIndexOf('-')], int.Parse(text[(text.LastIndexOf('-') + 1)..]));

    private static string Text(byte[] bytes) => string.Concat(Encoding.UTF8.GetString(bytes).Select(c => char.IsControl(c) ? '.' : c));

    private static string Cut(string text) => text.Length > 20 ? $"{text.Length} characters" : text;

    private static string LongId(string id) => ShortId().Replace(id, match => $"{match.Groups[1].Value}-{GroupHarness.Id(int.Parse(match.Groups[2].Value))}");

    private static string ShortIds(string line) => WholeId().Replace(line, match => $"-{Convert.ToInt32(match.Groups[1].Value, 16)}");

    [GeneratedRegex(@"^(.*)-(\d+)$")]
    private static partial Regex ShortId();

    [GeneratedRegex("-00000000-0000-0000-0000-([0-9a-f]{12})")]
    private static partial Regex WholeId();
}
