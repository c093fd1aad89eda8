using Actors.Protocol;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Actors.Machines.Tests;

/// <summary>Consumers that come, go, crash, come back under their instance id and are slow, in every order, with the group's actor restarting among them.</summary>
public class GroupProperties
{
    private enum Step
    {
        Start,
        StartStatic,
        Act,
        ActAgain,
        ActOften,
        Leave,
        Crash,
        Wait,
        WaitLong,
        Restart,
    }

    [Fact]
    public void Groups_settle_whatever_happened_before() => Settles(new GroupSettings(NewMemberJoinTimeoutMs: 60_000)).QuickCheckThrowOnFailure();

    [Fact]
    public void Groups_with_an_initial_delay_settle_too() => Settles(new GroupSettings(InitialRebalanceDelayMs: 3_000)).QuickCheckThrowOnFailure();

    private static Property Settles(GroupSettings settings)
    {
        var weights = new[] { Step.Start, Step.StartStatic, Step.Act, Step.Act, Step.ActAgain, Step.ActOften, Step.ActOften, Step.Leave, Step.Crash, Step.Wait, Step.Wait, Step.WaitLong };
        var step = Gen.Choose(0, 99_999).Select(number => (Step: number % 40 == 39 ? Step.Restart : weights[number % weights.Length], Number: number / 40));
        return Prop.ForAll(Arb.From(step.ListOf(120).Select(list => list.ToList()), Shrink), run =>
        {
            var world = new World(settings);
            foreach (var (kind, number) in run)
                world.Do(kind, number);
            world.Settle();
        });
    }

    private static IEnumerable<List<(Step, int)>> Shrink(List<(Step, int)> run)
    {
        for (var length = run.Count / 2; length > 0; length /= 2)
            for (var at = 0; at + length <= run.Count; at += length)
                yield return [.. run.Take(at), .. run.Skip(at + length)];
    }

    private sealed class World(GroupSettings settings)
    {
        private const int MaxClients = 6;
        private readonly GroupHarness _group = new(settings);
        private readonly List<GroupClient> _clients = [];
        private readonly Dictionary<long, GroupClient> _waiting = [];
        private readonly Dictionary<int, string> _leaders = [];
        private readonly Dictionary<int, string?> _protocols = [];
        private int _ids;
        private long _tokens;

        private List<GroupClient> Alive => [.. _clients.Where(client => client.IsAlive)];

        public void Do(Step step, int number)
        {
            var alive = Alive;
            switch (step)
            {
                case Step.Start when alive.Count < MaxClients:
                    _clients.Add(new GroupClient(_clients.Count, null, isOld: number % 4 == 0));
                    break;
                case Step.StartStatic when alive.Count < MaxClients:
                    _clients.Add(new GroupClient(_clients.Count, $"i{number % 2}", isOld: number % 5 == 0));
                    break;
                case Step.Act or Step.ActAgain when alive.Count > 0:
                    Act(alive[number % alive.Count]);
                    break;
                case Step.ActOften:
                    foreach (var client in alive)
                        Act(client);
                    break;
                case Step.Leave when alive.Count > 0:
                    var leaving = alive[number % alive.Count];
                    leaving.IsAlive = false;
                    if (leaving.MemberId.Length > 0)
                        Send(null, new LeaveGroup([new LeavingMember(leaving.MemberId, leaving.Instance)]));
                    break;
                case Step.Crash when alive.Count > 0:
                    alive[number % alive.Count].IsAlive = false;
                    break;
                case Step.Wait:
                    Wait(number % 1_000);
                    break;
                case Step.WaitLong:
                    Wait(number % 10_000);
                    break;
                case Step.Restart:
                    Restart();
                    break;
            }
            CheckState();
        }

        /// <summary>The dead stay dead, the living do what they should: in bounded time all of them, and they alone, share one generation.</summary>
        public void Settle()
        {
            foreach (var client in _clients)
                client.Joins = 0;
            const int Seconds = 70;
            for (var second = 0; second < Seconds; second++)
            {
                for (var round = 0; round < 3; round++)
                    foreach (var client in Alive)
                        Act(client);
                Wait(1_000);
                CheckState();
            }
            // Kept heartbeats are answered before the sessions end.
            Wait(3_000);
            var alive = Alive;
            Assert.Empty(_waiting);
            Assert.Equal(alive.Count == 0, _group.Machine.Phase is GroupPhase.Empty or GroupPhase.Dead);
            Assert.All(alive, client => Assert.True(client.IsStable, $"{client}; group {_group.Machine.Phase} {_group.Machine.GenerationId}"));
            Assert.All(alive, client => Assert.Equal((_group.Machine.GenerationId, _group.Machine.State.ProtocolName), (client.Generation, client.Protocol)));
            Assert.Equal(alive.Select(client => client.MemberId).Order(StringComparer.Ordinal), _group.Machine.State.Members.Keys);
            // Each death may cost the living one rebalance, and a rebalance one join, two for who must get an id.
            Assert.All(alive, client => Assert.InRange(client.Joins, 0, 4 + _clients.Count - alive.Count));
            if (alive.Count > 0)
                Assert.Equal(GroupPhase.Stable, _group.Recovered().Phase);
            Assert.Equal(_group.Machine.ToSnapshot().Write(), _group.Recovered().ToSnapshot().Write());
        }

        private void Act(GroupClient client)
        {
            if (client.Next(_tokens + 1, GroupHarness.Id(_ids + 1)) is not { } command)
                return;
            _ids++;
            if (MayWait(command))
                _waiting.Add(++_tokens, client);
            Send(client, command);
        }

        private static bool MayWait(GroupCommand command) => command is JoinGroup or SyncGroup or Heartbeat { Token: not null };

        private void Send(GroupClient? sender, GroupCommand command)
        {
            var (_, released, reply) = _group.Do(command);
            Deliver(released, MayWait(command) ? _tokens : 0);
            if (reply is GroupReply answer and not LeaveReply && sender is { IsAlive: true })
                sender.Answered(answer);
        }

        private void Deliver(IEnumerable<ReleasedReply> released, long own)
        {
            foreach (var (token, reply) in released)
            {
                Assert.True(_waiting.Remove(token, out var client), $"Token {token} was answered twice: {reply}");
                // Who waits for the group is not thrown out for not heartbeating meanwhile.
                Assert.False(token != own && client.IsAlive && reply is GroupReply { Error: ErrorCode.UnknownMemberId }, $"{client} waited and got {reply}");
                if (reply is JoinReply { Error: ErrorCode.None } join)
                    CheckGeneration(join);
                if (client.IsAlive)
                    client.Answered(reply);
            }
        }

        private void CheckGeneration(JoinReply join)
        {
            if (_protocols.TryGetValue(join.GenerationId, out var protocol))
                Assert.Equal(protocol, join.ProtocolName);
            _protocols[join.GenerationId] = join.ProtocolName;
            // Who is told to skip the assignment leads in name only.
            if (join.Leader != join.MemberId || join.SkipAssignment || join.Members.Count == 0)
                return;
            if (_leaders.TryGetValue(join.GenerationId, out var leader))
                Assert.Equal(leader, join.MemberId);
            _leaders[join.GenerationId] = join.MemberId;
        }

        private void Wait(long milliseconds)
        {
            var until = _group.Now + milliseconds;
            while (_group.NextTimer(until) is { } timer)
                Send(null, timer.Command);
        }

        private void Restart()
        {
            Deliver(_group.Machine.AnswerParked(ErrorCode.NotCoordinator), 0);
            Assert.Empty(_waiting);
            _leaders.Clear();
            _protocols.Clear();
            _group.Restart();
        }

        private void CheckState()
        {
            var state = _group.Machine.State;
            Assert.Equal(state.Members.Values.Count(member => member.JoinToken is not null), state.AwaitingJoin);
            Assert.Equal(_waiting.Keys.Order(), state.Members.Values.SelectMany(member => new[] { member.JoinToken, member.SyncToken, member.HeartbeatToken }).OfType<long>().Order());
            Assert.Equal(state.Members.Values.Where(member => member.InstanceId is not null).Select(member => (member.InstanceId!, member.MemberId)).Order(),
                state.Static.Select(pair => (pair.Key, pair.Value)).Order());
            Assert.Subset(state.Members.Keys.ToHashSet(), state.PendingSync.ToHashSet());
            Assert.Empty(state.Pending.Intersect(state.Members.Keys));
            Assert.True(state.Members.IsEmpty ? state.LeaderId is null : state.Members.ContainsKey(state.LeaderId ?? ""), $"leader {state.LeaderId} in {state.Phase}");
            Assert.Equal(state.Phase == GroupPhase.PreparingRebalance, _group.Timers.Contains("join"));
            Assert.Equal(!state.PendingSync.IsEmpty, _group.Timers.Contains("sync"));
            foreach (var member in state.Members.Values.Where(member => (member.JoinToken ?? member.SyncToken) is null))
                Assert.Contains($"session:{member.MemberId}", _group.Timers);
            Assert.Equal(state.Members.Values.Where(member => member.HeartbeatToken is not null).Select(member => $"heartbeat:{member.MemberId}"),
                _group.Timers.Where(timer => timer.StartsWith("heartbeat:", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
            Assert.True(state.Phase == GroupPhase.Stable || state.Members.Values.All(member => member.HeartbeatToken is null), "a heartbeat is kept though there is news");
            foreach (var pending in state.Pending)
                Assert.Contains($"pending:{pending}", _group.Timers);
        }
    }
}
