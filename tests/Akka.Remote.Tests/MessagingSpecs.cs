using Akka.Actor;
using Akka.Event;
using Akka.TestKit;

namespace Akka.Remote.Tests;

public sealed class MessagingSpecs : RemoteSpec
{
    [Fact]
    public void A_message_reaches_an_actor_of_another_node_and_its_answer_comes_back()
    {
        var there = StartNode();
        StartEcho(there);
        Select(there, "/user/echo").Tell("hello", TestActor);
        ExpectMsg("hello");
        Assert.Equal(AddressOf(there), LastSender.Path.Address);
    }

    [Fact]
    public async Task An_ask_is_answered()
    {
        var there = StartNode();
        StartEcho(there);
        var echo = Resolve(there, "/user/echo");
        Assert.Equal(42, await echo.Ask<int>(42, TimeSpan.FromSeconds(5)));
        Assert.Equal(1L << 40, await echo.Ask<long>(1L << 40, TimeSpan.FromSeconds(5)));
        Assert.Equal([1, 2, 3], await echo.Ask<byte[]>(new byte[] { 1, 2, 3 }, TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public async Task An_ask_that_is_answered_with_a_failure_fails()
    {
        var there = StartNode();
        StartEcho(there);
        var failure = await Assert.ThrowsAsync<ArgumentException>(() => Resolve(there, "/user/echo").Ask<string>(new Status.Failure(new ArgumentException("no such thing")), TimeSpan.FromSeconds(5)));
        Assert.Equal("no such thing", failure.Message);
    }

    [Fact]
    public void References_in_messages_lead_back_from_any_node()
    {
        var (second, third) = (StartNode("second"), StartNode("third"));
        StartEcho(second);
        StartEcho(third);
        var echo = Resolve(second, "/user/echo");
        echo.Tell(new Numbered(1, TestActor, []), TestActor);
        Assert.Equal(TestActor, ExpectMsg<Numbered>().From);
        // A reference to the third node goes to the second one and comes back as what it was.
        var far = Resolve(third, "/user/echo");
        echo.Tell(new Numbered(2, far, []), TestActor);
        Assert.Equal(far, ExpectMsg<Numbered>().From);
        // What is forwarded keeps its sender, of whatever node.
        var forwarder = second.ActorOf(Props.Create(() => new Forwarder()), "forwarder");
        Resolve(forwarder, second).Tell(new Numbered(3, far, []), TestActor);
        Assert.Equal(3, ExpectMsg<Numbered>().Number);
        Assert.Equal(AddressOf(third), LastSender.Path.Address);
    }

    private sealed class Forwarder : ReceiveActor
    {
        public Forwarder() => Receive<Numbered>(n => n.From!.Forward(n));
    }

    [Fact]
    public void A_reference_is_serialised_with_this_nodes_address()
    {
        var path = Akka.Serialization.Serialization.SerializedActorPath(TestActor);
        Assert.StartsWith(AddressOf(Sys) + "/", path);
        Assert.Equal(TestActor, Sys.Serialization.DeserializeActorRef(path));
    }

    [Fact]
    public void Messages_keep_their_order_also_when_many_send_at_once()
    {
        const int senders = 8, each = 5_000;
        var there = StartNode();
        var probe = CreateTestProbe(there);
        var target = Resolve(probe.Ref, there);
        Parallel.For(0, senders, new ParallelOptions { MaxDegreeOfParallelism = senders }, s =>
        {
            var from = Sys.ActorOf<Echo>("sender" + s);
            for (var i = 0; i < each; i++) target.Tell(i, from);
        });
        var next = new Dictionary<string, int>();
        for (var i = 0; i < senders * each; i++)
        {
            var number = probe.ExpectMsg<int>(TimeSpan.FromSeconds(10));
            var from = probe.Sender.Path.Name;
            Assert.Equal(next.GetValueOrDefault(from), number);
            next[from] = number + 1;
        }
    }

    [Fact]
    public void A_selection_with_a_pattern_reaches_all_that_fit()
    {
        var there = StartNode();
        foreach (var name in new[] { "a1", "a2", "b1" }) StartEcho(there, name);
        Select(there, "/user/a*").Tell("x", TestActor);
        ExpectMsg("x");
        ExpectMsg("x");
        ExpectNoMsg(TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public async Task A_selection_of_an_actor_that_is_not_there_resolves_to_none_at_once()
    {
        var there = StartNode();
        await Assert.ThrowsAsync<ActorNotFoundException>(() => Select(there, "/user/nobody").ResolveOne(TimeSpan.FromSeconds(30)).WaitAsync(TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public void Akkas_own_messages_do_there_what_they_do_here()
    {
        var there = StartNode();
        var victim = there.ActorOf<Echo>("victim");
        var watcher = CreateTestProbe(there);
        watcher.Watch(victim);
        Resolve(victim, there).Tell(PoisonPill.Instance);
        watcher.ExpectTerminated(victim);
        var stopped = there.ActorOf<Echo>("stopped");
        watcher.Watch(stopped);
        Sys.Stop(Resolve(stopped, there));
        watcher.ExpectTerminated(stopped);
        var killed = there.ActorOf<Echo>("killed");
        watcher.Watch(killed);
        Resolve(killed, there).Tell(Kill.Instance);
        watcher.ExpectTerminated(killed);
    }

    [Fact]
    public void A_message_without_a_bound_serialiser_is_logged_with_its_type_and_dropped()
    {
        var there = StartNode();
        StartEcho(there);
        var echo = Resolve(there, "/user/echo");
        EventFilter.Error(contains: "Akka.Remote.Tests.Unbound").ExpectOne(() => echo.Tell(new Unbound(1), TestActor));
        EventFilter.Error(contains: "this number is not written").ExpectOne(() => echo.Tell(new Numbered(-1, null, []), TestActor));
        echo.Tell("next", TestActor);
        ExpectMsg("next");
    }

    [Fact]
    public void A_message_that_cannot_be_read_there_is_logged_there_and_dropped()
    {
        var there = StartNode();
        StartEcho(there);
        var echo = Resolve(there, "/user/echo");
        new EventFilterFactory(this, there).Error(contains: "this number is not read").ExpectOne(() => echo.Tell(new Numbered(-2, null, []), TestActor));
        echo.Tell("next", TestActor);
        ExpectMsg("next");
    }

    [Fact]
    public void A_message_over_the_maximum_frame_size_is_dropped_and_the_next_one_arrives()
    {
        var there = StartNode();
        StartEcho(there);
        var echo = Resolve(there, "/user/echo");
        EventFilter.Error(contains: "Discarding oversized payload").ExpectOne(() => echo.Tell(new Numbered(1, null, new byte[128_000]), TestActor));
        echo.Tell(new Numbered(2, null, new byte[127_000]), TestActor);
        Assert.Equal(127_000, ExpectMsg<Numbered>().Payload.Length);
    }

    [Fact]
    public void What_is_said_to_a_node_that_is_not_there_becomes_dead_letters()
    {
        var there = StartNode();
        var address = AddressOf(there);
        End(there);
        Sys.EventStream.Subscribe(TestActor, typeof(DeadLetter));
        Sys.ActorSelection(address + "/user/echo").Tell("lost", CreateTestProbe().Ref);
        var letter = ExpectMsg<DeadLetter>(TimeSpan.FromSeconds(5));
        Assert.Equal("lost", letter.Message);
    }

    [Fact]
    public void A_selection_that_leads_above_the_root_reaches_nobody_and_hurts_nothing()
    {
        var there = StartNode();
        StartEcho(there);
        Sys.EventStream.Subscribe(TestActor, typeof(DisassociatedEvent));
        Resolve(there, "/user/echo");
        Select(there, "/user/../../../../x").Tell("to nobody", TestActor);
        Select(there, "/user/../../..").Tell("to nobody", TestActor);
        Select(there, "/user/none/../echo").Tell("to nobody either", TestActor);
        Select(there, "/user/echo/../echo").Tell("by a detour", TestActor);
        ExpectMsg("by a detour");
        ExpectNoMsg(TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public async Task Nobody_is_found_at_once_where_no_node_is()
    {
        var there = StartNode();
        var address = AddressOf(there);
        End(there);
        await Assert.ThrowsAsync<ActorNotFoundException>(() => Sys.ActorSelection(address + "/user/echo").ResolveOne(TimeSpan.FromMinutes(1)).WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void A_port_that_is_taken_fails_the_second_system_and_is_named()
    {
        var taken = AddressOf(Sys).Port!.Value;
        var failure = Assert.ThrowsAny<Exception>(() => StartNode(port: taken));
        Assert.Contains(taken.ToString(), (failure is AggregateException all ? all.InnerException! : failure).Message);
    }
}
