using Actors.Protocol.Records;
using Xunit;

namespace Actors.Machines.Tests;

public class PartitionTranscripts
{
    public static TheoryData<string> Names() => Transcript.Names("Partition");

    [Theory]
    [MemberData(nameof(Names))]
    public void Partition(string name)
    {
        var harness = new PartitionHarness();
        Transcript.Check("Partition", name, command => Run(harness, command));
        harness.Durable();
        if (harness.Journal.ContainsKey(1))
            Assert.Equal(Comparable(harness.Machine), Comparable(harness.Recovered(fromSnapshot: false)));
        Assert.Equal(Comparable(harness.Machine), Comparable(harness.Recovered(fromSnapshot: true)));
    }

    /// <summary>The state without the marks of activity, which are not journaled.</summary>
    private static byte[] Comparable(PartitionMachine machine) => (machine.ToSnapshot() with { Activity = [] }).Write();

    private static IEnumerable<string> Run(PartitionHarness harness, TranscriptCommand command)
    {
        switch (command.Verb)
        {
            case "append":
                return Show(harness.Do(Append(command)));
            case "epoch":
                return Show(harness.Do(new StartLeaderEpoch()));
            case "configure":
                return Show(harness.Do(new Configure(harness.Machine.Configuration.With(command.Rest))));
            case "delete-before":
                return Show(harness.Do(new DeleteRecordsBefore(command.NumberAt(0))));
            case "retention":
                return Show(harness.Do(new CheckRetention()));
            case "expire-producers":
                return [.. Show(harness.Do(new ExpireProducers(command.NumberAt(0)))), $"{harness.Machine.ProducerCount} producers"];
            case "time":
                harness.Now = command.NumberAt(0);
                return [];
            case "durable":
                var moved = harness.Machine.Durable(command.Words.Count > 0 ? command.NumberAt(0) : harness.Machine.AppliedSequenceNr);
                return [$"high watermark {harness.Machine.HighWatermark}{(moved ? "" : ", unmoved")}"];
            case "snapshot-due":
                return [harness.Machine.SnapshotDue ? "yes" : "no"];
            case "snapshot":
                harness.SaveSnapshot();
                return [];
            case "delete":
                return [$"deleted up to [{string.Join(", ", harness.Delete())}], {harness.Journal.Count} events left"];
            case "restart":
                harness.Restart();
                return [State(harness.Machine)];
            case "state":
                return [State(harness.Machine)];
            case "fetch":
                return [Fetch(harness, command)];
            case "list":
                return [ListOffset(harness, command)];
            case "end-of-epoch":
                return [harness.Machine.EndOfLeaderEpoch((int)command.NumberAt(0)).ToString()];
            case "divergence":
                return [harness.Machine.Divergence((int)command.Number("epoch", -1), command.Number("offset", 0))?.ToString() ?? "none"];
            default:
                throw new InvalidOperationException($"No such command: {command.Verb}");
        }
    }

    private static AppendBatch Append(TranscriptCommand command)
    {
        var timestamps = command.List("ts").Select(long.Parse).ToList();
        var producer = command.Text("producer", "-1/-1").Split('/');
        var batch = PartitionHarness.Batch((int)command.Number("records", 1), timestamps.Count == 0 ? null : timestamps, long.Parse(producer[0]), short.Parse(producer[1]),
            (int)command.Number("seq", -1), (int)command.Number("value", 10), Enum.Parse<Compression>(command.Text("codec", "None")), command.Has("transactional"),
            command.Has("control"), command.Text("keyless") is { } keyless ? i => i != int.Parse(keyless) : _ => command.Has("keys"));
        Assert.True(BatchHeader.TryRead(batch, out var header));
        if (command.Text("base-offset") is { } offset)
            header = header with { BaseOffset = long.Parse(offset) };
        if (command.Text("count") is { } count)
            header = header with { RecordCount = int.Parse(count) };
        if (command.Has("stamped"))
            header = header with { Attributes = (short)(header.Attributes | 8) };
        if (command.Text("max-ts") is { } maxTimestamp)
        {
            RecordBatch.SetMaxTimestamp(batch, TimestampType.CreateTime, long.Parse(maxTimestamp));
            header = header with { MaxTimestamp = long.Parse(maxTimestamp) };
        }
        if (command.Text("magic") is { } magic)
            header = header with { Magic = sbyte.Parse(magic) };
        if (command.Has("cut"))
            batch = batch[..^1];
        var append = new AppendBatch(header, batch, command.Has("start-epoch")) { Partition = "orders-0" };
        return command.Has("header-only") || command.Has("cut") || RecordWalk.Check(batch, header, 1 << 20, out var walked).Error != Actors.Protocol.ErrorCode.None
            ? append
            : append with { Walked = walked };
    }

    private static IEnumerable<string> Show((object? Reply, IReadOnlyList<IMachineEvent> Events) outcome)
    {
        foreach (var @event in outcome.Events)
            yield return @event switch
            {
                BatchAppended appended => Show(appended),
                ConfigurationChanged changed => $"event ConfigurationChanged {string.Join(' ', changed.Configuration.Overrides.Select(pair => $"{pair.Key}={pair.Value}"))}",
                ProducersExpired expired => $"event ProducersExpired {string.Join(' ', expired.ProducerIds)}",
                _ => $"event {@event}",
            };
        if (outcome.Reply is AppendReply reply)
        {
            yield return $"reply AppendReply {{ Error = {reply.Error}, BaseOffset = {reply.BaseOffset}, LogAppendTimeMs = {reply.LogAppendTimeMs}, "
                + $"LogStartOffset = {reply.LogStartOffset}, Message = {reply.Message} }}";
            foreach (var rejected in reply.Rejected)
                yield return $"  {rejected}";
        }
        else if (outcome.Reply is not null)
            yield return $"reply {outcome.Reply}";
    }

    private static string Show(BatchAppended appended)
    {
        var header = appended.Header;
        Assert.Equal(Actors.Protocol.ErrorCode.None, RecordBatch.Check(appended.Batch));
        return $"event BatchAppended {header.BaseOffset}..{header.LastOffset} epoch {header.PartitionLeaderEpoch}, max timestamp {header.MaxTimestamp} {header.TimestampType}";
    }

    private static string State(PartitionMachine machine) =>
        $"log {machine.LogStartOffset}..{machine.LogEndOffset}, high watermark {machine.HighWatermark}, epoch {machine.LeaderEpoch}, {machine.ProducerCount} producers, "
        + $"{machine.Size} bytes, event {machine.AppliedSequenceNr}";

    private static string Fetch(PartitionHarness harness, TranscriptCommand command)
    {
        var offset = command.NumberAt(0);
        var plan = harness.Machine.PlanFetch(offset, (int)command.Number("max", 1_048_576), command.Has("committed"), (int)command.Number("epoch", -1));
        var batches = string.Join(' ', harness.Fetch(plan, offset).Select(header => $"{header.BaseOffset}..{header.LastOffset}"));
        return $"{plan.Error}, log start {plan.LogStartOffset}, high watermark {plan.HighWatermark}"
            + (plan.Range is { } range ? $", events {range.FromSequenceNr}..{range.ToSequenceNr}: {batches}" : ", nothing");
    }

    private static string ListOffset(PartitionHarness harness, TranscriptCommand command)
    {
        var time = command.Words[0] switch
        {
            "latest" => PartitionMachine.LatestTimestamp,
            "earliest" => PartitionMachine.EarliestTimestamp,
            "max" => PartitionMachine.MaxTimestamp,
            "earliest-local" => PartitionMachine.EarliestLocalTimestamp,
            "latest-tiered" => PartitionMachine.LatestTieredTimestamp,
            var other => long.Parse(other),
        };
        var lookup = harness.Machine.ListOffset(time, command.Has("committed"), (int)command.Number("epoch", -1));
        if (lookup.Search is null)
            return $"{lookup.Error}: timestamp {lookup.Timestamp}, offset {lookup.Offset}, epoch {lookup.LeaderEpoch}";
        var found = harness.Find(lookup.Search);
        return $"searched {string.Join(' ', lookup.Search.Ranges.Select(range => $"{range.FromSequenceNr}..{range.ToSequenceNr}"))}: {found?.ToString() ?? "nothing"}";
    }
}
