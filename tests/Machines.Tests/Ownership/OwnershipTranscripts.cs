using System.Globalization;
using Xunit;

namespace Actors.Machines.Tests;

public class OwnershipTranscripts
{
    private OwnershipMachine _machine = new(OwnershipSettings.Default, 1, TimeSpan.Zero);

    public static TheoryData<string> Names() => Transcript.Names("Ownership");

    [Theory]
    [MemberData(nameof(Names))]
    public void Ownership(string name) => Transcript.Check("Ownership", name, Run);

    [Theory]
    [InlineData(499, 50, 50, "The lease of 00:00:00.4990000 is not between 500 ms and 60 s.")]
    [InlineData(60_001, 500, 6_000, "The lease of 00:01:00.0010000 is not between 500 ms and 60 s.")]
    [InlineData(3_000, 601, 300, "The renewal interval of 00:00:00.6010000 is not between 20 ms and a fifth of the lease (00:00:00.6000000).")]
    [InlineData(3_000, 500, 29, "The margin of 00:00:00.0290000 is not between 1% and 25% of the lease (00:00:00.0300000 to 00:00:00.7500000).")]
    [InlineData(3_000, 500, 300, null)]
    public void Times_have_bounds(int lease, int renewal, int margin, string? fault)
    {
        var settings = new OwnershipSettings(Ms(lease), Ms(renewal), Ms(margin));
        Assert.Equal(fault, settings.Fault);
        if (fault is not null)
            Assert.Throws<ArgumentException>(() => new OwnershipMachine(settings, 1, TimeSpan.Zero));
    }

    private IEnumerable<string> Run(TranscriptCommand command)
    {
        var at = Ms(command.Number("at", 0));
        switch (command.Verb)
        {
            case "begin":
                _machine = new OwnershipMachine(OwnershipSettings.Default, 1, at);
                break;
            case "renewed":
                _machine.Renewed(Ms(command.Number("start", 0)), Ms(command.Number("end", 0)), !command.Has("refused"));
                break;
            case "renewal-failed":
                _machine.RenewalFailed(at);
                break;
            case "read":
                _machine.Read(Ms(command.Number("start", 0)), Ms(command.Number("end", 0)), Rows(command));
                break;
            case "read-failed":
                _machine.ReadFailed(at);
                break;
            case "refused":
                _machine.ConnectionRefused(command.NumberAt(0), at);
                break;
            case "take":
                var verdict = _machine.MayTakeFrom(command.NumberAt(0), at);
                return [$"{verdict.Verdict}{(verdict.MayPutOut ? $" at {verdict.Counter}" : "")}"];
            case "steps":
                return [string.Join(" > ", Steps(command))];
            case "next":
                var due = _machine.Next(at);
                return [$"{due.Task}{(due.Task == OwnershipTask.Wait ? $" until {(due.At == TimeSpan.MaxValue ? "the end" : Text(due.At))}" : "")}"];
            default:
                throw new InvalidOperationException($"No such command: {command.Verb}");
        }
        return [_machine.IsFenced ? "fenced" : $"holds until {Text(_machine.Deadline)}",
            .. _machine.Peers.Select(peer => $"{peer.Row.Uid}: {peer.Row.Counter} {peer.Row.State} since {Text(peer.Since)}{(peer.Expired ? " expired" : "")}{(peer.Refused ? " refused" : "")}")];
    }

    /// <summary>The peers as <c>UID=COUNTER[:STATE]</c>; the own row stands unless <c>without-own</c>.</summary>
    private static NodeLeaseRow[] Rows(TranscriptCommand command)
    {
        _ = (command.Text("start"), command.Text("end"));
        var peers = command.Rest.Select(pair => (Uid: long.Parse(pair.Key, CultureInfo.InvariantCulture), Parts: pair.Value.Split(':')))
            .Select(peer => new NodeLeaseRow(peer.Uid, (int)peer.Uid, long.Parse(peer.Parts[0], CultureInfo.InvariantCulture), peer.Parts.Length == 1 ? LeaseState.Live : Enum.Parse<LeaseState>(peer.Parts[1])));
        return [.. command.Has("without-own") ? [] : new[] { new NodeLeaseRow(1, 1, 1, command.Has("own-condemned") ? LeaseState.Condemned : LeaseState.Live) }, .. peers];
    }

    private static IEnumerable<TakeoverStep> Steps(TranscriptCommand command)
    {
        var step = Takeover.First(Enum.Parse<LeaseState>(command.Words[0]));
        for (; step is not (TakeoverStep.TakeRows or TakeoverStep.GiveUp); step = Takeover.After(step, Enum.Parse<LeaseState>(command.Text("condemned", "Condemned"))))
            yield return step;
        yield return step;
    }

    private static TimeSpan Ms(long milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    private static string Text(TimeSpan time) => time.TotalMilliseconds.ToString(CultureInfo.InvariantCulture);
}
