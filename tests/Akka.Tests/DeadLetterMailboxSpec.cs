using Akka.Actor;
using Xunit;

namespace Akka.Tests;

/// <summary>The mailbox of ended actors has no actor: whatever races with an end must never make it run.</summary>
public sealed class DeadLetterMailboxSpec : TestKit.Xunit2.TestKit
{
    [Fact]
    public void It_is_closed_from_the_start() => Assert.True(Sys.Mailboxes.DeadLetterMailbox.IsClosed);

    [Fact]
    public void Watching_and_stopping_actors_that_are_ending_harms_nobody()
    {
        for (var round = 0; round < 300; round++)
        {
            var ending = Sys.ActorOf(Props.Create(() => new Idle()));
            Watch(ending);
            Parallel.Invoke(() => Sys.Stop(ending), () => Sys.Stop(ending), () => ending.Tell(PoisonPill.Instance), () => Sys.Stop(ending));
            ExpectTerminated(ending);
        }
    }

    private sealed class Idle : UntypedActor
    {
        protected override void OnReceive(object message)
        {
        }
    }
}
