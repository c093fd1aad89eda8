using System.Diagnostics;
using Akka.Actor;
using Xunit.Abstractions;

namespace Akka.Remote.Tests;

public sealed class RateSpecs(ITestOutputHelper output) : RemoteSpec("akka.remote.outbound-message-queue-size = 2000000")
{
    private sealed class Counting : ReceiveActor
    {
        private int _count;

        public Counting(int last, IActorRef done)
        {
            Receive<int>(n =>
            {
                _count++;
                if (n == last) done.Tell(_count);
            });
        }
    }

    [Fact]
    public void Small_messages_flow_at_a_hundred_thousand_a_second()
    {
        var isLong = Environment.GetEnvironmentVariable("ACTORS_LONG") == "1";
        var messages = isLong ? 1_000_000 : 50_000;
        var there = StartNode();
        var here = TestActor;
        there.ActorOf(Props.Create(() => new Counting(messages, here)), "counting");
        var target = Resolve(there, "/user/counting");
        target.Tell(0, TestActor);
        var clock = Stopwatch.StartNew();
        for (var i = 1; i <= messages; i++) target.Tell(i, TestActor);
        Assert.Equal(messages + 1, ExpectMsg<int>(TimeSpan.FromSeconds(30)));
        var rate = messages / clock.Elapsed.TotalSeconds;
        output.WriteLine($"{messages} messages at {rate:N0}/s");
        // Short runs share a busy machine with other tests: they only show that nothing is lost.
        if (isLong) Assert.True(rate >= 100_000, $"{rate:N0}/s");
    }
}
