using Actors.Broker.Groups;
using Actors.Machines;

namespace Actors.Broker.Events;

/// <summary>How what happened in a group, and its generation, are written for another node.</summary>
internal static class GroupEventFormat
{
    private const byte Version = 1;
    private const byte Joined = 1, Left = 2, Rebalance = 3, Generation = 4, Assigned = 5;

    public static byte[] Write(GroupEvent happened)
    {
        var writer = new StateWriter(Version);
        writer.String(happened.Group);
        writer.Long(happened.At);
        switch (happened.Change)
        {
            case MemberJoined joined:
                writer.Byte(Joined);
                Member(writer, joined.MemberId, joined.InstanceId, joined.ClientId, joined.ClientHost);
                break;
            case MemberLeft left:
                writer.Byte(Left);
                Member(writer, left.MemberId, left.InstanceId, left.ClientId, left.ClientHost);
                writer.String(left.Reason);
                break;
            case RebalanceStarted started:
                writer.Byte(Rebalance);
                writer.Int(started.GenerationId);
                break;
            case GenerationStarted started:
                writer.Byte(Generation);
                writer.Int(started.GenerationId);
                writer.String(started.ProtocolName);
                writer.String(started.LeaderId);
                writer.Int(started.Members);
                break;
            case GenerationAssigned assigned:
                writer.Byte(Assigned);
                writer.Int(assigned.GenerationId);
                writer.String(assigned.ProtocolName);
                writer.List(assigned.Members, static (w, member) =>
                {
                    Member(w, member.MemberId, member.InstanceId, member.ClientId, member.ClientHost);
                    w.Bool(member.Partitions is not null);
                    if (member.Partitions is { } partitions)
                        Partitions(w, partitions);
                });
                break;
            default:
                throw new ArgumentException($"{happened.Change.GetType()} is nothing that happens in a group");
        }
        return writer.ToArray();
    }

    public static GroupEvent Read(byte[] bytes)
    {
        var reader = new StateReader(bytes, "Group news", Version);
        var (group, at, kind) = (reader.String(), reader.Long(), reader.Byte());
        GroupChange change = kind switch
        {
            Joined => new MemberJoined(reader.String(), reader.StringOrNull(), reader.String(), reader.String()),
            Left => new MemberLeft(reader.String(), reader.StringOrNull(), reader.String(), reader.String(), reader.String()),
            Rebalance => new RebalanceStarted(reader.Int()),
            Generation => new GenerationStarted(reader.Int(), reader.StringOrNull(), reader.StringOrNull(), reader.Int()),
            Assigned => new GenerationAssigned(reader.Int(), reader.StringOrNull(), reader.List(static (ref StateReader r) =>
                new AssignedMember(r.String(), r.StringOrNull(), r.String(), r.String(), r.Bool() ? Partitions(ref r) : null))),
            _ => throw new UnreadableStateException($"Nothing of kind {kind} happens in a group."),
        };
        reader.End();
        return new GroupEvent(group, at, change);
    }

    public static byte[] Write(AskGroupGeneration ask)
    {
        var writer = new StateWriter(Version);
        writer.String(ask.Group);
        return writer.ToArray();
    }

    public static AskGroupGeneration ReadAsk(byte[] bytes)
    {
        var reader = new StateReader(bytes, "Question for a generation", Version);
        var ask = new AskGroupGeneration(reader.String());
        reader.End();
        return ask;
    }

    public static byte[] Write(GroupGeneration answer)
    {
        var writer = new StateWriter(Version);
        writer.Bool(answer.GenerationId is not null);
        writer.Int(answer.GenerationId ?? 0);
        return writer.ToArray();
    }

    public static GroupGeneration ReadGeneration(byte[] bytes)
    {
        var reader = new StateReader(bytes, "Generation", Version);
        var (isKnown, generation) = (reader.Bool(), reader.Int());
        reader.End();
        return new GroupGeneration(isKnown ? generation : null);
    }

    private static void Member(StateWriter writer, string id, string? instance, string clientId, string host)
    {
        writer.String(id);
        writer.String(instance);
        writer.String(clientId);
        writer.String(host);
    }

    /// <summary>A topic's name once for its run of partitions: a message between nodes has a largest size.</summary>
    private static void Partitions(StateWriter writer, IReadOnlyList<TopicPartition> partitions) =>
        writer.List([.. Runs(partitions)], static (w, run) =>
        {
            w.String(run.Topic);
            w.List(run.Partitions, static (w, partition) => w.Int(partition));
        });

    private static TopicPartition[] Partitions(ref StateReader reader) =>
        [.. reader.List(static (ref StateReader r) => (Topic: r.String(), Partitions: r.List(static (ref StateReader r) => r.Int())))
            .SelectMany(run => run.Partitions.Select(partition => new TopicPartition(run.Topic, partition)))];

    private static IEnumerable<(string Topic, List<int> Partitions)> Runs(IReadOnlyList<TopicPartition> partitions)
    {
        (string Topic, List<int> Partitions)? run = null;
        foreach (var (topic, partition) in partitions)
        {
            if (run is { } going && going.Topic == topic)
            {
                going.Partitions.Add(partition);
                continue;
            }
            if (run is { } ended)
                yield return ended;
            run = (topic, [partition]);
        }
        if (run is { } last)
            yield return last;
    }
}
