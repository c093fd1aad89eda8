using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;

namespace Akka.Cluster.Tests.Tools;

/// <summary>What is published on one node reaches the topic's subscribers on all.</summary>
public sealed class PubSubSpecs() : ClusterSpec(new SqliteClusterDatabase())
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    private ActorSystem Node() => StartUp("", "akka.cluster.pub-sub.gossip-interval = 100ms");

    private static IActorRef Mediator(ActorSystem system) => DistributedPubSub.Get(system).Mediator;

    private static (IActorRef Actor, ConcurrentQueue<string> Heard) Subscribed(ActorSystem system, string topic)
    {
        var heard = new ConcurrentQueue<string>();
        var actor = system.ActorOf(Props.Create(() => new Listener(heard)));
        Assert.Equal(topic, Mediator(system).Ask<SubscribeAck>(new Subscribe(topic, actor), Soon).GetAwaiter().GetResult().Subscribe.Topic);
        return (actor, heard);
    }

    private static void AwaitTopics(ActorSystem system, params string[] topics) => Await(
        () => Mediator(system).Ask<CurrentTopics>(GetTopics.Instance, Soon).GetAwaiter().GetResult().Topics.SetEquals(topics),
        () => string.Join(", ", Mediator(system).Ask<CurrentTopics>(GetTopics.Instance, Soon).GetAwaiter().GetResult().Topics));

    [Fact]
    public void A_message_reaches_every_subscriber_of_its_topic_once_and_nobody_else()
    {
        var nodes = new[] { Node(), Node(), Node() };
        var subscribers = nodes.Select(node => Subscribed(node, "news").Heard).Append(Subscribed(nodes[0], "news").Heard).ToList();
        var other = Subscribed(nodes[1], "weather").Heard;
        foreach (var node in nodes) AwaitTopics(node, "news", "weather");
        for (var i = 0; i < 100; i++) Mediator(nodes[2]).Tell(new Publish("news", $"{i}"));
        var expected = Enumerable.Range(0, 100).Select(number => $"{number}").ToList();
        Assert.All(subscribers, heard =>
        {
            Await(() => heard.Count >= 100, () => string.Join(", ", heard));
            Assert.Equal(expected, heard);
        });
        Assert.Empty(other);
    }

    [Fact]
    public void Who_unsubscribes_or_stops_hears_no_more()
    {
        var nodes = new[] { Node(), Node() };
        var (leaver, left) = Subscribed(nodes[1], "news");
        var (stopper, _) = Subscribed(nodes[1], "weather");
        AwaitTopics(nodes[0], "news", "weather");
        Mediator(nodes[0]).Tell(new Publish("news", "first"));
        Await(() => left.Count == 1, () => string.Join(", ", left));
        Mediator(nodes[1]).Ask<UnsubscribeAck>(new Unsubscribe("news", leaver), Soon).Wait();
        nodes[1].Stop(stopper);
        AwaitTopics(nodes[0]);
        Mediator(nodes[0]).Tell(new Publish("news", "second"));
        Assert.True(leaver.Ask<string>("are you there", Soon).Wait(Soon));
        Assert.Equal(["first"], left);
    }

    [Fact]
    public void Nodes_that_come_are_told_the_topics_and_those_that_die_are_forgotten()
    {
        var first = Node();
        var (_, heard) = Subscribed(first, "news");
        var second = Node();
        AwaitTopics(second, "news");
        Mediator(second).Tell(new Publish("news", "hello"));
        Await(() => heard.Contains("hello"), () => string.Join(", ", heard));
        Subscribed(second, "weather");
        AwaitTopics(first, "news", "weather");
        Kill(second);
        AwaitUp(first);
        AwaitTopics(first, "news");
    }

    private sealed class Listener : ReceiveActor
    {
        public Listener(ConcurrentQueue<string> heard)
        {
            Receive<string>(text => text == "are you there", _ => Sender.Tell("yes"));
            Receive<string>(heard.Enqueue);
        }
    }
}
